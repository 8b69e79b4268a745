"""A table of text as LaTeX: booktabs, columns of siunitx, the best values bold."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection

import pandas as pd

_NEEDS = r"% In the preamble: \usepackage{booktabs} and \usepackage{siunitx}"
_NUMBER = re.compile(r"[-−]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?%?")
_NUMBERED = re.compile(r"Table [IVXLC]+: ")
_COLUMNS_OF_HALF_A_PAGE = 5
_HEAD_WIDTH = 14  # characters
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "×": r"$\times$",
    "−": r"$-$",
    **{c: "\\" + c for c in "&%$#_{}"},
}


def latex_table(
    table: pd.DataFrame, caption: str, label: str, bold: Collection[tuple[int, str]] = ()
) -> str:
    """``table`` as a floating table, across both columns of the page where it is wide.

    Columns of numbers are aligned at their points (siunitx); a percent sign moves into the head.
    ``caption``: plain text; "Table III: " at its front is left out, since LaTeX numbers tables
    itself. ``bold``: cells as (row from 0, column).
    """
    columns = {name: [str(cell) for cell in table[name]] for name in table.columns}
    numbers = {name for name, cells in columns.items() if _are_numbers(cells)}
    shares = {name for name in numbers if any(cell.endswith("%") for cell in columns[name])}
    specs, heads = [], []
    for name, cells in columns.items():
        specs.append(_number_column(cells) if name in numbers else "l")
        heads.append(_head(f"{name} (%)" if name in shares else str(name)))
    rows = []
    for i in range(len(table)):
        cells = []
        for name, texts in columns.items():
            cell = _digits(texts[i]) if name in numbers else escaped(texts[i])
            cells.append(rf"\bfseries {cell}" if (i, name) in bold else cell)
        rows.append(" & ".join(cells) + r" \\")
    environment = "table*" if len(columns) > _COLUMNS_OF_HALF_A_PAGE else "table"
    return "\n".join(
        [
            _NEEDS,
            rf"\begin{{{environment}}}[tbp]",
            r"\centering\footnotesize\setlength{\tabcolsep}{4pt}",
            rf"\caption{{{escaped(unnumbered(caption))}}}",
            rf"\label{{{label}}}",
            rf"\begin{{tabular}}{{{' '.join(specs)}}}",
            r"\toprule",
            " & ".join(heads) + r" \\",
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            rf"\end{{{environment}}}",
            "",
        ]
    )


def unnumbered(caption: str) -> str:
    """``caption`` without "Table III: " at its front."""
    rest = _NUMBERED.sub("", caption, count=1) if _NUMBERED.match(caption) else caption
    return rest[:1].upper() + rest[1:]


def escaped(text: str) -> str:
    """Plain text to LaTeX."""
    return "".join(_SPECIAL.get(c, c) for c in text)


def _head(name: str) -> str:
    """Head of a column, on as many lines as keep it narrow; in braces, as siunitx wants it.

    Columns "NAME, 95 %" stand beside column NAME, and are headed "95 %".
    """
    short = "95 %" if name.endswith(", 95 %") else name
    lines = [escaped(line) for line in textwrap.wrap(short, _HEAD_WIDTH, break_long_words=False)]
    stacked = r"\shortstack{" + r" \\ ".join(lines) + "}"
    return "{" + (stacked if len(lines) > 1 else lines[0]) + "}"


def _are_numbers(cells: list[str]) -> bool:
    """Whether every cell is a number or empty, and one is a number."""
    filled = [cell for cell in cells if cell not in ("", "nan")]
    return bool(filled) and all(_NUMBER.fullmatch(cell) for cell in filled)


def _digits(cell: str) -> str:
    """A number as siunitx reads it; nothing where nothing is known."""
    if cell in ("", "nan"):
        return "{--}"
    return cell.replace("−", "-").replace(",", "").removesuffix("%")


def _number_column(cells: list[str]) -> str:
    """A column that has room for the longest of its numbers before and behind the point."""
    numbers = [_digits(cell) for cell in cells if cell not in ("", "nan")]
    whole = max(len(number.lstrip("-").split(".")[0]) for number in numbers)
    behind = max(len(number.partition(".")[2]) for number in numbers)
    sign = "-" if any(number.startswith("-") for number in numbers) else ""
    return f"S[table-format={sign}{whole}.{behind}, detect-weight]"
