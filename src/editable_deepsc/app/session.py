"""A person's face and wishes: values that a page keeps for each of its visitors."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from ..data.attributes import ATTRIBUTES
from ..data.draw import Drawn, drawn_face
from ..data.instructions import Instruction
from ..data.pictures import Picture
from ..data.seeds import seeded
from ..editing.editor import Editor
from ..editing.stages import stage, stopwatch
from ..systems.delivery import Change, changes_of
from ..systems.dialogue import State, plan_turn, reply
from .loaded import LoadedSystems

MOST_TURNS = 10  # of one face: after that an edit has left the faces that the generator knows
MOST_LETTERS = 300  # of a sentence


@dataclass(frozen=True)
class Face:
    """The face at the transmitter and its inversion.

    ``image`` [1, 3, R, R] in [-1, 1]; ``latents`` [1, k], its inversion, which every later wish
    and transmission takes; ``inversion`` [1, 3, R, R], G of them; ``seconds`` that it took.
    ``drawn``: how a rendered face was drawn, whose true edits are known; None of a photograph.
    ``notes``: what the owner of a photograph should know: how it was framed, and whether it is
    unlike what the networks know.
    """

    image: Tensor
    latents: Tensor
    inversion: Tensor
    seconds: float
    drawn: Drawn | None = None
    notes: tuple[str, ...] = ()

    @property
    def degrees(self) -> dict[str, float] | None:
        """The true degree of every attribute; None of a photograph."""
        if self.drawn is None:
            return None
        return dict(zip(ATTRIBUTES, self.drawn.face().degrees[0].tolist(), strict=True))


@dataclass(frozen=True)
class Turn:
    """A sentence that changed the face: what was ``said``, and how it was understood.

    ``changes`` in their order; of each the degrees by the predictor: before, expected, and reached
    before anything is sent.
    """

    said: str
    changes: Sequence[Change]

    @property
    def wishes(self) -> list[Instruction]:
        return [change.wish for change in self.changes]


@dataclass(frozen=True)
class Step(State):
    """A state of the dialogue: that of Editable-DeepSC's editor, and what the page keeps beside it.

    ``latents`` [1, k] and ``seconds`` of all edits by editor; ``turns``: those that lead here from
    the original.
    """

    latents: Mapping[str, Tensor] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True)
class Session:
    """A face and what was said of it. It never changes: what is said makes a new one.

    ``steps``: the original and the states after it. ``reply``: to what was said last; ``asked``:
    whether it asks back.
    """

    face: Face
    steps: tuple[Step, ...]
    reply: str = ""
    asked: bool = False

    def latents(self, editor: str) -> Tensor:
        """Latents [1, k] of the edited face, by this editor's fields."""
        return self.steps[-1].latents[editor]

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What leads from the original to the edited face."""
        return self.steps[-1].turns

    @property
    def requests(self) -> list[list[Instruction]]:
        """The wishes of every turn."""
        return [turn.wishes for turn in self.turns]

    @property
    def expected(self) -> dict[int, int]:
        """Attribute -> degree that the last wish about it expects."""
        return {c.wish.attribute: c.expected for turn in self.turns for c in turn.changes}

    def same_as(self, other: Session) -> bool:
        """Whether both are of one face with the same wishes."""
        faces = self.face.image, other.face.image
        return torch.equal(*faces) and self.requests == other.requests

    def truth(self) -> Tensor | None:
        """The true edited image [1, 3, R, R] in [-1, 1]; None of a photograph."""
        if self.face.drawn is None:
            return None
        return self.face.drawn.truth([wish for wishes in self.requests for wish in wishes])

    def say(self, loaded: LoadedSystems, sentence: str) -> Session:
        """This session after a turn of the dialogue: wishes, "a bit more", "less than that", "undo"
        or "back to the original".

        ``ValueError`` where it is not understood, or is one too many.
        """
        if len(sentence) > MOST_LETTERS:
            raise ValueError(
                f"the wish has {len(sentence)} letters; {MOST_LETTERS} are the most: say one change"
            )
        understand = loaded.editor.text_encoder.understand
        plan = plan_turn(sentence, self.steps, self.asked, understand)
        steps = tuple(step for step in plan.past if isinstance(step, Step))
        if plan.wishes and len(steps) > MOST_TURNS:
            raise ValueError(
                f"a face takes {MOST_TURNS} wishes at most; undo some, or start with a new face"
            )
        session, changes = replace(self, steps=steps), list[Change]()
        if plan.wishes:
            session = session._after(loaded, sentence, list(plan.wishes))
            changes += session.turns[-1].changes
        return replace(session, reply=reply(plan.kind, changes), asked=bool(plan.wishes))

    def say_again(self, loaded: LoadedSystems, turns: Sequence[Turn]) -> Session:
        """This session after what was said in another one's ``turns``."""
        session = self
        for turn in turns:
            session = session._after(loaded, turn.said, turn.wishes)
        return session

    def forget(self) -> Session:
        """The face without wishes."""
        return Session(self.face, self.steps[:1])

    def _after(self, loaded: LoadedSystems, said: str, wishes: list[Instruction]) -> Session:
        last, latents, seconds = self.steps[-1], dict[str, Tensor](), dict[str, float]()
        degrees, changes = last.degrees, list[Change]()
        for name, editor in loaded.editors.items():
            before = self.latents(name)
            image = editor.draw(before) if self.turns else self.face.image
            with stopwatch() as spent:
                latents[name], edited = follow(editor, before, image, [wishes])
            seconds[name] = last.seconds[name] + sum(spent.values())
            if name == loaded.reporter:
                reached = editor.degrees(edited)
                changes += changes_of([wishes], last.degrees[None], reached)[0]
                degrees = reached[0]
        turns = (*last.turns, Turn(said, changes))
        own = latents[loaded.reporter][0]
        return replace(
            self, steps=(*self.steps, Step(own, degrees, wishes[-1], latents, seconds, turns))
        )


def follow(
    editor: Editor, latents: Tensor, images: Tensor, requests: Sequence[Sequence[Instruction]]
) -> tuple[Tensor, Tensor]:
    """Latents [N, k] and images [N, 3, R, R] after the wishes of one turn after the other.

    The current degrees of a turn are those of the image that the turn before has left.
    """
    for wishes in requests:
        with stage("editing"):
            latents = editor.walk(latents, editor.degrees(images), [wishes] * len(latents)).latents
        images = editor.draw(latents)
    return latents, images


def draw_face(loaded: LoadedSystems, seed: int, degrees: Sequence[float] | None = None) -> Session:
    """A new session with the rendered face of a seed; ``degrees``: five in [0, 5] instead of its
    own. ``ValueError`` where the networks are not for rendered faces.
    """
    if loaded.style is None:
        raise ValueError(f"{loaded.dataset} has no rendered faces; give a photograph")
    drawn = Drawn(seed, 0, loaded.style, loaded.resolution, degrees)
    return _inverted(loaded, drawn.image(), drawn)


def take_photograph(loaded: LoadedSystems, picture: Picture) -> Session:
    """A new session with a photograph, framed as the networks expect it
    (:meth:`~editable_deepsc.systems.system.System.frame`), or with a face that `editable-deepsc
    faces` drew, whose true edits are known.

    ``picture``: the path of a file, or a PIL image. ``ValueError`` says why one cannot be read.
    """
    drawn = drawn_face(Path(picture)) if isinstance(picture, str | Path) else None
    if drawn is not None and (drawn.resolution, drawn.style) == (loaded.resolution, loaded.style):
        return _inverted(loaded, drawn.image(), drawn)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the framing has them as its note
        image, (framing,) = next(iter(loaded.systems.values())).frame(picture)
    return _inverted(loaded, image, note=framing.note)


def _inverted(
    loaded: LoadedSystems, image: Tensor, drawn: Drawn | None = None, note: str | None = None
) -> Session:
    editor, image = loaded.editor, image.to(loaded.device)
    with stopwatch() as seconds:
        latents = editor.invert(image, seeded("app", "inversion"))
    inversion, anyone = editor.draw(latents), next(iter(loaded.systems.values()))
    unlike = anyone.judged(image, inversion, torch.zeros(1, dtype=torch.bool))
    told = (note, None if unlike is None else unlike.why(0))
    notes = tuple(text for text in told if text is not None)
    face = Face(image, latents, inversion, seconds["inversion"], drawn, notes)
    editors = loaded.editors
    first = Step(
        latents[0],
        editor.degrees(image)[0],
        None,
        dict.fromkeys(editors, latents),
        dict.fromkeys(editors, 0.0),
    )
    return Session(face, (first,))
