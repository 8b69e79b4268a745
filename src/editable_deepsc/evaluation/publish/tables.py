"""Tables of the paper from metrics.csv, and the three formats in which they are published.

``metrics`` is a data frame with one row per cell and seed: columns ``dataset``, ``system``,
``resolution``, ``snr_db``, ``seed`` and the keys of
:func:`~editable_deepsc.evaluation.measure.metrics.evaluate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ...data.storage import whole
from ..measure.statistics import bootstrap_interval
from .latex import latex_table
from .names import system_name, system_order


def bandwidth_table(metrics: pd.DataFrame) -> pd.DataFrame:
    """Channel bandwidth ratio of every system and resolution (Tables I and II of the paper).

    CBR is the paper's count (equation 5); real dimensions count a complex symbol as two. Both are
    of a chain's frame, whose length depends on neither image nor SNR; what is printed is the mean
    over the rows of ``metrics``.
    """
    mean = metrics.groupby(["resolution", "system"])[["cbr", "real_dims_ratio"]].mean()
    rows = [
        {
            "Method": system_name(system),
            "Resolution": f"{resolution}×{resolution}",
            "CBR": f"{cell.cbr:.4f}",
            "Real dimensions per pixel-channel": f"{cell.real_dims_ratio:.4f}",
        }
        for resolution in sorted(metrics["resolution"].unique())
        for system in system_order(metrics.loc[metrics["resolution"] == resolution, "system"])
        for cell in [mean.loc[(resolution, system)]]
    ]
    return pd.DataFrame(rows)


def earlier_table(metrics: pd.DataFrame, snr_db: float = 6) -> pd.DataFrame:
    """The comparison of the earlier Editable-DeepSC paper, at its SNR.

    SSIM, LPIPS, FID, edit success and outage of the chains with DeepJSCC and JPEG-LDPC
    (``jpeg_ldpc_earlier``: at the bandwidth that the earlier paper gives; ``jpeg_ldpc``: at the
    later one's), and the share of their CBR that Editable-DeepSC uses. Systems that ``metrics``
    lacks are left out; ``ValueError`` where it lacks the SNR or Editable-DeepSC.
    """
    mean = (
        metrics[metrics.snr_db == snr_db]
        .groupby("system")[["cbr", "ssim", "lpips", "fid", "edit_success", "outage"]]
        .mean()
    )
    if "editable_deepsc" not in mean.index:
        raise ValueError(
            f"no metrics of editable_deepsc at {snr_db:g} dB, with which the earlier paper "
            "compares; add them to the sweep"
        )
    systems = [
        s
        for codec in ("deepjscc", "jpeg_ldpc_earlier", "jpeg_ldpc")
        for s in (f"{codec}+talk2edit", f"talk2edit+{codec}")
        if s in mean.index
    ] + ["editable_deepsc"]
    return pd.DataFrame(
        [
            {
                "Method": system_name(s),
                "CBR": f"{mean.cbr[s]:.4f}",
                "Editable-DeepSC's share of it": f"{mean.cbr['editable_deepsc'] / mean.cbr[s]:.1%}",
                "SSIM": f"{mean.ssim[s]:.3f}",
                "LPIPS": f"{mean.lpips[s]:.3f}",
                "FID": f"{mean.fid[s]:.2f}",
                "Edit success": f"{mean.edit_success[s]:.3f}",
                "Outage": f"{mean.outage[s]:.1%}",
            }
            for s in systems
        ]
    )


def ablation_table(
    summary: pd.DataFrame, images: pd.DataFrame, kind: str, header: str
) -> pd.DataFrame:
    """One row per variant of an ablation and data set.

    ``kind``: "iterations" (Table III), "finetune" (IV) or "amount" (V).
    ``summary``: columns ``dataset``, ``snr_db``, ``kind``, ``value`` and those of a cell.
    ``images``: the same of single images. LPIPS, FID and KID are the paper's columns, DISTS, edit
    success and LPIPS to the true edit are ours. Columns "NAME, 95 %" are intervals over faces,
    which FID and KID do not have. A dash: not known of this data set.
    """
    keys = ["dataset", "snr_db", "value"]
    rows = summary[summary.kind == kind].sort_values(keys)
    singles = images[images.kind == kind].groupby(keys)
    faces = [singles.get_group(tuple(row[key] for key in keys)) for _, row in rows.iterrows()]
    return pd.DataFrame(
        {
            "Data set": rows.dataset,
            "SNR (dB)": rows.snr_db.map("{:g}".format),
            header: rows.value,
            "LPIPS": rows.lpips.map("{:.4f}".format),
            "LPIPS, 95 %": [_interval(face.lpips, 3) for face in faces],
            "DISTS": rows.dists.map("{:.4f}".format),
            "FID": rows.fid.map("{:.2f}".format),
            "KID": rows.kid.map("{:.4f}".format),
            "Edit success": rows.edit_success.map("{:.3f}".format),
            "Edit success, 95 %": [_interval(face.edit_success, 2) for face in faces],
            "LPIPS to the true edit": rows.lpips_truth.map("{:.4f}".format),
        }
    ).replace("nan", "–")


def _interval(values: pd.Series, digits: int) -> str:
    """95 % interval over faces of the mean of ``values``, printed."""
    known = values.dropna().to_numpy()
    if not len(known):
        return ""
    low, high = bootstrap_interval(known)
    return f"{low:.{digits}f} to {high:.{digits}f}"


def time_table(timings: list[dict]) -> pd.DataFrame:
    """Seconds per image of every chain (Table VI).

    One image at a time by stage, and batched; and the peak of memory.
    """
    rows = []
    for timing in sorted(
        timings, key=lambda t: system_order([u["system"] for u in timings]).index(t["system"])
    ):
        single = timing["single"]
        rows.append(
            {
                "Method": system_name(timing["system"]),
                "Seconds per image": f"{sum(single.values()):.2f}",
            }
            | {stage.capitalize(): f"{seconds:.3f}" for stage, seconds in single.items()}
            | {
                f"Seconds, batch {timing['batch']}": f"{sum(timing['batched'].values()):.2f}",
                "Peak memory (MiB)": f"{timing['peak_mib']:.0f}",
            }
        )
    return pd.DataFrame(rows)


def inversion_table(quality: pd.DataFrame, seconds: list[dict]) -> pd.DataFrame:
    """One row per data set and recipe of inversion: its cost, its quality, and the system with it.

    ``quality``: columns ``dataset``, ``recipe``, ``evaluations``, ``psnr_db``, ``ssim``, ``lpips``,
    ``within_one``, ``snr_db``, ``received_lpips``. ``seconds``: ``dataset``, ``recipe``, ``one``
    and ``batched``.
    """
    rows = []
    for taken in seconds:
        found = quality[(quality.dataset == taken["dataset"]) & (quality.recipe == taken["recipe"])]
        first = found.iloc[0]
        rows.append(
            {
                "Data set": first.dataset,
                "Recipe": first.recipe,
                "Iterations": f"{first.evaluations:.0f}",
                "Seconds, one": f"{taken['one']:.3f}",
                "Seconds, batched": f"{taken['batched']:.3f}",
                "PSNR (dB)": f"{first.psnr_db:.2f}",
                "SSIM": f"{first.ssim:.3f}",
                "LPIPS": f"{first.lpips:.4f}",
                "Degrees within one": f"{first.within_one:.1%}",
            }
            | {f"LPIPS, {r.snr_db:g} dB": f"{r.received_lpips:.3f}" for r in found.itertuples()}
        )
    return pd.DataFrame(rows)


def released_table(study: pd.DataFrame) -> pd.DataFrame:
    """One row per editor and noise of the study of Talk-to-Edit as released.

    ``study``: columns ``editor``, ``noise``, ``psnr_db``, ``lpips``, ``exact``, ``within_one``,
    ``lpips_truth``, ``seconds``.
    """
    return pd.DataFrame(
        [
            {
                "Editor": f"Talk2Edit, {row.editor}",
                "Noise on the image": f"{row.noise:g}",
                "PSNR (dB)": f"{row.psnr_db:.1f}",
                "LPIPS": f"{row.lpips:.3f}",
                "Exact degree": f"{row.exact:.1%}",
                "Within one": f"{row.within_one:.1%}",
                "LPIPS to the true edit": f"{row.lpips_truth:.3f}",
                "Seconds": f"{row.seconds:.1f}",
            }
            for row in study.itertuples()
        ]
    )


def parameter_table(parameters: dict) -> pd.DataFrame:
    """Frozen, tuned and all parameters of Editable-DeepSC, and the tuned share (Table VII)."""
    total = parameters["frozen"] + parameters["tuned"]
    return pd.DataFrame(
        [
            {
                "Frozen": f"{parameters['frozen']:,}",
                "Tuned": f"{parameters['tuned']:,}",
                "Total": f"{total:,}",
                "Tuned share": f"{parameters['tuned'] / total:.2%}",
            }
        ]
    )


def write_table(
    table: pd.DataFrame,
    stem: Path,
    caption: str,
    better: Mapping[str, str] | None = None,
    within: list[str] | None = None,
) -> None:
    """Write ``stem``.csv, ``stem``.md and ``stem``.tex (booktabs, siunitx).

    The first is data only, the last two have the caption and the best values in bold. Cells that
    are text are printed as they are, so a caller decides about digits.

    Args:
        table: what to write.
        stem: path without a suffix.
        caption: plain text. LaTeX numbers tables itself: a "Table III: " is left out there.
        better: column of numbers -> "lower" or "higher", where one end is the better one. A column
            "NAME, 95 %" is the interval of column NAME, and bold with it.
        within: names of columns; the best is sought among rows that agree in them.
    """
    stem = Path(stem)
    table = table.reset_index(drop=True)
    bold = _best(table, better or {}, within)
    number = [pd.to_numeric(table[c], errors="coerce").notna().all() for c in table.columns]
    with whole(stem.with_name(stem.name + ".csv")) as path:
        table.to_csv(path, index=False)
    marked = table.astype(str)
    for row, column in bold:
        marked.loc[row, column] = f"**{table.loc[row, column]}**"
    markdown = marked.to_markdown(
        index=False,
        disable_numparse=True,  # otherwise "0.0110" is printed as 0.011
        colalign=["right" if n else "left" for n in number],
    )
    with whole(stem.with_name(stem.name + ".md")) as path:
        path.write_text(f"{caption}\n\n{markdown}\n", encoding="utf-8")
    with whole(stem.with_name(stem.name + ".tex")) as path:
        path.write_text(latex_table(table, caption, f"tab:{stem.name}", bold), encoding="utf-8")


def _best(
    table: pd.DataFrame, better: Mapping[str, str], within: list[str] | None
) -> set[tuple[int, str]]:
    """Cells (row, column) with the best value, and their intervals; several that are alike."""
    groups = [table] if within is None else [rows for _, rows in table.groupby(within)]
    bold = set()
    for column, end in better.items():
        for rows in groups:
            values = pd.to_numeric(rows[column].str.rstrip("%"), errors="coerce")
            if values.min() == values.max():  # nothing is better than anything
                continue
            best = {"lower": values.min(), "higher": values.max()}[end]
            for row in values.index[values == best]:
                bold |= {(row, c) for c in (column, f"{column}, 95 %") if c in table.columns}
    return bold
