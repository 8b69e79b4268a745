"""Where the time of a run went: CPU seconds, wall time and peak memory by rule, `make profile`.

From what Snakemake wrote for every job, results/benchmarks/RULE/JOB.tsv or RULE.tsv: ``s`` of wall
time, ``cpu_time`` of the job and its children, and ``max_rss``, the largest resident memory seen,
in MiB. Snakemake looks every half second at first, then every half minute, so that the last moments
of a job, and most of one shorter than that, are in ``s`` only.

    python -m experiment.profile results/benchmarks results/profile
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from editable_deepsc.data.storage import whole
from editable_deepsc.evaluation.publish.style import STYLE, save_figure

COLUMNS = {
    "rule": "Rule",
    "jobs": "Jobs",
    "cpu_s": "CPU seconds",
    "share": "Share of CPU",
    "wall_s": "Wall seconds, all jobs",
    "longest_s": "Longest job, s",
    "peak_mib": "Peak memory, MiB",
}


def read_benchmarks(folder: Path) -> pd.DataFrame:
    """A row for every job under ``folder``: ``rule``, ``job``, ``s``, ``cpu_time``, ``max_rss``.

    ``ValueError`` where there are none.
    """
    rows = []
    for path in sorted(folder.rglob("*.tsv")):
        inside = path.relative_to(folder)
        # the newest attempt is the last line; "-" or NaN where a job ended before the first look
        last = pd.read_csv(path, sep="\t", na_values=["-"]).iloc[-1]
        rows.append(
            {"rule": inside.parts[0].removesuffix(".tsv"), "job": str(inside.with_suffix(""))}
            | {name: last[name] for name in ("s", "cpu_time", "max_rss")}
        )
    if not rows:
        raise ValueError(f"profile: {folder} has no benchmarks; run the workflow first")
    return pd.DataFrame(rows).fillna(0.0)


def by_rule(jobs: pd.DataFrame) -> pd.DataFrame:
    """Sums and maxima by rule, most CPU seconds first; the last row is the whole run."""
    groups = jobs.groupby("rule")
    table = pd.DataFrame(
        {
            "jobs": groups.size(),
            "cpu_s": groups.cpu_time.sum(),
            "wall_s": groups.s.sum(),
            "longest_s": groups.s.max(),
            "peak_mib": groups.max_rss.max(),
        }
    ).sort_values(["cpu_s", "wall_s"], ascending=False)
    table.loc["all"] = [
        table.jobs.sum(),
        table.cpu_s.sum(),
        table.wall_s.sum(),
        table.longest_s.max(),
        table.peak_mib.max(),
    ]
    table.insert(2, "share", table.cpu_s / max(table.cpu_s["all"], 1e-9))
    return table.reset_index().astype({"jobs": int})


def picture(table: pd.DataFrame) -> Figure:
    """Bars of CPU seconds, and of what a job waited beside them, with the peak of memory."""
    rules = table[table.rule != "all"].iloc[::-1]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(6.5, 0.6 + 0.24 * len(rules)), layout="constrained")
        time, memory = figure.subplots(1, 2, sharey=True, width_ratios=[3, 1])
        time.barh(rules.rule, rules.wall_s, color="0.85", label="wall, all jobs")
        time.barh(rules.rule, rules.cpu_s, color="#0072B2", height=0.45, label="CPU")
        for y, (seconds, jobs) in enumerate(zip(rules.wall_s, rules.jobs)):
            time.text(seconds, y, f" {jobs}", va="center", fontsize=6.5, color="0.4")
        time.set_xlabel("seconds (number of jobs beside the bar)")
        time.legend(loc="lower right")
        memory.barh(rules.rule, rules.peak_mib, color="#E69F00")
        memory.set_xlabel("peak memory, MiB")
        for axes in (time, memory):
            axes.grid(False, axis="y")
    return figure


def write_profile(benchmarks: Path, stem: Path) -> str:
    """Write ``stem``.csv, .md, .png and .pdf; returns the table in Markdown."""
    table = by_rule(read_benchmarks(benchmarks))
    with whole(stem.with_suffix(".csv")) as path:
        table.to_csv(path, index=False, float_format="%.6g")
    shown = table.assign(
        share=table.share.map("{:.1%}".format),
        **{name: table[name].map("{:,.1f}".format) for name in ("cpu_s", "wall_s", "longest_s")},
        peak_mib=table.peak_mib.map("{:,.0f}".format),
    )
    text = shown.rename(columns=COLUMNS).to_markdown(
        index=False, disable_numparse=True, colalign=["left"] + ["right"] * (len(COLUMNS) - 1)
    )
    with whole(stem.with_suffix(".md")) as path:
        path.write_text(text + "\n", encoding="utf-8")
    save_figure(picture(table), stem)
    return text


def main(arguments: list[str]) -> None:
    if len(arguments) != 2:
        sys.exit("usage: python -m experiment.profile FOLDER_OF_BENCHMARKS STEM_OF_OUTPUTS")
    try:
        print(write_profile(Path(arguments[0]), Path(arguments[1])))
    except (ValueError, OSError, KeyError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
