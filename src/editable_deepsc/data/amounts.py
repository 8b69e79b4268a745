"""How much a sentence asks for: by levels, by years, or by its adverbs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .attributes import MAX_DEGREE
from .lexicon import LEVELS, TENS
from .phrases import ADVERBS

YEARS_OF_A_DEGREE = 10  # our choice: the six degrees of age span about sixty years
_MORE_ADVERBS = {
    1: ("a touch", "a tad", "a wee bit", "slight", "marginally"),
    3: ("really", "lots", "a whole lot", "very much", "loads", "a good deal"),
    4: ("super", "hugely", "a ton", "tons", "extremely", "insanely"),
    MAX_DEGREE: ("completely", "entirely", "totally", "fully", "as-can-be", "altogether"),
}
_PHRASES = {
    phrase: degree
    for group in (*ADVERBS.values(), _MORE_ADVERBS)
    for degree, phrases in group.items()
    for phrase in phrases
}
_ADVERB = re.compile(rf"\b({'|'.join(sorted(map(re.escape, _PHRASES), key=len, reverse=True))})\b")
_NUMBER = rf"(\d+|{'|'.join(LEVELS)})"
_NUMBER_ALONE = rf"(\d+|{'|'.join(word for word in LEVELS if word not in ('a', 'another'))})"
_LEVELS = re.compile(
    rf"\b{_NUMBER}(?: of| more| full)? (?:levels?|steps?|notch(?:es)?|degrees?|points?|stages?)\b"
    rf"|\bby {_NUMBER_ALONE}(?= *$| (?!years?|decades?))"
)
_YEARS = re.compile(rf"\b(\d+|{'|'.join((*LEVELS, *TENS))})(?: or so| more)? (years|decades)\b")


def degree_of(words: Sequence[str]) -> tuple[int | None, bool]:
    """The degree 1..5 that words give, None where they give none; and whether as a number."""
    text = " ".join(words)
    counted = _LEVELS.search(text)
    if counted:
        number = counted[1] or counted[2]
        degree = int(number) if number.isdigit() else LEVELS[number]
        return min(max(degree, 1), MAX_DEGREE), True
    adverbs = [_PHRASES[m] for m in _ADVERB.findall(re.sub(r"\btoo much\b", "", text))]
    return (max(adverbs) if adverbs else None), False


def years_of(words: Sequence[str]) -> int | None:
    """The degree that a number of years comes to, None without one."""
    found = _YEARS.search(" ".join(words))
    if not found:
        return None
    number = int(found[1]) if found[1].isdigit() else (TENS | LEVELS)[found[1]]
    years = number * (10 if found[2] == "decades" else 1)
    return min(max(round(years / YEARS_OF_A_DEGREE), 1), MAX_DEGREE)
