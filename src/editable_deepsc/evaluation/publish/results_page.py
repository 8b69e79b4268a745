"""A run as one page in Markdown (docs/results.md), and the few numbers of it in the README.

Nothing on the page is written by hand, except why a claim does not hold or is undecided: those
paragraphs come from ``workflow/report/why.md`` and appear only below a claims table that says so.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pandas as pd

from .equal_bandwidth import bandwidth_paragraphs
from .names import system_name, system_order

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"

# Column of metrics.csv -> title, digits after the point, and which end is the better one.
METRICS = {
    "lpips": ("LPIPS to the original", 3, "lower"),
    "dists": ("DISTS to the original", 3, "lower"),
    "fid": ("FID to independent real faces", 2, "lower"),
    "kid": ("KID to independent real faces", 4, "lower"),
    "fid_paired": ("Paired FID, to the originals themselves as in the paper", 2, "lower"),
    "kid_paired": ("Paired KID, to the originals themselves as in the paper", 4, "lower"),
    "edit_success": ("Edit success", 3, "higher"),
    "edit_exact": ("Share of edits with exactly the expected degree", 3, "higher"),
    "edit_within_one": ("Share of edits within one degree of the expected one", 3, "higher"),
    "drift": ("Drift of the other attributes, in degrees", 3, "lower"),
    "identity": ("Similarity to the original face by the judging recogniser", 3, "higher"),
    "lpips_truth": ("LPIPS to the true edit", 3, "lower"),
    "dists_truth": ("DISTS to the true edit", 3, "lower"),
    "psnr_truth_db": ("PSNR to the true edit, dB", 2, "higher"),
    "ssim": ("SSIM to the original", 3, "higher"),
    "psnr_db": ("PSNR to the original, dB", 2, "higher"),
    "outage": ("Share of images that could not be decoded", 3, None),
}
# What a claim's verdict is called in a sentence, of one claim and of several.
_SAID = {
    "yes": ("held here", "held here"),
    "no": ("did not", "did not"),
    "undecided": ("is undecided", "are undecided"),
    "not tested": ("was not tested", "were not tested"),
}
_EDITORS = {"jecc": "Editable-DeepSC", "talk2edit": "Talk-to-Edit"}
# Rows of quality.csv that are no system, and what their rows are called in a table.
_ENDS = {"no edit": "No edit", "true edit": "True edit"}
_OF_EDITORS = (  # columns of the table of both editors
    *("edit_success", "edit_exact", "edit_within_one", "drift", "identity"),
    *("lpips", "dists", "kid", "lpips_truth", "dists_truth", "psnr_truth_db"),
)
MEANING = """\
LPIPS, DISTS, SSIM, PSNR and similarity compare with the *original* face, as the paper does.
This rewards a system that edits nothing: the row `No edit` is the original itself. The true
edit is known where faces are rendered, and `to the true edit` compares with it; the row `True
edit` is what a perfect system would score. LPIPS has the mean distance of two different
rendered faces (photo style) as its unit. It guided the inversion and trained adapters; DISTS
looks through a network that guided nothing. FID and KID compare with independent faces of the
same kind, of photographs with the train split; the paired ones compare the received faces with
their own originals, as the paper does, so that KID is below 0 for faces that are hardly
changed. The degree of an attribute is read off by an evaluator network that never guided any
system. An edit is a success if the evaluator's degree is within one of the expected one and
nearer to it than in the original, and the face is still the same person's: more similar to the
original than the 5th percentile of pairs of one identity with other attributes, by a recogniser
that never guided any system. An image that could not be decoded is an outage; a grey square
with a cross counts in its place, which is farther from a face than any other face is. Where one
end is better, the best value of each column is in bold. LPIPS, DISTS, FID and KID are computed
on networks that were trained on rendered faces: compare systems with them, not with published
values."""


@dataclass(frozen=True)
class Figure:
    """A picture on the page: its ``file`` beside the page, and what it shows."""

    file: str
    caption: str

    @classmethod
    def of(cls, name: str, text: str) -> Figure:
        """A figure of the workflow: ``name`` below results/figures, without its suffix.

        Those of the paper are called by their numbers: "figure4" is Figure 4.
        """
        number = re.fullmatch(r"figure(\d+)", name)
        caption = f"Figure {number[1]}: {text}" if number else text[0].upper() + text[1:]
        return cls(f"{name.replace('/', '-')}.png", caption)

    def markdown(self) -> str:
        """As Markdown, the caption below the picture."""
        return f"![{self.caption}]({self.file})\n\n*{self.caption}*"


@dataclass(frozen=True)
class Run:
    """What the page is written from.

    ``metrics``: metrics.csv, a row per cell and channel seed. ``claims``: claims.csv, and
    ``claims_table`` the same in Markdown. ``datasets``: name -> entry of the config
    (``resolution``, ``images``, ``source``, ``role``), in the order of the sweep. ``tables``: the
    paper's tables in Markdown, captions included. ``figures``: name of a data set, or "ablations",
    "dialogue" or "information" -> its figures. ``quality``: name of a data set -> both editors
    without any channel (quality.csv). ``jobs``: provenance of every job behind the page, once each.
    ``information``: information.csv, or nothing. ``bandwidth``: equal_bandwidth.csv, as text, or
    nothing; ``bandwidth_tables``: it, and what goes with it, in Markdown. ``dialogue``: the table
    of dialogues in Markdown, or nothing. ``overlays``: config files on top of the default one.
    """

    metrics: pd.DataFrame
    claims: pd.DataFrame
    claims_table: str
    datasets: Mapping[str, Mapping]
    tables: list[str]
    figures: Mapping[str, list[Figure]]
    quality: Mapping[str, pd.DataFrame]
    jobs: list[Mapping]
    information: pd.DataFrame = field(default_factory=pd.DataFrame)
    bandwidth: pd.DataFrame = field(default_factory=pd.DataFrame)
    bandwidth_tables: list[str] = field(default_factory=list)
    dialogue: str = ""
    overlays: list[str] = field(default_factory=list)


def results_page(run: Run, reasons: Mapping[str, str]) -> str:
    """The page. ``reasons``: of claims that do not hold or are undecided (:func:`read_reasons`)."""
    parts = [
        "# Results",
        "This page is written by `snakemake results_page` from a run of the workflow. Do not\n"
        "edit it: change the workflow, or `workflow/report/why.md`, and write it again.",
        "## How the run was made",
        how_it_was_made(run.jobs, run.overlays),
        _markdown(_datasets_table(run)),
        "## Which of the paper's claims held",
        "The rules that decide were written before the run "
        "(`src/editable_deepsc/evaluation/publish/claims.py`; what changed in them and why is in "
        "the [notes](notes.md)). A comparison decides only if its interval excludes 0, after "
        "Holm's correction for all comparisons of its claim; else the claim is undecided.",
        run.claims_table.strip(),
        why_not(run.claims, reasons),
        "## Quality against SNR",
        MEANING,
        *(part for name in run.datasets for part in _dataset_section(run, name)),
        "## The paper's tables, and one on inversion",
        *(table.strip() for table in run.tables),
        *(figure.markdown() for figure in run.figures.get("ablations", [])),
        "## Edits without a channel",
        "Both editors on the test faces, nothing sent. An expected degree is reached if the "
        "predictor, which guides the edit, reports it at the end.",
        *(f"`{name}`:\n\n{_markdown(_quality_table(q))}" for name, q in run.quality.items()),
    ]
    if run.dialogue:
        parts += ["## Dialogues", run.dialogue.strip()]
        parts += [figure.markdown() for figure in run.figures.get("dialogue", [])]
    if len(run.information):
        parts += _information_section(run)
    if len(run.bandwidth):
        parts += _bandwidth_section(run)
    return "\n\n".join(part for part in parts if part) + "\n"


def readme_block(run: Run) -> str:
    """The README's table: CBR and LPIPS of every system on the first data set, and the claims."""
    name, entry = next(iter(run.datasets.items()))
    rows = run.metrics[run.metrics.dataset == name]
    table = metric_table(rows, "lpips")
    cbr = rows.groupby("system").cbr.mean()
    table.insert(1, "CBR", [f"{cbr[system]:.4f}" for system in system_order(rows.system)])
    head = (
        f"LPIPS to the original (1: another face; lower is better), {rows.n_images.max()} test "
        f"faces of {entry['resolution']} pixels, channel draws per face: {rows.seed.nunique()}; "
        f"the run of {', '.join(_configs(run.overlays))}."
    )
    return f"{_wrapped(head)}\n\n{_markdown(table)}\n\n{_wrapped(claims_sentence(run.claims))}"


def claims_sentence(claims: pd.DataFrame) -> str:
    """Which of the paper's claims held, which did not, which are undecided, which were not tested.

    By number: columns ``number`` (text) and ``holds`` of claims.csv.
    """
    said = []
    for holds, (one, several) in _SAID.items():
        numbers = claims[claims.holds == holds].number.tolist()
        if numbers:
            said.append(f"{_listed(numbers)} {one if len(numbers) == 1 else several}")
    return f"Of the paper's claims {'; '.join(said)} ([all tables, and why](docs/results.md))."


def put_between_markers(text: str, block: str) -> str:
    """``text`` with ``block`` between :data:`BEGIN` and :data:`END`.

    ``ValueError`` where they are not there once each, in this order.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ValueError(
            f"the page needs one line {BEGIN} and after it one line {END}, between which the "
            "table is written"
        )
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{block}\n{END}{rest.split(END)[1]}"


def read_reasons(text: str) -> dict[str, str]:
    """Heading -> its paragraph, from a page with ``## 2`` or ``## 2 undecided`` above each.

    The first is why claim 2 does not hold, the second why it is undecided; parts of a claim have a
    letter, as in ``## 4a``.
    """
    sections = re.split(r"^## (\d+[a-z]?(?: undecided)?)\s*$", text, flags=re.MULTILINE)
    return {heading: body.strip() for heading, body in zip(sections[1::2], sections[2::2])}


def why_not(claims: pd.DataFrame, reasons: Mapping[str, str]) -> str:
    """A paragraph for every claim that does not hold or is undecided, and for no other."""
    missing = "not explained yet (`workflow/report/why.md`)."
    parts = []
    for number, holds in zip(claims.number, claims.holds):
        if holds == "no":
            head, reason = f"Why claim {number} does not hold", reasons.get(number, missing)
        elif holds == "undecided":
            head = f"Why claim {number} is undecided"
            reason = reasons.get(f"{number} undecided", missing)
        else:
            continue
        parts.append(_wrapped(f"**{head}:** {reason}"))
    return "\n\n".join(parts)


def metric_table(
    rows: pd.DataFrame, column: str, quality: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Means over channel seeds of one column of metrics.csv: a row per system, a column per SNR.

    The best value at each SNR is bold, also where several are printed alike. ``quality``:
    quality.csv of the data set; no edit and the true edit are the last rows, the same at every SNR
    and never bold.
    """
    _, digits, better = METRICS[column]
    means = rows.pivot_table(index="system", columns="snr_db", values=column, dropna=False)
    means = means.loc[system_order(rows.system)].sort_index(axis=1)
    table = pd.DataFrame({"Method": [system_name(system) for system in means.index]})
    for snr_db in means.columns:
        values = means[snr_db].round(digits)
        best = {"lower": values.min(), "higher": values.max(), None: None}[better]
        table[f"{snr_db:g} dB".replace("-", "−")] = [
            f"**{_printed(v, digits)}**" if v == best else _printed(v, digits) for v in values
        ]
    ends = pd.DataFrame() if quality is None else quality[quality.editor.isin(_ENDS)]
    for row in ends.to_dict("records"):
        if pd.notna(row.get(column)) and column != "outage":
            printed = [_printed(row[column], digits)] * len(means.columns)
            table.loc[len(table)] = [_ENDS[row["editor"]], *printed]
    return table


def _printed(value: float, digits: int) -> str:
    """A number for a table, nothing where it is not known."""
    if pd.isna(value):
        return ""
    return "∞" if math.isinf(value) else f"{round(value, digits) + 0.0:.{digits}f}"


def how_it_was_made(jobs: Iterable[Mapping], overlays: Iterable[str] = ()) -> str:
    """Config, commit, processor, versions, number of jobs and seconds, from the provenance of the
    jobs.
    """
    jobs = list(jobs)
    ends = [datetime.strptime(job["finished"], "%Y-%m-%dT%H:%M:%S%z") for job in jobs]
    starts = [end - timedelta(seconds=job["seconds"]) for end, job in zip(ends, jobs)]
    seconds = sum(job["seconds"] for job in jobs)
    versions = {f"{name} {v}" for job in jobs for name, v in job["versions"].items()}
    lines = {
        "Config": _configs(overlays),
        "Commit": sorted({str(job["git_commit"]) for job in jobs}),
        "Processor": sorted({job["processor"] for job in jobs}),
        "Device": sorted({job["device"] for job in jobs}),
        "Versions": sorted(versions),
        "Jobs": [f"{len(jobs)}, which took {seconds:,.0f} s, added up"],
        "First job started": [f"{min(starts):%Y-%m-%d %H:%M:%S %z}"],
        "Last job ended": [f"{max(ends):%Y-%m-%d %H:%M:%S %z}"],
    }
    return "\n".join(f"- {name}: {', '.join(values)}" for name, values in lines.items())


def _configs(overlays: Iterable[str]) -> list[str]:
    """The default config and what lay on it, as Markdown."""
    return [f"`{path}`" for path in ("config.yaml", *overlays)]


def _datasets_table(run: Run) -> pd.DataFrame:
    """What each data set is, with the images of each split and the channel draws."""
    table = []
    for name, entry in run.datasets.items():
        rows = run.metrics[run.metrics.dataset == name]
        table.append(
            {
                "Data set": f"`{name}`",
                "Role": entry.get("role", ""),
                "Source": " ".join(str(entry[k]) for k in ("source", "style") if k in entry),
                "Pixels": f"{entry['resolution']}×{entry['resolution']}",
                **{
                    f"{split.capitalize()} images": entry["images"].get(split, "")
                    for split in ("train", "finetune", "test")
                },
                "Channel draws": rows.seed.nunique(),
            }
        )
    return pd.DataFrame(table)


def _dataset_section(run: Run, name: str) -> list[str]:
    """One data set: its figures, then a table by SNR for every metric that was measured."""
    rows, entry = run.metrics[run.metrics.dataset == name], run.datasets[name]
    parts = [
        f"### `{name}`",
        f"{rows.n_images.max()} test images of {entry['resolution']} pixels, "
        f"channel draws per image: {rows.seed.nunique()}. Means over both.{_placeholder(rows)}",
        *(figure.markdown() for figure in run.figures.get(name, [])),
    ]
    for column, (title, _, better) in METRICS.items():
        if rows[column].notna().any():
            direction = f" ({better} is better)" if better else ""
            table = metric_table(rows, column, run.quality.get(name))
            parts.append(f"{title}{direction}:\n\n{_markdown(table)}")
    return parts


def _placeholder(rows: pd.DataFrame) -> str:
    """What LPIPS is where every image is lost, if that is so anywhere."""
    lost = rows[rows.outage == 1].lpips
    if lost.empty:
        return ""
    return f" LPIPS {lost.mean():.2f} is that of the placeholder: nothing was decoded."


def _quality_table(quality: pd.DataFrame) -> pd.DataFrame:
    """What was measured of the editors, a column each."""
    called = [(_EDITORS | _ENDS).get(name, name) for name in quality.editor]
    table = pd.DataFrame({"Fields of": called})
    table["Expected degree reached"] = [_printed(v, 3) for v in quality.reached]
    for column in _OF_EDITORS:
        title, digits, _ = METRICS[column]
        table[title] = [_printed(v, digits) for v in quality[column]]
    return table


def _information_section(run: Run) -> list[str]:
    """Bits about the original in what each system delivers, by SNR, and the figure."""
    bits = run.information
    bits = bits[(bits.stage == "received") & (bits.method == "barber-agakov")]
    parts = [
        "## Information about the original",
        "A lower bound, in bits, of what the delivered picture still says about the original "
        "([how it is measured](information.md)).",
        *(figure.markdown() for figure in run.figures.get("information", [])),
    ]
    for name, rows in bits.groupby("dataset", sort=False):
        table = rows.pivot_table(index="system", columns="snr_db", values="bits")
        table = table.loc[system_order(rows.system)].map("{:.1f}".format)
        table.columns = [f"{snr_db:g} dB".replace("-", "−") for snr_db in table.columns]
        table.insert(0, "Method", [system_name(system) for system in table.index])
        parts.append(f"`{name}`:\n\n{_markdown(table)}")
    return parts


def _bandwidth_section(run: Run) -> list[str]:
    """Every system at its bandwidth: what can be quoted, the figure, the tables."""
    return [
        "## Equal bandwidth",
        "Systems that are called narrow have the bandwidth of Editable-DeepSC; a variant xN of it "
        "sends every symbol N times.",
        *(_wrapped(paragraph) for paragraph in bandwidth_paragraphs(run.bandwidth)),
        *(figure.markdown() for figure in run.figures.get("bandwidth", [])),
        *(table.strip() for table in run.bandwidth_tables),
    ]


def _wrapped(paragraph: str) -> str:
    """Lines of at most 100 characters."""
    return textwrap.fill(
        " ".join(paragraph.split()), 100, break_long_words=False, break_on_hyphens=False
    )


def _markdown(table: pd.DataFrame) -> str:
    """Cells as they are; the first column to the left, the others to the right."""
    sides = ["left"] + ["right"] * (len(table.columns) - 1)
    return table.to_markdown(index=False, disable_numparse=True, colalign=sides)


def _listed(numbers: list[str]) -> str:
    """'2', '2 and 4a' or '2, 4a and 6'."""
    *first, last = numbers
    return f"{', '.join(first)} and {last}" if first else last
