"""What the site needs beside its pages: files of the root, the notebook, equations as MathML."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
OF_THE_ROOT = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
# Links are written for the repository, where they work too: as there, as in the site.
IN_THE_SITE = [
    (re.compile(r"\]\(\.\./README\.md"), "](index.md"),
    (re.compile(r"\]\(\.\./(CONTRIBUTING|CHANGELOG)\.md"), lambda m: f"]({m[1].lower()}.md"),
    (re.compile(r"\]\((\w[\w-]*)\.ipynb"), r"](\1.md"),
]
MATH = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\[(\[](?P<tex>.*?)\\[)\]]</(?P=tag)>', re.DOTALL
)
TAG = re.compile(r"\\tag\{(.*?)\}")
STYLE = re.compile(r"<style.*?</style>", re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are no Markdown files of docs/."""
    for name, page in OF_THE_ROOT.items():
        text = (ROOT / name).read_text().replace("](docs/", "](")
        files.append(File.generated(config, page, content=text))
    for notebook in sorted(Path(config.docs_dir).glob("*.ipynb")):
        text = markdown_of(json.loads(notebook.read_text()))
        files.append(File.generated(config, f"{notebook.stem}.md", content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    for pattern, replacement in IN_THE_SITE:
        markdown = pattern.sub(replacement, markdown)
    return markdown


def on_page_content(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """TeX becomes MathML, which browsers draw without a script."""
    return MATH.sub(mathml, content)


def mathml(match: re.Match[str]) -> str:
    """An equation; one of a line of its own has its number, ``\\tag{8}``, at the right."""
    tex = html.unescape(match["tex"])
    if match["tag"] == "span":
        return convert(tex)
    number = TAG.search(tex)
    equation = convert(TAG.sub("", tex).strip(), display="block")
    shown = f"<span>({number[1]})</span>" if number else ""
    return f'<div class="equation">{equation}{shown}</div>'


def markdown_of(notebook: dict) -> str:
    """A notebook's cells and their outputs, one after the other."""
    parts = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            parts.append(f"```python\n{source}\n```")
            parts += [shown for output in cell["outputs"] for shown in output_of(output)]
        else:
            parts.append(source)
    return "\n\n".join(parts) + "\n"


def output_of(output: dict) -> list[str]:
    """One output of a cell: its picture, its table, or its text."""
    data = output.get("data", {})
    if "image/png" in data:
        picture = "".join(data["image/png"]).replace("\n", "")
        return [f"![Output of the cell above](data:image/png;base64,{picture})"]
    if "text/html" in data:  # a table of pandas; a blank line would end it
        table = STYLE.sub("", "".join(data["text/html"])).replace(' class="dataframe"', "")
        return ["\n".join(line for line in table.splitlines() if line.strip())]
    text = "".join(output.get("text", data.get("text/plain", [])))
    return [f"```text\n{text.rstrip()}\n```"] if text.strip() else []
