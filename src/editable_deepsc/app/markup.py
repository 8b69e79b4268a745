"""Tables of the page as HTML. What a person typed is escaped; pictures are part of the text."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from html import escape
from typing import Any

import torch
from torch import Tensor

from ..channel.uses import complex_uses
from ..data.attributes import ATTRIBUTES
from ..data.pictures import to_pictures
from ..evaluation.publish.names import system_name
from ..evaluation.publish.style import line_styles
from ..systems.names import EDITABLE, parse_system
from .judging import Delivery
from .sending import Received
from .session import Session

_MOST_SIDE = 320  # pixels of a picture of the page: none is shown larger
_LEAST_REACH = 2.6  # of a constellation's axes: symbols of power 1, and noise around them
_WHERE = {
    "both": "edits and codes in one latent",
    "transmitter": "edits, then sends",
    "receiver": "sends, then edits",
}


def picture(image: Tensor, alt: str) -> str:
    """An <img> of the first of images [N, 3, R, R] in [-1, 1], of at most ``_MOST_SIDE`` pixels."""
    file, shown = io.BytesIO(), to_pictures(image[:1])[0]
    shown.thumbnail((_MOST_SIDE, _MOST_SIDE))
    shown.save(file, format="PNG")
    return _png(file.getvalue(), alt)


def _png(data: bytes, alt: str) -> str:
    text = base64.b64encode(data).decode()
    return f'<img src="data:image/png;base64,{text}" alt="{escape(alt)}">'


def face_markup(session: Session) -> str:
    """The face and its inversion, side by side."""
    face = session.face
    pictures = (
        ("The face", face.image, "what the transmitter gets"),
        ("Its inversion", face.inversion, f"what it works with, found in {face.seconds:.1f} s"),
    )
    figures = "".join(
        f"<figure>{picture(image, name)}<figcaption><b>{name}</b><br>{note}</figcaption></figure>"
        for name, image, note in pictures
    )
    notes = "".join(f'<p class="warning">{escape(note)}</p>' for note in face.notes)
    return f'<div class="pair">{figures}</div>{notes}'


def wishes_markup(session: Session) -> str:
    """How every wish was understood, the degrees before and after, and the reply to the last."""
    said = f'<p class="reply">{escape(session.reply)}</p>' if session.reply else ""
    if not session.turns:
        return f'<p class="hint">No wish: the face is sent as it is.</p>{said}'
    rows = "".join(
        f"<tr><td>{'' if number else f'“{escape(turn.said)}”'}</td>"
        f"<td>{ATTRIBUTES[c.wish.attribute]} {'+' if c.wish.direction > 0 else '−'}{c.wish.degree}"
        f"</td><td>{c.before}</td><td>{c.expected}</td><td>{c.reached}</td></tr>"
        for turn in session.turns
        for number, c in enumerate(turn.changes)
    )
    return (
        '<table class="wishes"><thead><tr><th>You said</th><th>Understood</th><th>Before</th>'
        f"<th>Expected</th><th>Reached</th></tr></thead><tbody>{rows}</tbody></table>{said}"
        '<p class="hint">Degrees from 0 to 5, by the network that guides the edit, before anything '
        "is sent.</p>"
    )


def delivery_markup(delivery: Delivery) -> str:
    """One table: pictures on top, a column for each system, a row for each measure."""
    session, received, judged = delivery.session, delivery.received, delivery.judged
    looks = line_styles([r.system for r in received])
    lost = [bool(r.outage[0]) for r in received]
    n, truth = len(received), delivery.truth
    references = [("Original", session.face.image, "at the transmitter")]
    if truth is not None:
        references.append(("True edit", truth, "what was asked for"))
    head = ["<th></th>"]
    head += [_head(name, note, picture(image, name)) for name, image, note in references]
    for r, out in zip(received, lost, strict=True):
        name = system_name(r.system)
        badge = '<span class="outage">outage</span>' if out else ""
        note = _WHERE[parse_system(r.system).edits_at]
        head.append(
            _head(
                name.replace("+", "+<wbr>"),
                note,
                f'<span class="shot">{picture(r.images, name)}{badge}</span>',
                looks[r.system]["color"],
                "ours" if r.system == EDITABLE else "",
            )
        )
    empty, blank = ["–"] * len(references), [""] * len(references)
    uses = [f"{r.channel_uses}<small>CBR {r.cbr:.4f}</small>" for r in received]
    on_air = [constellation(r, looks[r.system]["color"]) for r in received]
    rows = [
        _row("Channel uses", "numbers sent", empty + uses),
        _row("On the air", "sent (grey), and what the receiver works with", blank + on_air),
    ]
    if judged.lpips_truth is not None:
        values = judged.lpips_truth[:n].tolist()
        rows.append(
            _row("LPIPS to the true edit", "less is better", empty + _best(values, lost, 3))
        )
    values = judged.lpips[:n].tolist()
    at_truth = [f"{judged.lpips[n + 1]:.3f}"] if truth is not None else []
    cells = ["–", *at_truth, *_best(values, lost, 3, mark=truth is None)]
    rows.append(_row("LPIPS to the original", "less is more like it", cells))
    values = judged.identity[:n].tolist()
    at_truth = [f"{judged.identity[n + 1]:.2f}"] if truth is not None else []
    cells = ["–", *at_truth, *_best(values, lost, 2, largest=True)]
    rows.append(_row("Identity", "1 is the same person", cells))
    for attribute, asked in session.expected.items():
        degrees = judged.degrees[:, attribute].tolist()
        references_first = degrees[n:] + degrees[:n]
        cells = [
            "–" if out else str(d)
            for d, out in zip(references_first, [False] * len(references) + lost, strict=True)
        ]
        rows.append(_row(f"Degree of {ATTRIBUTES[attribute]}", f"asked: {asked}", cells))
    seconds = [f"{sum(r.seconds.values()):.2f}" for r in received]
    rows.append(_row("Seconds", "both ends", empty + seconds))
    return (
        f'<div class="scroll"><table class="delivery"><thead><tr>{"".join(head)}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def constellation(received: Received, colour: str) -> str:
    """An <svg>: what left the transmitter (grey) and what the receiver works with.

    A point is a complex channel use: two neighbouring reals of an analogue system, one QAM symbol
    of a digital one.
    """
    sent, seen = (complex_uses(x[:1])[0].cpu() for x in (received.sent[None], received.symbols))
    far = torch.quantile(torch.cat([sent.abs(), seen.abs()]), 0.98).item()
    places = torch.view_as_real(sent).round(decimals=3).unique(dim=0)
    alphabet = 2 * len(places) < len(sent)  # of QAM, which repeats; analogue symbols do not
    scale = 50 / max(_LEAST_REACH, 1.1 * far)

    def dots(points: Tensor, look: str) -> str:
        at = points.mul(scale).clamp(-49, 49).tolist()
        path = "".join(f"M{x:.1f} {-y:.1f}h0" for x, y in at)
        return f'<path d="{path}" fill="none" stroke-linecap="round" {look}/>'

    return (
        '<svg class="air" viewBox="-50 -50 100 100" role="img" aria-label="received symbols">'
        '<path d="M-50 0H50M0 -50V50" stroke="currentColor" stroke-width=".4" opacity=".35"/>'
        + dots(torch.view_as_real(seen), f'stroke="{colour}" stroke-width="2" opacity=".55"')
        + dots(places, f'stroke="#333" stroke-width="{4 if alphabet else 1.3}" opacity=".8"')
        + "</svg>"
    )


def _head(name: str, note: str, image: str, colour: str = "transparent", kind: str = "") -> str:
    return (
        f'<th class="{kind}">{image}<span class="stripe" style="background:{colour}"></span>'
        f"<b>{name}</b><small>{note}</small></th>"
    )


def _row(name: str, note: str, cells: Sequence[str]) -> str:
    return (
        f"<tr><th>{name}<small>{note}</small></th>"
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
    )


def _best(
    values: Sequence[float],
    lost: Sequence[bool],
    digits: int,
    largest: bool = False,
    mark: bool = True,
) -> list[str]:
    """The values of one row as text, the best one bold; an outage has none."""
    seen = [v for v, out in zip(values, lost, strict=True) if not out]
    best = (max if largest else min)(seen, default=None)
    texts = [f"<b>{v:.{digits}f}</b>" if mark and v == best else f"{v:.{digits}f}" for v in values]
    texts = [text.replace("-", "−") for text in texts]
    return ["–" if out else text for text, out in zip(texts, lost, strict=True)]


def link_markup(delivery: Delivery, snrs: Sequence[float]) -> str:
    """Which adapters serve, and what fading did, in a sentence each."""
    link = delivery.link
    sentences = []
    serving = next((r.adapters_snr_db for r in delivery.received if r.adapters_snr_db is not None))
    known = ", ".join(f"{snr:g}".replace("-", "−") for snr in snrs)
    if serving == link.snr_db:
        sentences.append(f"Editable-DeepSC uses its adapters for {_db(serving)}.")
    else:
        sentences.append(
            f"Editable-DeepSC has adapters for {known} dB; those for {_db(serving)}, the nearest, "
            "serve."
        )
    h = link.coefficients()
    if h is not None:
        gain = 20 * torch.log10(h.abs()[0]).item()
        sentences.append(f"This fade leaves {_db(round(link.snr_db + gain, 1))} at the receiver.")
    return f'<p class="hint">{" ".join(sentences)}</p>'


def curve_markup(figure_png: bytes, done: int, of: int) -> str:
    """The curve as far as it is drawn, and how far that is."""
    progress = ""
    if done < of:
        progress = (
            f'<p class="hint"><progress value="{done}" max="{of}"></progress> {done} of {of}</p>'
        )
    return progress + (_png(figure_png, "quality against SNR") if done else "")


def downloads_markup(sheet_png: bytes, about: dict[str, Any]) -> str:
    """Two links that hold their files: nothing stays on the server."""
    text = json.dumps(about, indent=1).encode()
    files = (
        ("editable-deepsc.png", "image/png", sheet_png, "Pictures as a sheet (PNG)"),
        ("editable-deepsc.json", "application/json", text, "All numbers (JSON)"),
    )
    links = "".join(
        f'<a download="{name}" href="data:{kind};base64,{base64.b64encode(data).decode()}">'
        f"{label}</a>"
        for name, kind, data, label in files
    )
    return f'<p class="downloads">{links}</p>'


def _db(snr_db: float) -> str:
    return f"{snr_db:g} dB".replace("-", "−")
