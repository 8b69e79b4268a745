"""Tables of the paper from metrics.csv, and the three formats in which they are published.

``metrics`` is a data frame with one row per cell and seed: columns ``dataset``, ``system``,
``resolution``, ``snr_db``, ``seed`` and the keys of
:func:`~editable_deepsc.evaluation.metrics.evaluate`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ..data.storage import whole

# System key in metrics.csv -> name in the paper, in the paper's order.
PAPER_SYSTEMS = {
    "deepsc+talk2edit": "DeepSC+Talk2Edit",
    "jpeg_ldpc+talk2edit": "JPEG+LDPC+Talk2Edit",
    "talk2edit+deepsc": "Talk2Edit+DeepSC",
    "talk2edit+jpeg_ldpc": "Talk2Edit+JPEG+LDPC",
    "editable_deepsc": "Editable-DeepSC",
}
_WORDS = {
    "deepsc": "DeepSC",
    "deepjscc": "DeepJSCC",
    "talk2edit": "Talk2Edit",
    "webp": "WebP",
    "semantic": "Semantic",
    "jpeg2000": "JPEG2000",
    "jscc": "JSCC",
    "gan": "GAN",
    "editable": "Editable",
    "gan_codec": "GAN codec",
}
_LONGEST_ACRONYM = 5  # "jpeg", "bpg", "h265" are acronyms or look well as such
_CHANNEL_CODES = {"ldpc", "5g", "gallager", "polar", "turbo"}  # a plus joins one to its source code


def system_name(key: str) -> str:
    """Printed name of a system: the paper's, or for a new one its key made readable.

    >>> system_name("webp_ldpc+talk2edit")
    'WebP+LDPC+Talk2Edit'
    """
    if key in PAPER_SYSTEMS:
        return PAPER_SYSTEMS[key]
    return "+".join(codec_name(part) for part in key.split("+"))


def codec_name(key: str) -> str:
    """Printed name of a codec or an editor: acronyms in capitals, a variant's own words as they
    are.

    >>> codec_name("hevc_5g_robust"), codec_name("deepjscc_matched"), codec_name("semantic_jscc")
    ('HEVC+5G robust', 'DeepJSCC matched', 'Semantic JSCC')
    """
    if key in _WORDS:
        return _WORDS[key]
    first, *others = key.split("_")
    name = _WORDS.get(
        first, first.upper() if len(first) <= _LONGEST_ACRONYM else first.capitalize()
    )
    for word in others:
        name += f"+{word.upper()}" if word in _CHANNEL_CODES else f" {_WORDS.get(word, word)}"
    return name


def system_order(keys: Iterable[str]) -> list[str]:
    """The distinct keys: the paper's systems in the paper's order, then new ones by name."""
    keys = set(keys)
    return [k for k in PAPER_SYSTEMS if k in keys] + sorted(keys - PAPER_SYSTEMS.keys())


def table1(metrics: pd.DataFrame) -> pd.DataFrame:
    """Channel bandwidth ratio of every system (Tables I and II of the paper), one row per system
    and resolution.

    CBR is the paper's count (equation 5); real dimensions count a complex symbol as two. Both are
    of a chain's frame, whose length depends on neither image nor SNR; what is printed is the mean
    over the rows of ``metrics``.
    """
    mean = metrics.groupby(["resolution", "system"])[["cbr", "real_dims_ratio"]].mean()
    rows = [
        {
            "Method": system_name(system),
            "Resolution": f"{resolution}×{resolution}",
            "CBR": f"{mean.loc[(resolution, system), 'cbr']:.4f}",
            "Real dimensions per pixel-channel": f"{mean.loc[(resolution, system), 'real_dims_ratio']:.4f}",
        }
        for resolution in sorted(metrics["resolution"].unique())
        for system in system_order(metrics.loc[metrics["resolution"] == resolution, "system"])
    ]
    return pd.DataFrame(rows)


def earlier_table(metrics: pd.DataFrame, snr_db: float = 6) -> pd.DataFrame:
    """What the earlier Editable-DeepSC paper compares, at its SNR: SSIM, LPIPS and FID of the
    chains with DeepJSCC and JPEG-LDPC (``jpeg_ldpc_earlier``: at the bandwidth that the earlier
    paper tells; ``jpeg_ldpc``: at the later one's), outage, and the share of their CBR that
    Editable-DeepSC uses. Systems that ``metrics`` lacks are left out; ``ValueError`` where it lacks
    the SNR or Editable-DeepSC.
    """
    mean = (
        metrics[metrics.snr_db == snr_db]
        .groupby("system")[["cbr", "ssim", "lpips", "fid", "edit_success", "outage"]]
        .mean()
    )
    if "editable_deepsc" not in mean.index:
        raise ValueError(
            (
                f"no metrics of editable_deepsc at {snr_db:g} dB, with which the earlier paper "
                "compares; add them to the sweep"
            )
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


def ablation_table(summary: pd.DataFrame, kind: str, header: str) -> pd.DataFrame:
    """Tables III (``kind`` "iterations"), IV ("finetune") and V ("amount"): one row per variant and
    data set.

    ``summary``: columns ``dataset``, ``kind``, ``value`` and those of a cell. LPIPS, FID and KID
    are the paper's columns, edit success and LPIPS to the true edit are ours.
    """
    rows = summary[summary.kind == kind].sort_values(["dataset", "value"])
    return pd.DataFrame(
        {
            "Data set": rows.dataset,
            header: rows.value,
            "LPIPS": rows.lpips.map("{:.4f}".format),
            "FID": rows.fid.map("{:.2f}".format),
            "KID": rows.kid.map("{:.4f}".format),
            "Edit success": rows.edit_success.map("{:.3f}".format),
            "LPIPS to the true edit": rows.lpips_truth.map("{:.4f}".format),
        }
    )


def time_table(timings: list[dict]) -> pd.DataFrame:
    """Table VI: seconds per image of every chain, one image at a time and batched, by stage, and
    the peak of memory.
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


def parameter_table(parameters: dict) -> pd.DataFrame:
    """Table VII: frozen, tuned and total parameters of Editable-DeepSC, and the tuned share."""
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


def write_table(table: pd.DataFrame, stem: Path, caption: str) -> None:
    """Write ``table`` as ``stem``.csv (data only), ``stem``.md and ``stem``.tex (booktabs), the
    last two with the caption.

    Cells that are text are printed as they are, so a caller decides about digits.
    """
    stem = Path(stem)
    number = [pd.to_numeric(table[c], errors="coerce").notna().all() for c in table.columns]
    with whole(stem.with_name(stem.name + ".csv")) as path:
        table.to_csv(path, index=False)
    markdown = table.to_markdown(
        index=False,
        disable_numparse=True,  # otherwise "0.0110" is printed as 0.011
        colalign=["right" if n else "left" for n in number],
    )
    with whole(stem.with_name(stem.name + ".md")) as path:
        path.write_text(f"{caption}\n\n{markdown}\n", encoding="utf-8")
    latex = table.to_latex(
        index=False,
        escape=True,
        column_format="".join("r" if n else "l" for n in number),
        caption=_escape(caption),
        label=f"tab:{stem.name}",
        position="tbp",
    )
    with whole(stem.with_name(stem.name + ".tex")) as path:
        path.write_text(latex, encoding="utf-8")


def _escape(text: str) -> str:
    """Plain text to LaTeX."""
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(special.get(c) or ("\\" + c if c in "&%$#_{}" else c) for c in text)
