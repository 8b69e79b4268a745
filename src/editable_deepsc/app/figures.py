"""The curve, and what can be kept of a delivery: a sheet of pictures, and a report."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from ..data.attributes import ATTRIBUTES
from ..data.pixels import to_uint8
from ..evaluation.publish.grids import Note, image_grid
from ..evaluation.publish.names import system_name
from ..evaluation.publish.style import STYLE, legend_below, line_styles
from .judging import CurvePoint, Delivery

_WIDTH, _HEIGHT = 7.0, 3.0  # inches


def curve_figure(
    points: Sequence[CurvePoint], snrs: Sequence[float], label: str, here: float
) -> bytes:
    """A PNG: quality against SNR, as far as it is known; ``snrs``: all that will be.

    ``label``: of the quality. ``here``: the SNR of the page's link, in dB.

    A point with an outage is far above all others: it stands at the upper edge, as a cross.
    """
    systems = list(dict.fromkeys(p.system for p in points))
    looks = line_styles(systems)
    whole = [p.quality for p in points if p.outage == 0]
    top = 1.12 * max([*whole, 0.1])
    with rc_context(STYLE):
        figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
        axes = figure.subplots()
        axes.axvline(here, color="0.75", linewidth=1, linestyle=":", label="_here")
        for system in systems:
            line = [p for p in points if p.system == system]
            look = looks[system]
            heights = [min(p.quality, top) for p in line]
            axes.plot([p.snr_db for p in line], heights, label=system_name(system), **look)
            lost = [p.snr_db for p in line if p.outage > 0]
            if not lost:
                continue
            axes.plot(
                lost,
                [top] * len(lost),
                linestyle="none",
                marker="X",
                markersize=7,
                color=look["color"],
                label="_lost",
                clip_on=False,
            )
        margin = 0.04 * (max(snrs) - min(snrs))
        axes.set(xlim=(min(snrs) - margin, max(snrs) + margin), ylim=(0, top))
        axes.set(xticks=list(snrs), xlabel="SNR (dB)      ✕ outage", ylabel=label)
        legend_below(figure, [axes], 3)
        return _png(figure)


def quality_label(delivery: Delivery) -> str:
    """What :attr:`~.judging.Judged.quality` of a delivery is, in words."""
    return f"LPIPS to the {'true edit' if delivery.truth is not None else 'original'}"


def sheet(delivery: Delivery) -> bytes:
    """A PNG: original, true edit where it is known, inversion, and what every system delivered."""
    face, judged = delivery.session.face, delivery.judged
    outputs = {"Inversion": to_uint8(face.inversion).cpu()}
    outages, notes = {}, {"Original": [Note("")]}
    for i, r in enumerate(delivery.received):
        name = system_name(r.system)
        outputs[name] = to_uint8(r.images).cpu()
        outages[name] = r.outage
        text = f"LPIPS {judged.quality[i]:.3f}\nsimilarity {judged.identity[i]:.2f}"
        notes[name] = [Note("" if bool(r.outage[0]) else text)]
    wishes = ", then ".join(turn.said for turn in delivery.session.turns)
    figure = image_grid(
        to_uint8(face.image).cpu(),
        None if delivery.truth is None else to_uint8(delivery.truth).cpu(),
        outputs,
        [wishes or "no wish"],
        outages,
        notes,
        title=f"{delivery.link.snr_db:g} dB, {channel_words(delivery)}",
    )
    return _png(figure)


def _png(figure: Figure) -> bytes:
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi="figure")
    return written.getvalue()


def channel_words(delivery: Delivery) -> str:
    """The channel of a delivery, in words."""
    channel = delivery.link.channel
    if channel.fading == "none":
        return "AWGN"
    knowledge = "known" if channel.csi == "perfect" else "not known"
    return f"{channel.fading.capitalize()} fading, {knowledge} to the receiver"


def report(delivery: Delivery, points: Sequence[CurvePoint] = ()) -> dict[str, Any]:
    """Everything about a delivery, and the curve if it was drawn, JSON-able."""
    session, judged, link = delivery.session, delivery.judged, delivery.link
    h, drawn = link.coefficients(), session.face.drawn
    wishes = [
        {"said": turn.said, "changes": [change.report() for change in turn.changes]}
        for turn in session.turns
    ]
    systems = [
        {
            "system": r.system,
            "channel_uses": r.channel_uses,
            "cbr": r.cbr,
            "adapters_snr_db": r.adapters_snr_db,
            "outage": bool(r.outage[0]),
            "lpips": float(judged.lpips[i]),
            "lpips_truth": None if judged.lpips_truth is None else float(judged.lpips_truth[i]),
            "identity": float(judged.identity[i]),
            "degrees": dict(zip(ATTRIBUTES, judged.degrees[i].tolist(), strict=True)),
            "seconds": r.seconds,
        }
        for i, r in enumerate(delivery.received)
    ]
    return {
        "face": "photograph"
        if drawn is None
        else asdict(drawn) | {"degrees": session.face.degrees},
        "notes": list(session.face.notes),
        "inversion_seconds": session.face.seconds,
        "wishes": wishes,
        "channel": {
            "snr_db": link.snr_db,
            "fading": link.channel.fading,
            "csi": link.channel.csi,
            "rice_factor_db": link.channel.rice_factor_db,
            "draw": link.draw,
            "fading_gain": None if h is None else float(h.abs().square()[0]),
        },
        "systems": systems,
        "curve": [vars(point) for point in points],
    }
