"""What the page calls: each handler takes values of the page and returns others."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ..channel.fading import Channel
from .figures import curve_figure, quality_label, report, sheet
from .judging import CurvePoint, Delivery, curve, deliver
from .loaded import LoadedSystems
from .markup import (
    curve_markup,
    delivery_markup,
    downloads_markup,
    face_markup,
    link_markup,
    wishes_markup,
)
from .sending import Link
from .session import Session, draw_face, take_photograph

LOWEST_DB, HIGHEST_DB = -10, 25
MOST_SEED = 9999
MOST_PHOTOGRAPHS = 30  # of one visitor, until the page is loaded again
CHANNELS = {"AWGN": "none", "Rayleigh fading": "rayleigh", "Rician fading": "rician"}


def said(handler: Callable) -> Callable:
    """The handler; what is wrong with an input is told in the sentence that the library has."""

    @functools.wraps(handler)
    def wrapper(*arguments: Any) -> Any:
        try:
            return handler(*arguments)
        except ValueError as error:
            raise gr.Error(str(error), duration=12, print_exception=False) from None

    return wrapper


@dataclass(frozen=True)
class Curve:
    """The curve of a session over a channel, as far as it is drawn."""

    session: Session
    channel: Channel
    points: tuple[CurvePoint, ...]

    def is_of(self, delivery: Delivery) -> bool:
        same = self.session.same_as(delivery.session)
        return same and self.channel == delivery.link.channel


class Handlers:
    """What the page calls; all that changes comes in as an argument and goes out as a result."""

    def __init__(self, loaded: LoadedSystems):
        self.loaded = loaded

    @said
    def draw(self, seed: float, session: Session | None):
        """The face of a seed with its own degrees; the wishes stay."""
        new = draw_face(self.loaded, _seed(seed))
        degrees = new.face.degrees or {}
        shown = [round(degree, 1) for degree in degrees.values()]
        return self._with_wishes(new, session), *shown, face_markup(new)

    @said
    def redraw(self, seed: float, session: Session | None, *degrees: float):
        """The face of a seed with other degrees."""
        new = draw_face(self.loaded, _seed(seed), degrees)
        return self._with_wishes(new, session), face_markup(new)

    @said
    def photograph(self, path: str | None, session: Session, count: int):
        """A photograph instead."""
        if path is None:  # taken away: the face stays
            return session, count, gr.skip()
        if count >= MOST_PHOTOGRAPHS:
            raise ValueError(f"{MOST_PHOTOGRAPHS} photographs were given; load the page again")
        new = take_photograph(self.loaded, path)
        return self._with_wishes(new, session), count + 1, face_markup(new)

    def _with_wishes(self, new: Session, old: Session | None) -> Session:
        return new if old is None else new.say_again(self.loaded, old.turns)

    @said
    def say(self, sentence: str, session: Session):
        """One more wish; the box is empty after it."""
        if not sentence.strip():
            raise ValueError("say what to change, for example: add a wide smile")
        new = session.say(self.loaded, sentence.strip())
        return new, "", wishes_markup(new)

    def undo(self, session: Session):
        """The last wish taken back."""
        return self.say("undo", session)

    def forget(self, session: Session):
        """The face without wishes."""
        new = session.forget()
        return new, "", wishes_markup(new)

    @said
    def send(
        self,
        session: Session,
        snr_db: float,
        channel: str,
        known: bool,
        draw: int,
        drawn: Curve | None,
    ):
        """Everything about one transmission. A curve of another face or channel is taken away."""
        link = Link(float(snr_db), _channel(channel, known), draw)
        delivery = deliver(self.loaded, session, link)
        stays = drawn is not None and drawn.is_of(delivery)
        return (
            delivery,
            drawn if stays else None,
            wishes_markup(session),
            delivery_markup(delivery),
            link_markup(delivery, self.loaded.snrs),
            gr.skip() if stays else "",
        )

    def downloads(self, delivery: Delivery, drawn: Curve | None) -> str:
        points = drawn.points if drawn is not None and drawn.is_of(delivery) else ()
        return downloads_markup(sheet(delivery), report(delivery, points))

    def curve(self, delivery: Delivery) -> Iterator[tuple[Curve, str]]:
        """The curve grows by all systems at one SNR after the other."""
        session, link, snrs = delivery.session, delivery.link, self.loaded.snrs
        points: tuple[CurvePoint, ...] = ()
        yield Curve(session, link.channel, points), curve_markup(b"", 0, len(snrs))
        steps = curve(self.loaded, session, link.channel, snrs, link.draw)
        for done, new in enumerate(steps, start=1):
            points += tuple(new)
            figure = curve_figure(points, snrs, quality_label(delivery), link.snr_db)
            yield Curve(session, link.channel, points), curve_markup(figure, done, len(snrs))


def _seed(value: float | None) -> int:
    if value is None or not 0 <= value <= MOST_SEED or value != int(value):
        raise ValueError(f"the number of a face is a whole one from 0 to {MOST_SEED}")
    return int(value)


def _channel(name: str, known: bool) -> Channel:
    return Channel(CHANNELS[name], "perfect" if known or name == "AWGN" else "absent")
