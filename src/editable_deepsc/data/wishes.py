"""What a sentence asks for, clause by clause: which attributes, which way, and which to leave.

sentence -> words -> phrases -> clauses -> each: a wish, "leave it", or nothing

The rules know what words deny ("don't", "without", "too old", "not enough"), which verbs, denied,
mean "leave it" ("don't touch") and which turn the wish round ("don't look so old"), and what one
clause hands to the next ("remove the glasses and the beard"). Where they cannot tell which of two
opposite things is meant, they say so: a wrong guess would be worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from . import lexicon as lex
from .amounts import degree_of, years_of
from .attributes import MAX_DEGREE
from .changes import change_of, denied, full_degree
from .clauses import (
    EXCHANGE,
    LOOKS_BAD,
    asks_for_something_else,
    clauses_of,
    cues_of,
    denial,
    is_strange,
    main_cue,
    of_the_picture,
    phrased,
    states_a_fact,
    too_vague,
)
from .lexicon import BEARD, EYEGLASSES, YOUNG, Cue
from .spelling import words_of


@dataclass(frozen=True)
class Wish:
    """``attribute`` 0..4, ``direction`` -1 or +1, ``degree`` 1..5, and whether the words give it
    plainly ("two levels").
    """

    attribute: int
    direction: int
    degree: int
    plain: bool = False


@dataclass(frozen=True)
class Request:
    """``wishes`` in their order, attributes to be ``kept``, whether a part is ``unclear`` (words
    name an attribute, but not which way it should go), and ``others``: parts that ask for
    something else.
    """

    wishes: tuple[Wish, ...] = ()
    kept: frozenset[int] = frozenset()
    unclear: bool = False
    others: tuple[str, ...] = ()

    @property
    def understood(self) -> bool:
        """Whether something is asked for, and all of it is known."""
        return bool(self.wishes) and not self.unclear and not self.others


@dataclass
class _Context:
    """What one clause hands to the next."""

    thing: Cue | None = None  # what "it" is
    sign: int | None = None  # what was done to the last thing
    degree: int | None = None
    keeping: bool = False  # the last clause said to leave something
    denying: bool = False  # ... with "don't", which may go on after "and"
    waiting: int | None = None  # done to an "it" that is named later
    pending: Cue | None = None  # named, but nothing done to it yet


@dataclass
class _Found:
    wishes: list[Wish] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)
    unclear: bool = False
    vague: set[int] = field(default_factory=set)  # named, without a change that is known
    left: set[int] = field(default_factory=set)  # to be kept, in so many words
    dropped: list[Wish] = field(default_factory=list)  # of "instead of": not, if better is known
    others: list[str] = field(default_factory=list)  # clauses that ask for something else


def _wish(attribute: int, sign: int, degree: int | None, words: Sequence[str]) -> Wish:
    said, plain = degree_of(words)
    if attribute == YOUNG and said is None:
        said = years_of(words)
    return Wish(attribute, sign, said or degree or 1, plain)


class _Reader:
    """Reads the clauses of one sentence in their order."""

    def __init__(self, last: Cue | None = None) -> None:
        self.found = _Found()
        self.context = _Context(thing=last)

    def clause(self, joint: str, words: list[str]) -> None:
        before = len(self.found.wishes)
        self._clause(joint, words)
        if joint == "or" and before and cues_of(words) and not self.context.keeping:
            self.found.unclear = True  # one of the two, but which?

    def _clause(self, joint: str, words: list[str]) -> None:
        cues = cues_of(words)
        if words[0] == "instead":
            self._replaced(words, cues)
        elif not cues:
            self._pronoun(words)
        elif "mention" in words:
            self.context = _Context(thing=cues[-1][1])
        elif EXCHANGE & set(words):
            self._exchanged(words, cues)
        elif LOOKS_BAD.search(" ".join(words)):
            self._keep({c.attribute for _, c in cues}, cues[-1][1])
        elif words[0] == "before" or (joint == "after" and self.found.wishes):
            self.found.unclear = True  # told in another order than they are to be done
        elif joint == "except" and denial(words) is None:
            self.context = _Context(thing=cues[-1][1])
        elif states_a_fact(" ".join(words)):
            self.context = _Context(thing=cues[-1][1])
            self.found.kept |= {cues[-1][1].attribute} if lex.KEEP_WORDS & set(words) else set()
        else:
            self._named(joint, words, cues)

    def _keep(self, attributes: set[int], thing: Cue, denying: bool = False) -> None:
        self.found.kept |= attributes
        self.context = _Context(thing=thing, keeping=True, denying=denying)

    def _add(self, cue: Cue, sign: int, degree: int | None, words: list[str]) -> None:
        self.found.wishes.append(_wish(cue.attribute, sign, degree, words))
        self.context.thing, self.context.keeping = cue, False
        self.context.denying = False

    def _replaced(self, words: list[str], cues: list[tuple[int, Cue]]) -> None:
        """ "instead of glasses": not the glasses, unless the other clauses say more of them."""
        for _, cue in cues:
            if cue.kind == "thing":
                self.found.dropped.append(_wish(cue.attribute, -1, MAX_DEGREE, []))
        if len({c.attribute for _, c in cues}) > 1:
            self.found.unclear = True

    def _exchanged(self, words: list[str], cues: list[tuple[int, Cue]]) -> None:
        """ "Swap the glasses for a beard": one goes, the other comes."""
        places = [i for i, w in enumerate(words) if w in ("for", "with", "by", "to", "into")]
        before = [c for i, c in cues if places and i < places[0]]
        after = [c for i, c in cues if places and i > places[0]]
        swapped = len(before) == len(after) == 1 and denial(words) is None
        away = len(before) == 1 and not after and "away" in words
        if not (swapped or away) or is_strange(words, foreign_only=True):
            self.found.unclear = True
            return
        if away or before[0].attribute != after[0].attribute:
            self._add(before[0], -1, MAX_DEGREE, [])
        if swapped and (before[0].attribute != after[0].attribute or after[0].degree):
            self._add(after[0], 1, after[0].degree, words)

    def _pronoun(self, words: list[str]) -> None:
        """A clause without an attribute: "trim it", "make them longer", "take it off"."""
        thing, has = self.context.thing, set(words)
        if asks_for_something_else(words):
            self.found.others.append(" ".join(words))
        if not has & _MEANT and not states_a_fact(" ".join(words)):
            self._hand_on(words)
        if not has & _MEANT and (self.context.denying or not self._only_doing(words)):
            return
        if states_a_fact(" ".join(words)) or is_strange(words, foreign_only=False):
            return
        place = denial(words)
        if thing is None:
            sign, _, _ = change_of(words, Cue(0, 1, None, "thing"))
            if sign is not None and place is None:
                self.context.waiting = sign
            return
        if place is not None or has & lex.KEEP_WORDS:
            self._keep({thing.attribute}, thing)
            return
        sign, degree, contradicts = change_of(words, thing)
        if contradicts:
            self.found.unclear = True
        elif sign is not None:
            if self.context.pending == thing:  # "glasses? take them off"
                self.found.wishes = [w for w in self.found.wishes if w.attribute != thing.attribute]
                self.context.pending = None
            self.context.sign, self.context.degree = sign, degree
            self._add(thing, sign if thing.kind != "age" else -sign, degree, words)

    def _hand_on(self, words: list[str]) -> None:
        """ "remove the hat and ...": what is done to the hat is done to what follows."""
        if denial(words) is not None:
            self.context.keeping = bool(lex.ACTION_WORDS & set(words)) or self.context.keeping
            return
        doing = set(words) & (lex.REMOVING | lex.LOWERING | lex.RAISING | {"add", "put", "give"})
        if doing:
            sign, degree, contradicts = change_of(words, Cue(EYEGLASSES, 1, None, "thing"))
            self.context.sign = None if contradicts else sign
            self.context.degree = degree

    def _only_doing(self, words: list[str]) -> bool:
        doing = lex.GREATER | lex.SMALLER | lex.REMOVING | lex.LOWERING | lex.RAISING
        return bool(doing & set(words)) and len(words) <= 6

    def _named(self, joint: str, words: list[str], cues: list[tuple[int, Cue]]) -> None:
        attributes = {c.attribute for _, c in cues}
        main = main_cue(words, cues)
        place = denial(words)
        if lex.KEEP_WORDS & set(words) and place is None:
            self.found.left |= attributes
            return self._keep(attributes, cues[-1][1])
        if place is not None:
            if self.context.keeping and words[0] == "nor":
                return self._keep(attributes, cues[-1][1])
            return self._turned(joint, words, place, main, attributes, cues[-1][1])
        if main is None:
            self.found.unclear = True
            return None
        i, cue = main
        sign, degree, contradicts = change_of(words, cue)
        if self._inherits_keeping(joint, words, sign, cue):
            return self._keep(attributes, cue)
        if contradicts:
            self.found.unclear = True
        elif cue.kind == "thing":
            self._thing(joint, words, i, cue, (sign, degree))
        else:
            self._state(words, cue, sign)
        return None

    def _inherits_keeping(self, joint: str, words: list[str], sign: int | None, cue: Cue) -> bool:
        """Whether "don't ..." goes on: "or remove the beard", "and the bangs"."""
        if not self.context.keeping:
            return False
        if joint in ("or", "nor", "and") and self.context.denying:
            return True
        bare = sign is None and not set(words) & (lex.ACTION_WORDS | {"just", "only", "instead"})
        return joint in (",", "and", ", and", "or") and bare and cue.kind == "thing"

    def _turned(
        self,
        joint: str,
        words: list[str],
        place: int,
        main: tuple[int, Cue] | None,
        attributes: set[int],
        last: Cue,
    ) -> None:
        """A clause that denies something."""
        if main is None:
            return self._keep(attributes, last, denying=True)
        if (
            joint == "but"
            and main[1].kind != "thing"
            and main[1].attribute in {w.attribute for w in self.found.wishes}
        ):
            return None  # "smile, but don't laugh": a limit of what was asked
        what, sign = denied(words, place, main[1])
        strange = is_strange(words, foreign_only=main[1].kind == "thing")
        if what == "keep":
            self._keep(attributes, last, denying=True)
        elif what == "wish" and sign is not None and not strange:
            cue = main[1]
            softly = {"so", "too", "that", "much", "as", "enough"} & set(words)
            removes = sign * cue.sign < 0 and cue.kind in ("thing", "act") and not softly
            degree = MAX_DEGREE if removes else None
            self._add(cue, sign, degree, words[place:] if removes else words)
            self.context.sign, self.context.degree = sign, degree
        else:
            self.context = _Context(thing=last)
        return None

    def _thing(
        self, joint: str, words: list[str], i: int, cue: Cue, done: tuple[int | None, int | None]
    ) -> None:
        sign, degree = done
        context = self.context
        firm = set(words) & ((_CHANGING | {"forehead"}) - lex.ADDING - lex.MORE)
        if is_strange(words, foreign_only=sign is not None and bool(firm)):
            self.context = _Context(thing=cue)
            return
        if sign is None and context.waiting is None and context.sign is None:
            if too_vague(words, cue):
                self.found.vague.add(cue.attribute)
                self.context = _Context(thing=cue)
                return
        asks = any(w.endswith("'d") for w in words) or bool(
            set(words) & {"please", "should", "could", "would", "can"}
        )
        praised = bool(set(words) & lex.PRAISE_WORDS)
        if sign is None and context.waiting is not None:
            sign, degree = context.waiting, MAX_DEGREE if context.waiting < 0 else None
        elif sign is None and context.sign is not None and joint in ("and", ",", ", and", "or"):
            sign, degree = context.sign, context.degree
        elif sign is None and not (
            set(words[:i]) & {"make", "turn", "do", "touch", "change"} and "into" not in words
        ):
            if praised and not asks:
                self.context = _Context(thing=cue)
                return
            if joint != "or":
                context.pending = cue if not asks else None
                self._add(cue, 1, cue.degree or full_degree(words, cue), words)
                return
        if sign is None:
            context.pending = context.thing = cue
            return
        first = min((k for k, w in enumerate(words) if w in _CHANGING), default=i)
        if context.pending is not None and joint == "and" and first > i:
            self._late(context.pending, sign, degree, words)
        context.pending = None
        adds = sign > 0 and degree is None and not set(words) & (lex.GREATER | lex.RAISING)
        context.sign, context.degree, context.waiting = sign, degree, None
        self._add(
            cue, sign, degree or (cue.degree if adds else None) or full_degree(words, cue), words
        )

    def _late(self, cue: Cue, sign: int, degree: int | None, words: list[str]) -> None:
        """ "glasses and beard off": what comes last is done to both."""
        self.found.wishes = [w for w in self.found.wishes if w.attribute != cue.attribute]
        self.found.wishes.append(_wish(cue.attribute, sign, degree, words))

    def _state(self, words: list[str], cue: Cue, sign: int | None) -> None:
        if is_strange(words, foreign_only=False) or of_the_picture(words, cue):
            self.context = _Context(thing=cue)
            return
        if cue.attribute == BEARD and cue.sign < 0:
            sign = None  # "shave it off"
        noun = re.search(r"(?<!make )(?<!let )\b(her|his|the|their|my|your) age\b", " ".join(words))
        if cue.kind == "age" and sign is None and noun:
            self.found.vague.add(YOUNG)
            return
        years = {"years", "decades"} & set(words) and not {"age", "ages", "ageing"} & set(words)
        if cue.kind == "age" and sign is None and years:
            sign = 1 if set(words) & {"later", "on"} else None
            if sign is None:
                self.found.unclear = True
                return
        if cue.kind == "act" and sign is None:
            sign = self.context.waiting
        self.context = _Context(thing=cue if cue.kind in ("act", "age") else None)
        removes = set(words) & lex.REMOVING and cue.kind == "act" and (sign or 1) < 0
        degree = MAX_DEGREE if removes else cue.degree or full_degree(words, cue)
        self._add(cue, cue.sign * (sign or 1), degree, words)
        if cue.kind == "act" and sign is not None:
            self.context.sign = sign


_AFTER_NO = set("i we make let add remove take please put give keep i'd".split())
_MEANT = lex.PRONOUNS | {"some", "one"}
_CHANGING = (
    lex.ADDING | lex.RAISING | lex.LOWERING | lex.GREATER | lex.SMALLER | lex.REMOVING
    | lex.MORE | lex.LESS
)  # fmt: skip


def _merged(found: _Found) -> Request:
    wishes: list[Wish] = []
    unclear = found.unclear
    better = {w.attribute for w in found.wishes}
    for wish in [*found.wishes, *(w for w in found.dropped if w.attribute not in better)]:
        same = [k for k, w in enumerate(wishes) if w.attribute == wish.attribute]
        if not same:
            wishes.append(wish)
        elif wishes[same[0]].direction != wish.direction:
            unclear = True
        elif wish.degree > wishes[same[0]].degree and not wishes[same[0]].plain:
            wishes[same[0]] = replace(wish)
    gone = {w.attribute for w in wishes if w.direction < 0 and w.degree == MAX_DEGREE}
    unclear = (
        unclear or bool(found.left & gone) or bool(found.vague - {w.attribute for w in wishes})
    )
    kept = frozenset(found.kept) - {w.attribute for w in wishes}
    return Request(tuple(wishes), kept, unclear, tuple(found.others))


def read_request(text: str, last: Cue | None = None) -> Request:
    """What a sentence asks for and wants left alone, by its words alone. ``last``: what "it" is."""
    words = phrased(words_of(text))
    if words[:1] == ["no"] and set(words[1:2]) & _AFTER_NO:
        words = words[1:]  # "no I want the glasses off" answers somebody
    reader = _Reader(last)
    clauses = clauses_of(words)
    for joint, clause in clauses:
        reader.clause(joint, clause)
    return _merged(reader.found)
