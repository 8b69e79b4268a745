"""A dialogue about pictures: every turn edits what the turn before left.

edit, then send:   x -> s_0 -> wishes of turn 1 -> s_1 -> wishes of turn 2 -> s_2 ...
                                                   |  each is sent through the channel
send, then edit:   x ~> decoded -> s_0 -> s_1 -> s_2 ...   the channel is used once

After Talk-to-Edit (Jiang et al. 2021), whose dialogue edits and asks whether that is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from PIL import Image
from torch import Tensor

from ..channel.fading import Channel
from ..data.attributes import ATTRIBUTES, MAX_DEGREE
from ..data.feedback import about_the_last, read_turn
from ..data.instructions import Instruction
from ..data.pictures import to_pictures
from ..editing.editor import Editor
from ..editing.stages import stage, stopwatch
from ..networks.text_encoder import UnknownInstruction
from .delivery import Change, changes_of
from .separate import EditingReceiver
from .system import System, one_for_each


@dataclass(frozen=True)
class State:
    """What a turn left of a picture: its ``latent`` [k], the ``degrees`` [5] of the picture by the
    predictor, and the ``wish`` that led here (of several the last; None of the original).
    """

    latent: Tensor
    degrees: Tensor
    wish: Instruction | None = None


@dataclass(frozen=True)
class Plan:
    """How a turn is understood: what it does first ("edit", "undo" or "original"; "enough" and
    "end" change nothing), to which states that goes back, and the wishes that are edited from
    there.
    """

    kind: str
    past: tuple[State, ...]
    wishes: tuple[Instruction, ...] = ()


@dataclass(frozen=True)
class Turn:
    """What a turn did to N pictures.

    ``said``: N sentences; ``kinds``: what each did first, "edit", "undo" or "original"; "enough"
    and "end" (no more turns are wanted) leave the picture. ``changes``: what became of the wishes
    of each; ``replies``: the same in words. ``images`` [N, 3, R, R] in [-1, 1], as received now;
    ``outage`` [N] bool. ``latents`` [N, k]: the states. ``channel_uses`` of one picture in this
    turn, 0 where nothing was sent. ``seconds`` of the whole batch by stage.
    """

    said: list[str]
    kinds: list[str]
    changes: list[tuple[Change, ...]]
    replies: list[str]
    images: Tensor
    outage: Tensor
    latents: Tensor
    channel_uses: int
    seconds: dict[str, float]

    def pictures(self) -> list[Image.Image]:
        """The received images, as N pictures in RGB."""
        return to_pictures(self.images)

    def report(self) -> list[dict]:
        """One dictionary for each picture, JSON-able; ``seconds`` are those of one image."""
        n = len(self.said)
        return [
            {
                "sentence": self.said[i],
                "kind": self.kinds[i],
                "changes": [change.report() for change in self.changes[i]],
                "reply": self.replies[i],
                "outage": bool(self.outage[i]),
                "channel_uses": self.channel_uses,
                "seconds": {name: s / n for name, s in self.seconds.items()},
            }
            for i in range(n)
        ]


class Dialogue:
    """A dialogue about N pictures, each with a history of its own; :meth:`.System.dialogue` starts
    one. All that it remembers is in this object.

    Where the system edits at its receiver, the pictures are sent at once, and the receiver edits
    what it decoded (an outage it cannot edit); otherwise each turn sends the latest state. The same
    state is sent at another SNR, without another inversion, by a system loaded for that SNR::

        other = load_system(system.name.name, snr_db=0)
        noisy, seen_db = Channel()(other.send(dialogue.prepared), 0.0, rng)
        images = other.receive(noisy, seen_db).images

    A system that edits at its receiver would edit other pictures then: start another dialogue.
    ``unlike``: which of the inverted pictures are unlike what the networks know, as in a
    :class:`.delivery.Delivery`.
    """

    def __init__(
        self,
        system: System,
        images: Tensor,
        channel: Channel,
        rng: torch.Generator,
        latents: Tensor | None = None,
    ):
        """Images [N, 3, R, R] in [-1, 1] on the system's device; ``rng`` draws the channel.
        ``latents`` [N, k]: the inversion of ``images``, where it is known already.
        """
        self.system, self.channel, self.rng = system, channel, rng
        n = len(images)
        self.images, self.outage = images, torch.zeros(n, dtype=torch.bool)
        self._shown = torch.zeros(n, dtype=torch.bool)  # whether the receiver has a picture
        self._lost = torch.zeros(n, dtype=torch.bool)  # what it can never edit
        self._unpaid = 0  # channel uses that no turn has counted yet
        self._asked = [False] * n  # whether the last reply was "is this enough?"
        with stopwatch() as self._seconds:
            if isinstance(system.receiver, EditingReceiver):
                latents = self._receive_originals(system.receiver, images)
            elif latents is None:
                latents = system.editor.invert(images, system.rng("transmitter"))
            degrees = system.editor.degrees(self.images)
        self.unlike = system.judged(self.images, system.editor.draw(latents), self._lost)
        self.histories = [[State(z, p)] for z, p in zip(latents, degrees, strict=True)]

    def _receive_originals(self, receiver: EditingReceiver, images: Tensor) -> Tensor:
        """Send the pictures as they are; the latents [N, k] that the receiver edits."""
        sent = self.system.air(images, self.channel, self.rng)
        decoded = receiver.decode(sent.noisy, sent.snr_db)
        self.images, self.outage = decoded.images, decoded.outage.cpu()
        self._shown, self._lost, self._unpaid = ~self._shown, self.outage, sent.channel_uses
        found = receiver.invert(decoded, self.system.rng("receiver"))
        latents = found.new_zeros(len(images), receiver.editor.generator.latent)
        latents[~decoded.outage] = found
        return latents

    @property
    def latents(self) -> Tensor:
        """The latest states [N, k]."""
        return torch.stack([history[-1].latent for history in self.histories])

    @property
    def prepared(self) -> Tensor:
        """What ``system.send`` takes of the latest states: latents [N, k], or the images [N, 3, R,
        R] that they draw.
        """
        return self.system.prepared_of(self.latents)

    def say(self, sentences: str | Sequence[str]) -> Turn:
        """Edit as ``sentences`` ask, one for each picture or one for all, and receive the result.

        Beside wishes they may say "a bit more", "less than that", "undo", "back to the original" or
        "that's it" of the turns before. ``ValueError`` where one is not understood, or refers to an
        edit that was not made: then nothing has changed.
        """
        texts = one_for_each(sentences, len(self.histories))
        plans = [
            plan_turn(text, tuple(past), asked, self.system.editor.text_encoder.understand)
            for text, past, asked in zip(texts, self.histories, self._asked, strict=True)
        ]
        self._asked = [bool(plan.wishes) for plan in plans]
        before = torch.stack([plan.past[-1].degrees for plan in plans])
        with stopwatch() as seconds:
            self._edit(plans, before)
            uses = self._show(torch.tensor([plan.kind not in ("enough", "end") for plan in plans]))
        seconds |= {name: seconds.get(name, 0.0) + s for name, s in self._seconds.items()}
        self._seconds = {}
        reached = self.system.editor.degrees(self.images)
        changes = changes_of([plan.wishes for plan in plans], before, reached)
        return Turn(
            said=texts,
            kinds=[plan.kind for plan in plans],
            changes=changes,
            replies=[
                reply(plan.kind, told, bool(lost))
                for plan, told, lost in zip(plans, changes, self.outage, strict=True)
            ],
            images=self.images,
            outage=self.outage,
            latents=self.latents,
            channel_uses=uses,
            seconds=seconds,
        )

    def _edit(self, plans: Sequence[Plan], before: Tensor) -> None:
        """Bring the histories to where the plans lead, all pictures with wishes at once."""
        editor = self.system.editor
        assert isinstance(editor, Editor)
        self.histories = [list(plan.past) for plan in plans]
        asked = [i for i, plan in enumerate(plans) if plan.wishes]
        edited = [i for i in asked if not self._lost[i]]
        left = {i: (self.histories[i][-1].latent, before[i]) for i in asked}
        if edited:
            rows = torch.tensor(edited, device=before.device)
            with stage("editing"):
                requests = [plans[i].wishes for i in edited]
                z = editor.walk(self.latents[rows], before[rows], requests).latents
                left |= dict(zip(edited, zip(z, editor.degrees(editor.draw(z)))))
        for i, (latent, degrees) in left.items():
            self.histories[i].append(State(latent, degrees, plans[i].wishes[-1]))

    def _show(self, changed: Tensor) -> int:
        """Renew what the receiver shows of the pictures that ``changed`` [N]; the channel uses of
        one of them.
        """
        at_receiver = isinstance(self.system.receiver, EditingReceiver)
        rows = (changed & ~self._lost) if at_receiver else (changed | ~self._shown)
        uses, self._unpaid = self._unpaid, 0
        if not rows.any():
            return uses
        here = rows.to(self.images.device)
        self.images, self.outage = self.images.clone(), self.outage.clone()
        if at_receiver:
            self.images[here] = self.system.editor.draw(self.latents[here])
            return uses
        sent = self.system.air(self.prepared[here], self.channel, self.rng)
        decoded = self.system.receive(sent.noisy, sent.snr_db)
        self.images[here], self.outage[rows] = decoded.images, decoded.outage.cpu()
        self._shown = self._shown | rows
        return uses + sent.channel_uses


def plan_turn(
    text: str,
    past: tuple[State, ...],
    asked: bool,
    understand: Callable[[list[str]], list[list[Instruction]]],
) -> Plan:
    """What a sentence means after the states ``past`` of a picture, the original first.

    ``asked``: whether the last reply was "is this enough?". ``understand``: the text encoder's.
    ``ValueError`` as for :meth:`Dialogue.say`.
    """
    kind = "edit"
    wishes: list[Instruction] = []
    for number, part in enumerate(read_turn(text)):
        last = wishes[-1] if wishes else past[-1].wish
        if part.kind == "yes":
            return Plan("enough", past)
        if part.kind == "end" or (part.kind == "no" and not asked):
            return Plan("end", past)
        if part.kind in ("undo", "original"):
            kind = part.kind if number == 0 else kind
            past = past if wishes else _back(text, part.kind, past)
            wishes = []
        elif part.kind == "wishes":
            found = [] if last is None else about_the_last(part.text, last.attribute)
            found = found or understand([part.text])[0]
            wishes += [w.settled(int(past[-1].degrees[w.attribute])) for w in found]
        elif last is None:
            raise UnknownInstruction(
                f"{text!r} refers to an edit, and there is none yet; say what to edit, such as "
                "'add a wide smile'"
            )
        else:  # "no" answers "is this enough?"
            direction = -last.direction if part.kind == "less" else last.direction
            wishes.append(Instruction(part.text, last.attribute, direction, part.degree))
    return Plan(kind, past, tuple(wishes))


def _back(text: str, what: str, past: tuple[State, ...]) -> tuple[State, ...]:
    """The history after "undo" or "original"; what was undone is gone, the original is a turn."""
    if what == "original":
        return past if len(past) == 1 else (*past, past[0])
    if len(past) == 1:
        raise UnknownInstruction(f"{text!r}: there is no edit to undo")
    return past[:-1]


_FIRST = {
    "undo": "Back to the turn before.",
    "original": "Back to the original.",
    "enough": "Good.",
    "end": "Good.",
}


def reply(kind: str, changes: Sequence[Change], outage: bool = False) -> str:
    """What became of a turn, in words, with the question that Talk-to-Edit asks."""
    words = [_FIRST[kind]] if kind in _FIRST else []
    words += ["Nothing could be decoded."] if outage else map(_told, changes)
    if kind != "end":
        words.append("Is this enough?" if changes else "What next?")
    return " ".join(words)


def _told(change: Change) -> str:
    name = ATTRIBUTES[change.wish.attribute]
    if change.before == change.expected:
        return f"{name}: {change.before} of {MAX_DEGREE} already."
    if change.reached == change.expected:
        return f"{name}: {change.reached} of {MAX_DEGREE} now, {change.before} before."
    return (
        f"{name}: {change.expected} of {MAX_DEGREE} was wanted, {change.before} before; it is "
        f"{change.reached} now."
    )
