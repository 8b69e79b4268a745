"""What a clause does to the attribute that it names: more, less, gone, or, denied, left alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import lexicon as lex
from .attributes import MAX_DEGREE
from .lexicon import BANGS, BEARD, CUES, Cue


def _too(words: Sequence[str]) -> int | None:
    """Which way "too long" and "too short" point; None without them."""
    for i, word in enumerate(words[:-1]):
        if word in ("too", "overly"):
            after = words[i + 1 : i + 3]
            if any(w in lex.SMALL_WORDS for w in after[:1]):
                return 1
            return -1
    return None


def change_of(words: Sequence[str], cue: Cue) -> tuple[int | None, int | None, bool]:
    """What a clause does to a thing: sign (None: nothing), degree, and whether it contradicts
    itself.
    """
    too = _too(words)
    if too is not None:
        return too, None, False
    if words[0] == "enough":
        return -1, MAX_DEGREE, False
    has = set(words)
    if cue.attribute == BANGS and "forehead" in has:
        return _forehead(words)
    signs = set()
    raised = bool(has & (lex.RAISING | lex.GREATER))
    lowered = bool(has & lex.SMALLER)
    for i, word in enumerate(words):
        after = words[i + 1] if i + 1 < len(words) else ""
        before = words[i - 1] if i else ""
        if word in lex.LESS or (word in lex.MORE and after in lex.SMALL_WORDS):
            turned = after in lex.SMALL_WORDS and word in lex.LESS
            signs.add(1 if turned else -1)
            raised = raised and not has & {"cover"}
        elif word in lex.LOWERING:
            adjective = word in ("thin", "cut") and before in ("a", "too", "so", "very", "thin")
            lowered = lowered or not adjective
    removed = bool(has & lex.REMOVING)
    if removed:
        signs.add(-1)
    if lowered:
        signs.add(-1)
    if raised:
        signs.add(1)
    degree = MAX_DEGREE if removed or has & lex.SUPERLATIVES else None
    if cue.attribute == BANGS and has & {"hang", "fall", "reach", "come"} and not removed:
        return 1, MAX_DEGREE if "eyebrows" in has else None, False
    if signs:
        return (None if len(signs) > 1 else signs.pop()), degree, len(signs) > 0
    if has & lex.MORE:
        return 1, None, False
    if has & _VAGUE and not has & {"add", "put", "give"}:
        return None, None, False
    if (
        has & lex.ADDING
        or (cue.attribute == BEARD and "cover" in has)
        or ("put" in has and "on" in has)
    ):
        small = has & (lex.SMALL_WORDS - {"little", "slight", "light", "few", "tiny"})
        doubtful = bool(small) and cue.kind == "thing" and not has & {"add", "adding"}
        full = has & (lex.SUPERLATIVES | {"full", "eyebrows"})
        return 1, MAX_DEGREE if full else None, doubtful
    return _resulting(words, cue), None, False


def _resulting(words: Sequence[str], cue: Cue) -> int | None:
    """Where "make the beard long" and "the bangs should be short" point."""
    place = next((i for i, w in enumerate(words) if CUES.get(w) == cue), len(words))
    if cue.kind != "thing" or not {"make", "be", "let", "want", "made"} & set(words[: place + 3]):
        return None
    after = words[place + 1 :]
    if any(w in lex.TALL_WORDS for w in after):
        return 1
    return -1 if any(w in lex.SMALL_WORDS - {"little"} for w in after) else None


_VAGUE = {"do", "doing", "change", "touch", "alter", "modify", "edit", "adjust", "something"}
_COVERING = {"cover", "covers", "covering", "hide", "hides", "hidden", "hiding", "conceal", "over",
             "hang", "hanging", "fall", "falling", "lower", "down", "reach"}  # fmt: skip
_SHOWING = {"show", "shows", "see", "bare", "clear", "reveal", "expose", "uncover", "free", "off",
            "away", "open", "visible", "showing", "without", "from"}  # fmt: skip


def _forehead(words: Sequence[str]) -> tuple[int | None, int | None, bool]:
    has = set(words)
    hiding, showing = bool(has & _COVERING), bool(has & _SHOWING)
    if "cut" in has or "shorten" in has or "trim" in has or "shorter" in has:
        return -1, None, hiding
    if not hiding and not showing:
        return None, None, True
    sign = 1 if hiding else -1
    if has & lex.LESS:
        sign = -sign
    whole = has & {"whole", "entire", "completely", "entirely", "full", "fully", "bare"}
    return sign, MAX_DEGREE if whole else None, False


def _enough(words: Sequence[str]) -> bool:
    return "enough" in words


def denied(words: list[str], at: int, cue: Cue) -> tuple[str, int | None]:
    """("keep", None), ("unclear", None), ("fact", None) or ("wish", sign) of a clause whose word
    ``at`` denies something about ``cue``.
    """
    word, scope, before = words[at], words[at + 1 :], words[:at]
    if not any(w in CUES for w in words):  # only a forehead
        return "keep", None
    if word == "no" and not scope and cue.kind == "thing":
        return "wish", -1  # "glasses no"
    comparing = any(
        w in lex.GREATER | lex.SMALLER or (w in CUES and CUES[w].kind == "compared") for w in scope
    )
    if _enough(words) and not any(w in lex.ACTION_WORDS for w in scope):
        small = any(w in lex.SMALL_WORDS for w in scope)
        return "wish", -1 if small and cue.kind == "thing" else cue.sign
    if any(w in lex.NOT_WORDS | lex.NO_WORDS | lex.STOP_WORDS for w in scope):
        return "keep", None
    if cue.attribute == BEARD and cue.sign < 0:
        return "keep", None  # "don't shave him"
    if re.search(
        r"\b(want|need|like|ask|asked) (you|us|anyone|anybody|someone)\b", " ".join(scope)
    ):
        return "keep", None  # "I don't want you to ..."
    acting = [w for w in scope if w in lex.ACTION_WORDS or w in ("as-is", "gone", "away")]
    keeping = any(w in lex.KEEP_WORDS for w in scope)
    if word in lex.NO_WORDS or (word == "not" and scope[:1] == ["more"]):
        return _none_of(scope, cue, bool(acting) or keeping, comparing)
    if word in lex.STOP_WORDS and {"wearing", "having"} & set(scope) and cue.kind == "thing":
        return "wish", -1
    if word in lex.STOP_WORDS:
        turns = cue.kind in ("act", "state") and not acting and not comparing
        if turns and not any(w in lex.MORE | lex.LESS for w in scope):
            return "wish", -cue.sign
        return "keep", None
    if acting or keeping or comparing or any(w in lex.LESS for w in scope):
        return "keep", None
    much = re.search(r"\b(?:so|that|as) (\w+)", " ".join(scope))
    if cue.kind == "thing" and much and much[1] in lex.TALL_WORDS | lex.SMALL_WORDS:
        return "wish", 1 if much[1] in lex.SMALL_WORDS else -1
    if word == "not-to" or word in ("nobody", "none", "nothing", "avoid", "refrain"):
        wanting = bool({"need", "needs", "wants", "want"} & set(scope))
        return ("wish", -1) if wanting and cue.kind == "thing" else ("keep", None)
    if any(w in lex.MORE for w in scope):
        return "keep", None
    if "too" in scope and not {"look", "be", "seem", "smile", "grin", "laugh"} & set(words):
        return "keep", None
    wanting = bool({"want", "need", "wear", "wearing", "have", "see", "needs"} & set(scope))
    subject = bool({"he", "she", "they", "it"} & set(before[-2:])) or bool(before[:1] == ["i"])
    fact = word in ("doesn't", "isn't", "didn't", "hasn't", "haven't", "wasn't", "aren't", "can't")
    if subject and fact and not {"need", "want"} & set(scope) and "have-to" not in scope:
        return "fact", None
    intense = bool({"so", "too", "that", "as", "very"} & set(scope)) or bool(
        {"look", "be", "seem", "smile", "grin", "laugh", "frown"} & set(scope)
    )
    if cue.kind == "thing":
        return ("wish", -1) if wanting else ("keep", None)
    if word == "not" and not before and not intense and cue.kind != "act":
        return "keep", None
    return "wish", -cue.sign


def _none_of(scope: list[str], cue: Cue, acting: bool, comparing: bool) -> tuple[str, int | None]:
    """What "no", "without" and their like say of a cue."""
    if scope[:1] == ["more"]:
        scope = scope[1:]
    if acting or comparing or any(w in lex.LESS for w in scope):
        return "keep", None
    return "wish", -1 if cue.kind == "thing" else -cue.sign


def full_degree(words: list[str], cue: Cue) -> int | None:
    """The degree that "full", "huge" and their like say, None without them."""
    whole = {"full", "eyebrows"} | lex.SUPERLATIVES
    whole |= {"cover"} if cue.attribute == BEARD else set()
    return MAX_DEGREE if whole & set(words) else None
