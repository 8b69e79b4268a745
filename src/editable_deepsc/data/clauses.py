"""A sentence as clauses, and what each names: words, phrases, clauses, cues."""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import lexicon as lex
from .idioms import PHRASES
from .lexicon import BANGS, BEARD, CUES, YOUNG, Cue
from .spelling import foreign_changes, foreign_words, known_words

SOFT_WORDS = 3  # words that nobody knows, which a clause may hold


_PHRASES = [
    (re.compile(rf"(?<![\w-])(?:{pattern})(?![\w'-])"), plain) for pattern, plain in PHRASES
]


def phrased(words: Sequence[str]) -> list[str]:
    text = " ".join(words)
    for pattern, plain in _PHRASES:
        text = pattern.sub(plain, text)
    return text.split()


def _is_mention(words: Sequence[str], i: int) -> bool:
    """Whether a state only says who is meant: "the old man", "make grandma smile"."""
    cue, before = CUES[words[i]], words[i - 1] if i else ""
    if cue.attribute != YOUNG or cue.kind != "state":
        return False
    people = {"man", "woman", "guy", "lady", "person", "gentleman", "fellow", "dude"}
    is_person = cue.degree is not None
    followed = i + 1 < len(words) and (words[i + 1] in people or words[i + 1] in CUES)
    pointed = (i < 2 or words[i - 2] not in ("like", "as", "into")) and before in {
        "the",
        "this",
        "that",
        "these",
        "those",
        "our",
        "my",
    }
    if pointed and (is_person or followed):
        return True
    free = before not in {"a", "an", "into", "like", "as", "old", "young", "little", "her", "his"}
    others = any(w in CUES for w in (*words[:i], *words[i + 1 :]))
    compares = " ".join(words[max(i - 2, 0) : i]) in ("like a", "of a", "like an", "of an")
    if compares and any(w in CUES and CUES[w].kind == "act" for w in words[:i]):
        return True  # "smile like a child"
    return is_person and free and others and before in lex.ACTION_WORDS | {"see", "have", "let"}


def cues_of(words: Sequence[str]) -> list[tuple[int, Cue]]:
    """Places of the words that stand for an attribute, and their cues."""
    found = []
    for i, word in enumerate(words):
        if word not in CUES or _is_mention(words, i):
            continue
        after = CUES.get(words[i + 1]) if i + 1 < len(words) else None
        describes = CUES[word].kind == "state" and after is not None and after.kind == "thing"
        if describes and after is not None and after.attribute != CUES[word].attribute:
            continue  # "the old glasses"
        found.append((i, CUES[word]))
    if not found and "forehead" in words:
        found.append((words.index("forehead"), Cue(BANGS, 1, None, "thing")))
    return found


_JOINTS = {"with", "without", "instead", "no", "not", "minus", "less", "more", "fewer", "wearing"}
_JOINTS |= {"rather", "having"}
EXCHANGE = lex.EXCHANGING
LOOKS_BAD = re.compile(rf"\b(look|looks|be|seem) (so |really |very )?({lex.BAD_WORDS})\b")


def _cut(words: list[str]) -> list[list[str]]:
    """One clause as several, where "with", "without" and the like begin another attribute."""
    cues = cues_of(words)
    place = denial(words)
    if place is not None and words[place] in lex.NOT_WORDS:
        if set(words[place + 1 :]) & {"without", "no", "minus"}:
            return [words]  # "don't show her without glasses": denied twice, not a wish
    if EXCHANGE & set(words) or LOOKS_BAD.search(" ".join(words)):
        return [words]
    if words[0] == "instead" and cues:
        starts = [k for k in range(cues[0][0] + 1, len(words)) if words[k] in lex.ACTION_WORDS]
        if starts:
            return [words[: starts[0]], *_cut(words[starts[0] :])]
    for (i, one), (j, other) in zip(cues, cues[1:]):
        if one.attribute == other.attribute:
            continue
        joints = [k for k in range(i + 1, j) if words[k] in _JOINTS]
        if not joints and one.kind != "thing" and other.kind in ("state", "compared"):
            joints = [j]
        if joints:
            return [words[: joints[0]], *_cut(words[joints[0] :])]
    for k, word in enumerate(words):
        tail_names_something = bool(cues_of(words[k:]))
        if k and word in ("without", "instead") and tail_names_something:
            return [words[:k], *_cut(words[k:])]
        if k and word == "not" and words[k - 1] in CUES and tail_names_something:
            return [words[:k], *_cut(words[k:])]
    if "than" in words:
        return [words[: words.index("than")]]
    return [words]


def clauses_of(words: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Pairs of what joins a clause to the one before ("", ",", "and", "or", ...) and its words."""
    found: list[tuple[str, list[str]]] = []
    joint = ""
    current: list[str] = []
    for word in [*words, "."]:
        if word not in lex.SPLITTERS and (word != "nor" or not current):
            current.append(word)
            continue
        if current:
            found += [
                (joint if not n else "", part) for n, part in enumerate(_cut(current)) if part
            ]
            joint, current = word, ["nor"] if word == "nor" else []
        elif joint in ("", ",") or word in ("or", "nor", "but"):
            joint = word if not (joint == "," and word == "and") else ", and"
    return found


_QUESTION = re.compile(
    r"(is|are|was|were|does|did|has|who|whom|whose|why|when|where|which|how|what|am"
    r"|do (you|they|we|i|he|she)|have (you|they|we|i))\b"
)
_FACT = re.compile(
    r"((well|so|but|oh|now|actually|i think|because|if|when) )*"
    r"((he|she|they|it|you|i|we|there|this|that|who)(?: (also|really|always|once|just))?"
    r"|(the|his|her|their|my|our|this|that|your)( \S+){1,3}?) "
    r"(is|are|was|were|has|had|have|looks|look|looked|seems|seem|wears|wore|used|got|loves|love"
    r"|like|likes|hate|hates|forgot|lost|smiles|smiled|laughs|shaved|am|isn't|aren't|wasn't"
    r"|hasn't|haven't|doesn't|didn't|don't (like|have|see|know)|can't|cannot)\b"
    r"|(he|she|they|you|i|we) (\w+ed|took|made|gave|did|put)\b"
    r"|(he|she|it|that|i)'s\b|i'm\b|(he|she) never\b|i (like|love|hate|see|have|am|was)\b"
)
_ASKS = re.compile(
    r"\b(should|could|would|i'd|he'd|she'd|must|needs?|want|wants|wish|please|better|prefer"
    r"|has-to-go|too|enough|as-is|stays?|supposed|ought|rather|wouldn't|keep|remain)\b|\w+'d\b"
)


def states_a_fact(text: str) -> bool:
    """Whether a clause tells or asks something, and wants nothing."""
    if re.match(r"(it|that|this)('s| is)\b", text) and "better" not in text:
        return True
    if _QUESTION.match(text) and not text.startswith(("what a", "is it")):
        return True
    return bool(_FACT.match(text)) and not _ASKS.search(text)


def main_cue(words: Sequence[str], cues: list[tuple[int, Cue]]) -> tuple[int, Cue] | None:
    """The cue that decides; None where several point different ways."""
    shaving = [(i, c) for i, c in cues if c.attribute == BEARD and c.sign < 0]
    if shaving and len({c.attribute for _, c in cues}) == 1:
        return shaving[0]
    telling = [c for c in cues if c[1].kind != "age"] or cues
    changing = [c for c in telling if c[1].kind == "compared"] or telling
    if len({c.attribute for _, c in changing}) > 1:
        return None
    if len({c.sign for _, c in changing}) > 1 and not {"into", "to"} & set(words):
        return None
    return changing[-1]


def denial(words: Sequence[str]) -> int | None:
    """Place of the first word that denies, None without one."""
    for i, word in enumerate(words):
        if word in lex.NOT_WORDS or word in lex.NO_WORDS or word in lex.STOP_WORDS:
            return i
    return None


_OURS = lex.PLAIN_WORDS | lex.ACTION_WORDS | lex.ADDING | lex.RAISING | lex.LOWERING
_OURS |= lex.GREATER | lex.SMALLER | lex.REMOVING | lex.MORE | lex.LESS | lex.KEEP_WORDS
_OURS |= lex.NOT_WORDS | lex.NO_WORDS | lex.STOP_WORDS | set(CUES) | lex.PRAISE_WORDS
_OURS |= lex.TENS.keys() | lex.LEVELS.keys() | {"as-can-be", "enough", "much", "light", "as-is"}
_OURS |= lex.TALL_WORDS | lex.SMALL_WORDS | lex.BARE_WORDS


def is_strange(words: Sequence[str], foreign_only: bool) -> bool:
    """Whether a clause is about something else too: it names other things, or too much unknown."""
    ours = _OURS | {"hair"} if "forehead" in words else _OURS
    others = [w for w in words if w not in ours and not w.isdigit()]
    if any(w in foreign_words() for w in others):
        return True
    if not foreign_only and any(w in known_words() for w in others):
        return True
    return len(others) > SOFT_WORDS


def too_vague(words: list[str], cue: Cue) -> bool:
    """Whether words beside a bare thing may say anything of it: "clean the glasses"."""
    others = [w for w in words if w not in lex.BARE_WORDS and w not in CUES]
    others = [w for w in others if w not in lex.PRAISE_WORDS]
    if cue.attribute == BANGS:
        others = [w for w in others if w not in ("down", "over", "across")]
    for change in ({"turn", "into"}, {"change", "to"}):
        if change <= set(words) and cue.degree:
            others = [w for w in others if w not in change]
    describing = [w for i, w in enumerate(words[:-1]) if words[i + 1] in CUES]
    known = [w for w in others if w in known_words() or w.isdigit() or w not in describing]
    return bool(known) or len(others) > 1


def of_the_picture(words: list[str], cue: Cue) -> bool:
    """Whether a state is the picture's: "make the photo look older", "old-fashioned"."""
    text = re.sub(
        r"\b(in|on|of|from) (the|this|that|my|your) (photo|picture|image)", "", " ".join(words)
    )
    if set(text.split()) & {"photo", "picture", "image"} and cue.kind != "act":
        return not text.startswith("picture ")
    verbs = lex.ACTION_WORDS | {
        "look",
        "looks",
        "be",
        "imagine",
        "should",
        "more",
        "less",
        "want",
        "see",
    }
    unknown = [w for w in words if w.isalpha() and w not in known_words()]
    return bool(unknown) and not set(words) & verbs


def asks_for_something_else(words: list[str]) -> bool:
    """Whether a clause without a known attribute wants a change of another thing: "remove the
    hat", "taller".
    """
    if denial(words) is not None or lex.KEEP_WORDS & set(words):
        return False
    if states_a_fact(" ".join(words)):
        return False
    return bool(set(words) & (foreign_words() | foreign_changes()) - (_OURS - {"nose"}))
