"""Tables of the paper from metrics.csv, and the three formats in which they are published.

``metrics`` is a data frame with one row per cell and seed: columns ``dataset``, ``system``, ``resolution``, ``snr_db``,
``seed`` and the keys of :func:`~editable_deepsc.evaluation.metrics.evaluate`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

# System key in metrics.csv -> name in the paper, in the paper's order.
PAPER_SYSTEMS = {
    "deepsc+talk2edit": "DeepSC+Talk2Edit",
    "jpeg_ldpc+talk2edit": "JPEG+LDPC+Talk2Edit",
    "talk2edit+deepsc": "Talk2Edit+DeepSC",
    "talk2edit+jpeg_ldpc": "Talk2Edit+JPEG+LDPC",
    "editable_deepsc": "Editable-DeepSC",
}
_WORDS = {"deepsc": "DeepSC", "deepjscc": "DeepJSCC", "talk2edit": "Talk2Edit", "webp": "WebP", "semantic": "Semantic", "jpeg2000": "JPEG2000", "jscc": "JSCC", "editable": "Editable"}
_LONGEST_ACRONYM = 5  # "jpeg", "ldpc", "bpg", "h265", "polar" are acronyms or look well as such


def system_name(key: str) -> str:
    """Printed name of a system: the paper's, or for a new one its key made readable.

    >>> system_name("webp_ldpc+talk2edit")
    'WebP+LDPC+Talk2Edit'
    """
    if key in PAPER_SYSTEMS:
        return PAPER_SYSTEMS[key]
    return "+".join(codec_name(part) for part in key.split("+"))


def codec_name(key: str) -> str:
    """Printed name of a codec or an editor."""
    words = key.split("_")
    return "+".join(_WORDS.get(w) or (w.upper() if len(w) <= _LONGEST_ACRONYM else w.capitalize()) for w in words)


def system_order(keys: Iterable[str]) -> list[str]:
    """The distinct keys: the paper's systems in the paper's order, then new ones by name."""
    keys = set(keys)
    return [k for k in PAPER_SYSTEMS if k in keys] + sorted(keys - PAPER_SYSTEMS.keys())


def table1(metrics: pd.DataFrame) -> pd.DataFrame:
    """Channel bandwidth ratio of every system (Tables I and II of the paper), one row per system and resolution.

    CBR is the paper's count (equation 5); real dimensions count a complex symbol as two. Streams of the
    digital chains vary in length from image to image: what is printed is the mean over data sets, SNRs and seeds.
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


def write_table(table: pd.DataFrame, stem: Path, caption: str) -> None:
    """Write ``table`` as ``stem``.csv (data only), ``stem``.md and ``stem``.tex (booktabs), the last two with the caption.

    Cells that are text are printed as they are, so a caller decides about digits.
    """
    stem = Path(stem)
    number = [pd.to_numeric(table[c], errors="coerce").notna().all() for c in table.columns]
    table.to_csv(stem.with_name(stem.name + ".csv"), index=False)
    markdown = table.to_markdown(
        index=False,
        disable_numparse=True,  # otherwise "0.0110" is printed as 0.011
        colalign=["right" if n else "left" for n in number],
    )
    stem.with_name(stem.name + ".md").write_text(f"{caption}\n\n{markdown}\n", encoding="utf-8")
    latex = table.to_latex(
        index=False,
        escape=True,
        column_format="".join("r" if n else "l" for n in number),
        caption=_escape(caption),
        label=f"tab:{stem.name}",
        position="tbp",
    )
    stem.with_name(stem.name + ".tex").write_text(latex, encoding="utf-8")


def _escape(text: str) -> str:
    """Plain text to LaTeX."""
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(special.get(c) or ("\\" + c if c in "&%$#_{}" else c) for c in text)
