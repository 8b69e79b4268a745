"""What a turn of a dialogue says of the turns before it: "a bit more", "undo", "that's it".

sentence -> parts -> each: more or less of the last wish, back one turn, back to the original,
                     yes, no, the end, or a wish, which is left to the text encoder

After Talk-to-Edit (Jiang et al. 2021), whose person may answer "is this enough?" with yes or no,
wish for something else, or end the dialogue.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .amounts import degree_of
from .instructions import INDEFINITE_DEGREE, Instruction, plain_sentence
from .lexicon import YOUNG, Cue
from .spelling import words_of
from .wishes import read_request

KINDS = ("more", "less", "undo", "original", "yes", "no", "end", "wishes")


@dataclass(frozen=True)
class Part:
    """One thing that a turn says: its ``kind``, one of ``KINDS``, its ``text``, and for "more" and
    "less" by how many degrees.
    """

    kind: str
    text: str
    degree: int = INDEFINITE_DEGREE


_STEPS = r"(?:levels?|degrees?|steps?|notch(?:es)?|points?)"
_COUNT = r"(?:\d|one|two|three|four|five|another|a)"
_AMOUNT = (  # with the space behind it, or nothing
    r"(?:(?:just |only |still |even |quite )*(?:"
    r"an? (?:(?:little|tiny|wee|good|great|whole) )?(?:bit|tad|touch|lot|little|deal|ton) "
    r"|(?:much|far|way|lots|slightly|somewhat|some|even|still) "
    rf"|{_COUNT} {_STEPS} ))?"
)
_BEFORE = (
    r"(?:(?:please|ok|okay|well|hmm+|hm|e+m+|oh|oops|now|actually|just|so|and|but|sorry|perhaps"
    r"|maybe|can (?:you|we)|could (?:you|we)|let's|i want|i'd like|i would like|i think|i guess"
    r"|i'd say|to|make|do|try|give me|it|them|that|go|should be|could be|a) )*?"
)
_AFTER = r"(?: (?:please|again|now|for me|then|though|thanks|thank you|yet|i think|i guess))*"
_THIS = r"(?:it|that|this|them|those|the last (?:one|change|edit|step|turn|thing))"
_PICTURE = r"(?: (?:one|face|picture|photo|image|version|state))?"

_IS = r"(?:(?:it's|that's|it is|that is|this is|it was) )?"
_SAYS: dict[str, tuple[str, ...]] = {
    "original": (
        rf"(?:(?:back|return|reset|revert) )*(?:to )?(?:the |my )?(?:very )?original{_PICTURE}",
        rf"(?:show me|restore) (?:the )?original{_PICTURE}",
        rf"back to (?:the )?(?:start|beginning|first{_PICTURE}|how (?:it|she|he) was)",
        r"(?:start|begin) (?:all )?(?:over|again|afresh|anew|from scratch)",
        r"reset(?: (?:it|this|that|everything|all))?(?: to the original)?",
        r"(?:undo|revert|cancel|forget) (?:everything|all(?: (?:of )?(?:it|that|them))?)",
        r"(?:undo|revert|cancel|forget) (?:all (?:the )?|every )(?:changes?|edits?)",
    ),
    "undo": (
        rf"(?:undo|revert|cancel|forget|scrap|drop)(?: {_THIS})?",
        rf"(?:take|put|turn|change) {_THIS} back|back|(?:back )?(?:one|a) (?:step|turn)(?: back)?",
        rf"step back|(?:back to )?(?:the )?(?:previous|last){_PICTURE}",
        rf"not {_THIS}|never ?mind|i (?:don't|didn't) (?:like|want|mean) {_THIS}",
        rf"{_IS}(?:much |even )?(?:worse|wrong|better before)",
        r"(?:she|he|it|that) (?:was|looked) better before",
        rf"{_IS}not (?:it|right|what i (?:want|wanted|meant))",
    ),
    "less": (
        rf"{_AMOUNT}less(?: (?:than|of) {_THIS})?(?: by {_COUNT}(?: {_STEPS})?)?",
        rf"{_IS}{_AMOUNT}too (?:much|strong|extreme|far)|{_AMOUNT}(?:weaker|back)",
        rf"not (?:so|that|as|quite so) (?:much|strong|far)|tone {_THIS} down|overdone",
    ),
    "more": (
        rf"{_AMOUNT}more(?: (?:than|of) {_THIS})?(?: by {_COUNT}(?: {_STEPS})?)?",
        rf"{_COUNT} more {_STEPS}|{_AMOUNT}(?:further|stronger)",
        r"again|once more|one more time|the same again|on|continue|(?:keep|carry) (?:going|on)",
        rf"{_IS}(?:still )?not (?:quite |nearly |yet )?(?:(?:strong|far|much) )?enough",
        rf"{_IS}too (?:little|weak)|(?:it|that|this)? ?isn't (?:quite )?enough",
    ),
    "no": (r"(?:no|nope|nah)(?! thank)|not (?:yet|really|quite)",),
    "yes": (
        r"yes|yep|yee+p|yeah|yup|sure|of course|ok|okay|okie|right|exactly|correct",
        r"(?:yes|yep|yeah) (?:sure|it is|they are|please)|(?:just|about|exactly) right",
        rf"(?:{_IS}|looks |it looks )(?:much )?(?:fine|good|great|nice|perfect|lovely|better)",
        rf"i like {_THIS}",
    ),
    "end": (
        r"(?:that's|that is|this is|that will be|that'll be) (?:it|all|enough|everything)",
        r"(?:that's|that is|this is) what i (?:want|wanted|meant)",
        r"(?:(?:no|nope) )?(?:thanks(?: a lot)?|thank you(?: (?:so|very) much)?|cheers)",
        r"bye|goodbye",
        rf"{_IS}(?:all )?(?:good now|done|set|finished|enough|all good)",
        rf"i'm (?:done|finished|fine|happy with {_THIS})|we're done|we are done",
        r"nothing(?: (?:else|more|further))?(?: for)?|end|stop(?: here)?|quit|exit|finish",
        r"no (?:need for )?(?:any )?(?:further|more|other) (?:edits?|changes?)",
        r"i don't (?:want|need) (?:any )?(?:further|more|other) (?:edits?|changes?)",
        rf"(?:keep|leave) {_THIS}(?: (?:like|as|at) (?:that|this|it is))?",
    ),
}
_KINDS = tuple(
    (kind, re.compile(rf"{_BEFORE}(?:{'|'.join(says)}){_AFTER}")) for kind, says in _SAYS.items()
)
_CUTS = frozenset(", ; . ! ? :".split())
_JOINTS = frozenset("and then but".split())
_POLITE = re.compile(r"(?:hi|hello|hey|please|well|so|hmm+|hm|e+m+|oh|oops|sorry|now|actually)+")


def read_turn(text: str) -> list[Part]:
    """The parts of a turn, in their order.

    A turn that says nothing of the turns before it is one part of kind "wishes". Yes, no and
    thanks that come with something else are politeness, and are left out.
    """
    whole = words_of(text)
    stripped = " ".join(word for word in whole if word not in _CUTS)
    kind = _kind_of(stripped)
    if kind is not None:
        return [_part(kind, stripped)]
    found: list[tuple[Part, str]] = []
    for joint, words in _cut(whole):
        said = " ".join(words)
        kind = _kind_of(said)
        if kind is None and _POLITE.fullmatch(said.replace(" ", "")):
            continue
        if kind is None and found and found[-1][0].kind == "wishes":
            said = f"{found.pop()[0].text}{joint} {said}"
        found.append((_part(kind or "wishes", said), joint))
    parts = [part for part, _ in found]
    telling = [part for part in parts if part.kind not in ("yes", "no", "end")]
    if telling == [Part("wishes", part.text) for part in telling]:
        return [Part("wishes", text)] if telling or not parts else [_last_answer(parts)]
    return telling


def _last_answer(parts: Sequence[Part]) -> Part:
    """Of "yes, that's all": the end; of "no, thanks": the end too, since nothing is wanted."""
    return next((part for part in parts if part.kind == "end"), parts[-1])


def _kind_of(said: str) -> str | None:
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(said)), None)


def _part(kind: str, said: str) -> Part:
    if kind not in ("more", "less"):
        return Part(kind, said)
    counted = re.sub(r"\b(?:so|as|that|too) (?:much|far|strong)\b", "", said)
    degree, _ = degree_of(counted.split())
    return Part(kind, said, degree or INDEFINITE_DEGREE)


def _cut(words: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Pairs of what joins a part to the one before and its words."""
    parts: list[tuple[str, list[str]]] = []
    joint, current = "", list[str]()
    for word in [*words, "."]:
        if word in _CUTS or word in _JOINTS:
            if current:
                parts.append((joint, current))
                joint, current = "", []
            joint = (joint + (word if word in _CUTS else f" {word}")) if parts else ""
        else:
            current.append(word)
    return parts


def about_the_last(text: str, attribute: int) -> list[Instruction]:
    """The wishes of a sentence whose "it" is the ``attribute`` (0..4) that was edited last: "make
    them longer". None where nothing in it hangs on that, or where it is not understood.
    """
    if attribute == YOUNG:  # nobody calls an age "it"
        return []
    alone = read_request(text)
    request = read_request(text, Cue(attribute, 1, None, "thing"))
    if not request.understood or len(request.wishes) <= len(alone.wishes):
        return []
    found = [(wish.attribute, wish.direction, wish.degree) for wish in request.wishes]
    texts = [text] if len(found) == 1 else [plain_sentence(*wish) for wish in found]
    return [Instruction(said, *wish) for said, wish in zip(texts, found)]
