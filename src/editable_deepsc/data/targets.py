"""Sentences that name the degree to arrive at, instead of a change: "bangs of degree 4", "short
bangs", "the person should be in the thirties".

A number after "degree" or "level", or one of the descriptions that CelebA-Dialog's degrees have
(0: no bangs, 1: very short, 2: short, 3: medium, 4: long, 5: extremely long, and so for the other
attributes). Only a whole sentence counts, with or without a greeting: what says more, or says it
otherwise, is for the rules of :mod:`.wishes`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .attributes import MAX_DEGREE, attribute_index

_NUMBERS = {"zero": 0, "no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_NUMBER = rf"(?P<number>[0-5]|{'|'.join(_NUMBERS)})"

# An attribute's nouns; with a number, "age" counts up and we count youth.
_NOUNS = {
    "bangs": r"bangs|fringe",
    "eyeglasses": r"(?:eye)?glass(?:es)?|spectacles",
    "beard": r"beard|facial hair|mustache|moustache",
    "smiling": r"smile|smiling",
    "young": r"age",
}
_NUMBERED = (
    r"(?:{ask} )?(?:{article} )?(?:{noun}) (?:of|at|with|to|to be|be|should be|can be|could be)? ?"
    r"(?:an? |the )?(?:degree|level) {number}",
    r"(?:{ask} )?(?:{article} )?(?:degree|level)[ -]{number} (?:{noun})",
    r"(?:set|bring|change|put|turn|take|move) (?:{article} )?(?:{noun}) to (?:an? |the )?"
    r"(?:(?:degree|level) )?{number}",
)

_ARTICLE = r"(?:an?|the|some|his|her|their|my)"
_ASK = (
    r"(?:(?:please|just|now) )?(?:(?:can|could|would) (?:you|we) (?:please )?)?"
    r"(?:(?:let's )?(?:add|try|have|put(?: on)?|give (?:him|her|them)|make (?:it|them|for))"
    r"|i (?:kind of |sort of |really )?(?:want|would like|'d like)(?: to see)?|i'd like"
    r"|(?:what|how) about(?: trying| adding)?"
    r"|(?:it|he|she|they|there) (?:should|can|could) (?:be|have|wear)"
    r"|he has|she has)"
)
_ON_FACE = r"(?: (?:to|on|for) (?:the|his|her|their) face)?"
_WHOLE = r"(?:the )?(?:entire|whole|full)"
_VERY = r"(?:very|extremely)"
_PERSON = r"(?:the (?:person|face)|he|she|it|they)"
_COVERED = r"(?:his|her|the) face should be covered with (?:the )?"
_FOREHEAD = r"(?: that leaves? {} the forehead (?:uncovered|visible))?"
_MAKE_FACE = r"(?:let's )?make (?:the (?:face|person)|him|her|them|it)"
_SHOULD_BE = rf"{_PERSON} (?:should|can|could) be"
_SMILING = (
    r"(?:i (?:kind of )?(?:want|would like) )?(?:the face |the person |him |her )?(?:to be )?"
)
_TEETH = r"(?: (?:we|so that we) (?:should be able to|should|can|could) see the teeth)?"
_SLIGHTLY = r"(?:slightly|(?:only |just |simply )?a (?:tiny )?(?:little bit|little|bit))"

# Attribute -> the release's degree -> noun phrases, said after a wish or alone, ...
_THINGS = {
    "bangs": {
        1: rf"{_VERY} short (?:bangs|fringe){_FOREHEAD.format('most of')}",
        2: r"short (?:bangs|fringe)(?: that covers? (?:only|just|simply) a small portion of the "
        r"forehead)?",
        3: r"(?:medium(?:-length)? (?:bangs|fringe)|(?:bangs|fringe) of medium length"
        r"|(?:bangs|fringe) that leaves? half of the forehead visible)",
        4: rf"long (?:bangs|fringe)(?: but don't cover {_WHOLE} forehead)?",
        5: rf"{_VERY} long (?:bangs|fringe)(?: that covers? {_WHOLE} forehead)?",
    },
    "eyeglasses": {
        1: r"rimless (?:eye)?glasses",
        # plain thin ones too: read as a change, they would take glasses from a face without any
        2: r"(?:thin(?:[ -](?:frame|rim)(?:me)?d?)? (?:eye)?glasses(?: on (?:him|her|them))?"
        r"|(?:eye)?glasses with (?:a )?thin (?:frame|rim)s?)",
        3: r"(?:thick frame (?:eye)?glasses|(?:eye)?glasses with (?:a )?thick frame)",
        4: r"(?:thin frame sunglasses|sunglasses with (?:a )?thin frame)",
        5: r"(?:thick frame sunglasses|sunglasses with (?:a )?thick frame)",
    },
    "beard": {
        2: rf"short (?:beard|mustache){_ON_FACE}",
        3: rf"(?:medium-length (?:beard|mustache)|(?:beard|mustache) of medium length){_ON_FACE}",
        4: rf"(?:big mustache|bushy (?:beard|mustache)){_ON_FACE}",
        5: rf"(?:{_VERY} (?:long|thick|bushy)|full) (?:beard|mustache){_ON_FACE}",
    },
    "smiling": {
        3: r"beaming face",
        4: rf"big smile{_ON_FACE}",
        5: rf"(?:deep rumbling laugh|{_VERY} big smile{_ON_FACE})",
    },
    "young": {2: r"young adult"},
}
# ... and whole sentences.
_SENTENCES = {
    "bangs": {
        0: rf"the (?:bangs|fringe) covers? the forehead but i (?:\w+ )*(?:want|like) "
        rf"{_WHOLE} forehead visible",
        5: r"(?:indeed )?the (?:bangs|fringe) (?:can|could|should) be much longer let's cover the "
        r"eyebrows",
    },
    "eyeglasses": {
        0: r"(?:i (?:\w+ )*(?:think|feel|guess)(?: that)? there shouldn't be any (?:eye)?glasses"
        r"|no eyeglass)",
        1: r"the (?:eye)?glasses should be rimless",
        2: r"the (?:eye)?glasses should have (?:a )?thin frame",
        3: r"the (?:eye)?glasses should have (?:a )?thick frame",
    },
    "beard": {
        1: rf"(?:{_COVERED}(?:short pointed (?:beard|mustache)|stubble)"
        r"|(?:his|her|the) face has a rough growth of stubble"
        r"|there should be stubble covering (?:his|her|the) cheeks and chin)",
        2: rf"{_COVERED}short (?:beard|mustache)",
        3: rf"{_COVERED}(?:beard|mustache) of medium length",
    },
    "smiling": {
        0: r"(?:i (?:\w+ )*(?:think|feel|guess)(?: that)? the person shouldn't be smiling"
        r"|i don't (?:like|want) the smile)",
        # "turn up the corners of the mouth" is a change in our own grammar
        1: r"the corners of the mouth should curve up",
        2: r"(?:the corners of the mouth should curve up|smile broadly) and show some teeth",
        3: rf"(?:{_SMILING}smiling with teeth visible|{_WHOLE} face should be beamed with "
        r"happiness)",
        4: rf"{_SMILING}smiling with the mouth {_SLIGHTLY} open{_TEETH}",
        5: rf"(?:it (?:can|could|should) be laughing happily"
        rf"|{_SMILING}smiling with the mouth wide open{_TEETH})",
    },
    "young": {
        0: rf"{_MAKE_FACE} (?:a (?:school)?child one|{_VERY} young)",
        1: rf"(?:{_MAKE_FACE} (?:a teen(?:ager)? one|relatively young)"
        rf"|{_SHOULD_BE} in the twenties)",
        2: rf"(?:{_MAKE_FACE} a young one|{_SHOULD_BE} in the thirties)",
        3: rf"(?:{_MAKE_FACE} a middle age one|{_SHOULD_BE} in the forties)",
        4: rf"(?:{_MAKE_FACE} (?:the one of an? (?:senior|elderly)"
        rf"|{_SLIGHTLY} older than middle age)"
        rf"|{_SHOULD_BE} in the (?:fifties|sixties))",
        5: rf"(?:{_MAKE_FACE} an? {_VERY} old one|{_SHOULD_BE} in the (?:seventies|eighties))",
    },
}

_MARKS = re.compile(r"[.,!?;:]")
_GREETINGS = re.compile(
    r"^(?:(?:hi|hello|hey|(?:yes|ye?e?p)(?: sure)?|no|nope|ok|okay|sure|emm|well)[.,!] *|please )+"
)
_GOODBYES = re.compile(r"(?: (?:please|thanks|thank you|thanks a lot))+$")


class Target(NamedTuple):
    """``attribute`` 0..4 and the ``degree`` 0..5, as we count it, that a sentence names."""

    attribute: int
    degree: int


def _compiled() -> list[tuple[int, int | None, re.Pattern[str]]]:
    """Attribute, degree (None where the sentence has its number) and pattern of each way to say
    it.
    """
    found: list[tuple[int, int | None, re.Pattern[str]]] = []
    for name, noun in _NOUNS.items():
        parts = {"ask": _ASK, "article": _ARTICLE, "noun": noun, "number": _NUMBER}
        for pattern in _NUMBERED:
            found.append((attribute_index(name), None, re.compile(pattern.format(**parts))))
    said = rf"(?:{_ASK} )?(?:{_ARTICLE} )?"
    for table, before in ((_THINGS, said), (_SENTENCES, "")):
        for name, degrees in table.items():
            for degree, pattern in degrees.items():
                whole = re.compile(rf"{before}(?:{pattern})")
                found.append((attribute_index(name), degree, whole))
    return found


_WAYS = _compiled()
_AGE = attribute_index("young")


def read_target(text: str) -> Target | None:
    """The degree that a sentence names outright, None where it names none."""
    said = _GREETINGS.sub("", " ".join(text.lower().replace("’", "'").split()))
    words = _GOODBYES.sub("", " ".join(_MARKS.sub(" ", said).split()))
    for attribute, degree, way in _WAYS:
        if (match := way.fullmatch(words)) is None:
            continue
        if degree is None:
            number = match["number"]
            degree = int(number) if number.isdigit() else _NUMBERS[number]
        return Target(attribute, MAX_DEGREE - degree if attribute == _AGE else degree)
    return None
