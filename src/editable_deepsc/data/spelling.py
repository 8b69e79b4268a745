"""Words of a sentence, with typos of one letter mended towards the words that matter."""

from __future__ import annotations

import functools
import re

from . import lexicon, offtopic
from .idioms import CONTRACTIONS, PHRASES
from .instructions import templates
from .phrases import ADVERBS, REQUEST_OPENINGS, WISH_OPENINGS

LEAST_LENGTH = 3  # a shorter word has too many neighbours
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Where a typo may be of several words, the first kind wins: a lost "not" would turn the wish round.
_KINDS: tuple[frozenset[str], ...] = (
    lexicon.NOT_WORDS
    | lexicon.NO_WORDS
    | lexicon.KEEP_WORDS
    | {word.replace("'", "") for word in lexicon.NOT_WORDS},
    frozenset(lexicon.CUES),
    lexicon.REMOVING | lexicon.LOWERING | lexicon.SMALLER | lexicon.LESS | lexicon.STOP_WORDS,
    lexicon.ADDING | lexicon.RAISING | lexicon.GREATER | lexicon.MORE,
    lexicon.ACTION_WORDS
    | lexicon.PLAIN_WORDS
    | lexicon.TALL_WORDS
    | lexicon.SMALL_WORDS
    | {"enough"},
)


@functools.cache
def known_words() -> frozenset[str]:
    """Words that are no typos: ours, those of the grammar, and everyday ones."""
    words = set().union(*_KINDS, lexicon.REAL_WORDS, lexicon.PRAISE_WORDS, lexicon.SPLITTERS)
    words |= {*lexicon.TALL_WORDS, *lexicon.SMALL_WORDS, *lexicon.TENS, *lexicon.LEVELS}
    words |= everyday_words() | {word for t in templates("train") for word in t.words}
    texts = [pattern for pattern, _ in PHRASES]
    texts += [*REQUEST_OPENINGS, *WISH_OPENINGS]
    texts += [adverb for slot in ADVERBS.values() for group in slot.values() for adverb in group]
    return frozenset(words.union(*(re.findall(r"[a-z']+", text) for text in texts)))


@functools.cache
def everyday_words() -> frozenset[str]:
    """Words of sentences that ask for something else."""
    groups = (offtopic.GENERIC_WORDS, foreign_words(), offtopic.COMPARATIVES, offtopic.VERBS)
    more = (offtopic.PERSON_ADJECTIVES, offtopic.NAMES, offtopic.PLACES, offtopic.TOPICS)
    return frozenset().union(*groups, *more)


@functools.cache
def foreign_words() -> frozenset[str]:
    """Things and colours that are none of the attributes."""
    return frozenset(offtopic.OBJECTS + offtopic.PLURALS + offtopic.COLOURS)


@functools.cache
def foreign_changes() -> frozenset[str]:
    """What one does to other things only, and how they become: "sing", "taller"."""
    return frozenset(offtopic.COMPARATIVES + offtopic.VERBS)


def _neighbours(word: str) -> set[str]:
    """Every string that one letter lost, added, changed or swapped with the next makes of it."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    lost = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    changed = {a + c + b[1:] for a, b in cuts if b for c in _LETTERS}
    added = {a + c + b for a, b in cuts for c in _LETTERS + "'"}
    return lost | swapped | changed | added


@functools.lru_cache(maxsize=65536)
def mended(word: str) -> str:
    """The known word that is one letter from an unknown ``word``, else the word as it is.

    Words of different meaning that are equally near leave it as it is, except that a word that
    denies is preferred to all others.
    """
    if word == "ad":
        return "add"
    if len(word) < LEAST_LENGTH or word.isdigit() or word in known_words():
        return word
    near = _neighbours(word)
    doubled = {a for a in near if re.sub(r"(.)\1+", r"\1", a) == re.sub(r"(.)\1+", r"\1", word)}
    for kind in _KINDS:
        if kind & doubled:
            return min(kind & doubled)
    for kind in _KINDS:
        found = sorted(kind & near)
        if found:
            cues = {lexicon.CUES[w][:2] for w in found if w in lexicon.CUES}
            return found[-1] if len(cues) <= 1 else word
    return word


def words_of(text: str) -> list[str]:
    """Lower-case words and punctuation marks of a sentence, contractions and typos mended."""
    text = text.lower().replace("’", "'").replace("`", "'").replace("&", " and ")
    text = re.sub(r"(?<=\w)-(?=\w)|(?<=\w)/(?=\w)", " ", text)
    text = re.sub(r"\s[-–—]+\s|—|--+|[()/\"]", " , ", text)
    for pattern, plain in CONTRACTIONS:
        text = re.sub(pattern, plain, text)
    words = re.findall(r"[a-z0-9]+(?:'[a-z]+)*|[,;.!?:]", text)
    mending = " ".join(mended(word) for word in words)
    for pattern, plain in CONTRACTIONS:
        mending = re.sub(pattern, plain, mending)
    return mending.split()
