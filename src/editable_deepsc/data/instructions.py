"""Editing instructions: free English sentences that name one attribute, a direction and a degree.

After CelebA-Dialog and Talk-to-Edit, a phrasing is of one of three kinds:

    target      to an extreme          "take the glasses off completely"     degree 5 (equation 10
    clamps) definite    by a stated amount     "make the bangs slightly longer"      degree 1, 2, 3
    or 4 indefinite  by an unstated amount  "make the bangs longer"               degree 1

A sentence is an opening ("can you", may be empty) and a phrasing; a phrasing is a template whose
slot is filled with an adverb (definite) or left out (indefinite). About a fifth of the *templates*
is held out for testing, with every adverb, so that no test phrasing differs from a training
phrasing by its adverb alone; every word of a held-out template does occur in the training templates
of its attribute.
"""

from __future__ import annotations

import functools
import random
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from .attributes import ATTRIBUTES, MAX_DEGREE

KINDS = ("target", "definite", "indefinite")
SPLITS = ("train", "test")
DIRECTIONS = (-1, 1)
INDEFINITE_DEGREE = 1  # Talk-to-Edit: an unstated amount is one degree
DEFINITE_DEGREES = (1, 2, 3, 4)
HELD_OUT_SHARE = 0.2
SPLIT_SEED = 2024


@dataclass(frozen=True)
class Instruction:
    """What equation 2 extracts from a sentence: attribute ``a``, direction ``d``, degree ``m``.

    ``attribute`` indexes ``ATTRIBUTES``, ``direction`` is -1 or +1, ``degree`` is 1..5.
    """

    text: str
    attribute: int
    direction: int
    degree: int

    def __post_init__(self) -> None:
        if not 0 <= self.attribute < len(ATTRIBUTES):
            raise ValueError(f"attribute must be 0..{len(ATTRIBUTES) - 1}, not {self.attribute}")
        if self.direction not in DIRECTIONS:
            raise ValueError(f"direction must be -1 or 1, not {self.direction}")
        if not 1 <= self.degree <= MAX_DEGREE:
            raise ValueError(f"degree must be 1..{MAX_DEGREE}, not {self.degree}")


def expected_degree(current, direction, degree):
    """Equation 10: ``e = min(max(p_a + d m, 0), C)``, for integers or for tensors of one shape."""
    moved = current + direction * degree
    if isinstance(moved, Tensor):
        return moved.clamp(0, MAX_DEGREE)
    return min(max(moved, 0), MAX_DEGREE)


# The slots differ in the adverbs that English allows in them: {c} before a comparative ("{c}
# longer"), {j} between article and comparative ("a {j} longer beard"), {v} after a verb and its
# object ("trim the beard {v}").
ADVERBS: dict[str, dict[int, tuple[str, ...]]] = {
    "c": {
        1: ("slightly", "a little", "a bit", "a tiny bit", "just a touch"),
        2: ("somewhat", "moderately", "noticeably", "a fair bit"),
        3: ("much", "a lot", "considerably", "significantly", "quite a bit"),
        4: ("far", "way", "drastically", "dramatically", "vastly"),
    },
    "j": {
        1: ("slightly", "barely"),
        2: ("somewhat", "moderately", "noticeably"),
        3: ("much", "considerably", "significantly"),
        4: ("far", "drastically", "dramatically", "vastly"),
    },
    "v": {
        1: ("slightly", "a little", "a bit", "a tiny bit", "just a touch"),
        2: ("somewhat", "moderately", "noticeably", "to some extent", "a fair bit"),
        3: ("a lot", "considerably", "significantly", "quite a bit", "a great deal"),
        4: ("drastically", "dramatically", "radically", "massively", "enormously"),
    },
}

REQUEST_OPENINGS = (
    "",
    "please",
    "can you",
    "could you",
    "could you please",
    "would you",
    "i want you to",
    "i would like you to",
    "i'd like you to",
    "now",
    "let's",
    "try to",
    "you should",
    "go ahead and",
)
WISH_OPENINGS = ("", "now", "actually", "well", "hmm", "hi", "ok", "i think")


class Templates(NamedTuple):
    """Templates of one attribute and direction.

    Requests are imperatives ("trim the beard {v}") and take "please" or "can you" in front; wishes
    are whole sentences ("the beard should be {c} shorter"). Changes carry at
    most one slot, and without one ("add a beard") are indefinite only; targets carry none.
    """

    changes: tuple[str, ...]
    change_wishes: tuple[str, ...]
    targets: tuple[str, ...]
    target_wishes: tuple[str, ...]


TEMPLATES: dict[tuple[str, int], Templates] = {
    ("bangs", 1): Templates(
        changes=(
            "make the bangs {c} longer",
            "make her bangs {c} longer",
            "make the fringe {c} longer",
            "let the bangs be {c} longer",
            "let the fringe grow {c} longer",
            "grow the bangs {v}",
            "lengthen the bangs {v}",
            "lengthen the fringe {v}",
            "extend the bangs {v}",
            "extend the fringe {v}",
            "give her {c} longer bangs",
            "give him {c} longer bangs",
            "give her a {j} longer fringe",
            "add {c} more bangs",
            "add {c} more fringe",
            "make the bangs {c} thicker",
            "make the fringe {c} thicker",
            "let the bangs cover {c} more of the forehead",
            "let the fringe hang {c} lower over the forehead",
            "bring the bangs {c} further down the forehead",
            "increase the length of the bangs {v}",
            "increase the length of the fringe {v}",
            "cover {c} more of the forehead with bangs",
            "add bangs",
            "add some bangs",
            "add a fringe",
            "give her bangs",
            "give him a fringe",
        ),
        change_wishes=(
            "the bangs should be {c} longer",
            "the fringe should be {c} longer",
            "i want {c} longer bangs",
            "i want the fringe {c} longer",
            "the bangs could be {c} longer",
            "she would look better with {c} longer bangs",
            "{c} longer bangs please",
            "her bangs are too short, make them {c} longer",
            "the fringe could hang {c} lower",
        ),
        targets=(
            "give her full bangs",
            "give him full bangs",
            "give her the longest bangs possible",
            "make the bangs as long as possible",
            "make the fringe as long as possible",
            "cover the whole forehead with bangs",
            "cover the entire forehead with a fringe",
            "let the bangs cover the whole forehead",
            "hide the forehead completely behind bangs",
            "hide the entire forehead behind a fringe",
            "give the person a full fringe",
            "make the bangs cover the forehead completely",
        ),
        target_wishes=(
            "i want bangs down to the eyebrows",
            "the fringe should reach the eyebrows",
            "the bangs should hide the whole forehead",
            "i want a full fringe",
        ),
    ),
    ("bangs", -1): Templates(
        changes=(
            "make the bangs {c} shorter",
            "make her bangs {c} shorter",
            "make the fringe {c} shorter",
            "let the bangs be {c} shorter",
            "shorten the bangs {v}",
            "shorten the fringe {v}",
            "trim the bangs {v}",
            "trim the fringe {v}",
            "cut the bangs {v}",
            "cut the fringe {v}",
            "cut the bangs {c} shorter",
            "cut the fringe {c} shorter",
            "give her {c} shorter bangs",
            "give him a {j} shorter fringe",
            "make the bangs {c} thinner",
            "make the fringe {c} thinner",
            "reduce the bangs {v}",
            "reduce the fringe {v}",
            "let the bangs cover {c} less of the forehead",
            "show {c} more of the forehead under the bangs",
            "reduce the length of the bangs {v}",
            "reduce the length of the fringe {v}",
            "give her {c} less fringe",
        ),
        change_wishes=(
            "the bangs should be {c} shorter",
            "the fringe should be {c} shorter",
            "i want {c} shorter bangs",
            "i want the fringe {c} shorter",
            "the fringe could be {c} shorter",
            "she would look better with {c} shorter bangs",
            "{c} shorter bangs please",
            "her bangs are too long, make them {c} shorter",
            "her fringe is too long, trim it {v}",
        ),
        targets=(
            "remove the bangs",
            "remove the fringe",
            "remove the bangs completely",
            "take the bangs away",
            "take away the fringe entirely",
            "get rid of the bangs",
            "get rid of the fringe",
            "cut the bangs off",
            "cut off the fringe completely",
            "make the bangs disappear",
            "make the fringe disappear",
            "show the whole forehead without any bangs",
            "clear the entire forehead of bangs",
            "show the entire forehead without a fringe",
            "give her a bare forehead without a fringe",
        ),
        target_wishes=(
            "i want no bangs at all",
            "i don't want any bangs",
            "there should be no fringe at all",
            "she should have no bangs",
            "i don't want a fringe",
            "no bangs please",
        ),
    ),
    ("eyeglasses", 1): Templates(
        changes=(
            "make the glasses {c} bigger",
            "make the eyeglasses {c} bigger",
            "make the spectacles {c} bigger",
            "make the frames {c} thicker",
            "make the glasses {c} thicker",
            "make the rims of the glasses {c} thicker",
            "make the glasses {c} darker",
            "make the lenses {c} darker",
            "make the eyeglasses {c} more obvious",
            "make the spectacles {c} more obvious",
            "make the glasses {c} more visible",
            "make the eyeglasses {c} more visible",
            "give her {c} thicker glasses",
            "give him {c} bigger glasses",
            "give him {c} darker lenses",
            "thicken the frames {v}",
            "thicken the glasses {v}",
            "thicken the rims of the spectacles {v}",
            "darken the lenses {v}",
            "darken the glasses {v}",
            "enlarge the eyeglasses {v}",
            "enlarge the spectacles {v}",
            "use {c} thicker frames for the eyeglasses",
            "add glasses",
            "add eyeglasses",
            "put glasses on her",
            "put spectacles on him",
            "give her glasses",
            "give him spectacles",
            "let her wear eyeglasses",
            "let him wear glasses",
        ),
        change_wishes=(
            "the glasses should be {c} thicker",
            "the frames should be {c} thicker",
            "the eyeglasses should be {c} more visible",
            "the spectacles could be {c} bigger",
            "i want {c} bigger glasses",
            "i want {c} thicker frames",
            "i want {c} darker glasses",
            "the lenses could be {c} darker",
            "{c} thicker frames please",
        ),
        targets=(
            "put sunglasses on her",
            "put sunglasses on him",
            "give her sunglasses",
            "give him dark sunglasses",
            "let her wear sunglasses",
            "make him wear dark sunglasses",
            "make the glasses as thick as possible",
            "make the frames as thick as possible",
            "make the eyeglasses as big as possible",
            "give her the biggest glasses possible",
            "give him the thickest frames possible",
            "turn the glasses into sunglasses",
            "turn the eyeglasses into dark sunglasses",
            "add sunglasses",
        ),
        target_wishes=(
            "i want to see sunglasses on the face",
            "she should wear sunglasses",
            "he should wear the thickest glasses possible",
            "i want dark sunglasses",
        ),
    ),
    ("eyeglasses", -1): Templates(
        changes=(
            "make the glasses {c} smaller",
            "make the eyeglasses {c} smaller",
            "make the spectacles {c} smaller",
            "make the frames {c} thinner",
            "make the glasses {c} thinner",
            "make the rims of the glasses {c} thinner",
            "make the glasses {c} lighter",
            "make the lenses {c} lighter",
            "make the eyeglasses {c} less obvious",
            "make the spectacles {c} less obvious",
            "make the glasses {c} less visible",
            "make the eyeglasses {c} less visible",
            "give her {c} thinner glasses",
            "give him {c} smaller glasses",
            "give him {c} lighter lenses",
            "thin the frames {v}",
            "lighten the lenses {v}",
            "lighten the glasses {v}",
            "shrink the eyeglasses {v}",
            "shrink the spectacles {v}",
            "use {c} thinner frames for the eyeglasses",
            "fade the glasses {v}",
            "fade the spectacles {v}",
        ),
        change_wishes=(
            "the glasses should be {c} thinner",
            "the frames should be {c} thinner",
            "the eyeglasses should be {c} less visible",
            "the spectacles could be {c} smaller",
            "i want {c} smaller glasses",
            "i want {c} thinner frames",
            "i want {c} lighter glasses",
            "the lenses could be {c} lighter",
            "{c} thinner frames please",
        ),
        targets=(
            "take the glasses off",
            "take the glasses off completely",
            "take off the glasses",
            "take off her spectacles",
            "remove the glasses",
            "remove the eyeglasses",
            "remove the spectacles completely",
            "remove the frames from the face",
            "get rid of the glasses",
            "get rid of the spectacles",
            "take away the eyeglasses",
            "make the glasses disappear",
            "make the eyeglasses disappear entirely",
            "show the face without glasses",
            "show her without any eyeglasses",
            "erase the glasses",
            "erase the spectacles",
        ),
        target_wishes=(
            "i want no glasses at all",
            "i don't want any glasses",
            "she should not wear glasses",
            "he should not wear any spectacles",
            "there should be no eyeglasses at all",
            "no glasses please",
            "no eyeglasses please",
        ),
    ),
    ("beard", 1): Templates(
        changes=(
            "make the beard {c} longer",
            "make his beard {c} longer",
            "make the beard {c} thicker",
            "make the beard {c} fuller",
            "make the beard {c} bushier",
            "make the beard {c} denser",
            "make the facial hair {c} longer",
            "make the facial hair {c} thicker",
            "make his facial hair {c} denser",
            "let the beard grow {v}",
            "let the beard grow {c} longer",
            "let his facial hair grow {v}",
            "grow the beard {v}",
            "give him {c} more beard",
            "give him {c} more facial hair",
            "give him a {j} longer beard",
            "give him a {j} fuller beard",
            "add {c} more facial hair",
            "add {c} more beard",
            "add {c} more whiskers",
            "thicken the beard {v}",
            "thicken the facial hair {v}",
            "lengthen the beard {v}",
            "extend the beard {v}",
            "increase the length of the beard {v}",
            "make the whiskers {c} longer",
            "make him {c} more bearded",
            "add a beard",
            "give him a beard",
            "add facial hair",
            "let him grow a beard",
        ),
        change_wishes=(
            "the beard should be {c} longer",
            "the beard should be {c} thicker",
            "the facial hair should be {c} thicker",
            "i want {c} more facial hair",
            "i want the beard {c} longer",
            "he should have {c} more beard",
            "the beard could be {c} fuller",
            "he would look better with {c} more beard",
            "{c} more facial hair please",
            "his beard is too thin, make it {c} thicker",
        ),
        targets=(
            "give him a full beard",
            "give her a full beard",
            "give the man a full long beard",
            "make the beard as long as possible",
            "make the facial hair as thick as possible",
            "make the beard as thick as possible",
            "give him the longest beard possible",
            "give him the thickest facial hair possible",
            "grow a full beard on his face",
            "put a full beard on his face",
            "cover his chin and cheeks with a beard",
            "cover the whole jaw with facial hair",
            "cover the whole chin with a thick beard",
        ),
        target_wishes=(
            "i want a full beard",
            "he should have a full beard",
            "he should have the longest beard possible",
            "i want a big bushy beard",
        ),
    ),
    ("beard", -1): Templates(
        changes=(
            "make the beard {c} shorter",
            "make his beard {c} shorter",
            "make the beard {c} thinner",
            "make the beard {c} lighter",
            "make the beard {c} less bushy",
            "make the facial hair {c} shorter",
            "make the facial hair {c} thinner",
            "make his facial hair {c} less dense",
            "trim the beard {v}",
            "trim his facial hair {v}",
            "trim the whiskers {v}",
            "shorten the beard {v}",
            "shorten the facial hair {v}",
            "cut the beard {v}",
            "cut the beard {c} shorter",
            "give him {c} less beard",
            "give him {c} less facial hair",
            "give him a {j} shorter beard",
            "give him a {j} thinner beard",
            "reduce the beard {v}",
            "reduce the facial hair {v}",
            "reduce the length of the beard {v}",
            "thin the beard {v}",
            "thin out the beard {v}",
            "make the whiskers {c} shorter",
            "make him {c} less bearded",
        ),
        change_wishes=(
            "the beard should be {c} shorter",
            "the beard should be {c} thinner",
            "the facial hair should be {c} thinner",
            "i want {c} less facial hair",
            "i want the beard {c} shorter",
            "he should have {c} less beard",
            "the beard could be {c} shorter",
            "he would look better with {c} less beard",
            "{c} less facial hair please",
            "his beard is too thick, make it {c} thinner",
        ),
        targets=(
            "remove the beard",
            "remove the beard completely",
            "remove the facial hair",
            "remove all the facial hair",
            "shave off the beard",
            "shave the beard off completely",
            "shave him",
            "shave her",
            "shave him completely",
            "shave his face clean",
            "give him a clean shave",
            "make him clean shaven",
            "get rid of the beard",
            "get rid of the facial hair",
            "take the beard away",
            "take away the whiskers",
            "make the beard disappear",
            "make the whiskers disappear",
            "show his face without any beard",
        ),
        target_wishes=(
            "i want no beard at all",
            "i don't want any facial hair",
            "he should have no beard",
            "he should be clean shaven",
            "i want him clean shaven",
            "there should be no facial hair at all",
            "no beard please",
        ),
    ),
    ("smiling", 1): Templates(
        changes=(
            "make her smile {c} more",
            "make him smile {c} more",
            "make the smile {c} bigger",
            "make her smile {c} bigger",
            "make the smile {c} wider",
            "make the smile {c} broader",
            "make the grin {c} wider",
            "make the grin {c} broader",
            "make the grin {c} bigger",
            "make her look {c} happier",
            "make him look {c} happier",
            "make her {c} happier",
            "make him look {c} more cheerful",
            "make her {c} more cheerful",
            "make the person look {c} more joyful",
            "let her smile {c} more",
            "let him grin {c} more",
            "let the person look {c} happier",
            "widen the smile {v}",
            "widen the grin {v}",
            "broaden the smile {v}",
            "increase the smile {v}",
            "give her a {j} bigger smile",
            "give him a {j} wider grin",
            "give him a {j} broader smile",
            "turn up the corners of the mouth {v}",
            "turn up the smile {v}",
            "make her smile",
            "make him smile",
            "let her smile",
            "make him grin",
            "let him grin",
            "put a smile on her face",
            "add a smile",
            "give him a smile",
            "make her happy",
        ),
        change_wishes=(
            "she should smile {c} more",
            "he should smile {c} more",
            "the smile should be {c} bigger",
            "the smile should be {c} wider",
            "i want her to smile {c} more",
            "i want him to look {c} happier",
            "i want a {j} bigger smile",
            "the grin could be {c} wider",
            "she could look {c} happier",
            "he should look {c} more cheerful",
            "{c} more smile please",
        ),
        targets=(
            "give her the biggest smile possible",
            "give him the widest grin possible",
            "make her laugh",
            "make him laugh",
            "let her laugh",
            "make her laugh out loud",
            "let the person laugh out loud",
            "make the smile as big as possible",
            "make the smile as wide as possible",
            "make the grin as wide as possible",
            "make her smile from ear to ear",
            "let him grin from ear to ear",
            "make him look as happy as possible",
            "make her look as cheerful as possible",
            "put a huge smile on her face",
            "put a huge grin on his face",
            "give the person a huge smile",
        ),
        target_wishes=(
            "i want her to laugh",
            "he should be laughing out loud",
            "she should smile from ear to ear",
            "i want the biggest smile possible",
            "i want a huge grin",
        ),
    ),
    ("smiling", -1): Templates(
        changes=(
            "make her smile {c} less",
            "make him smile {c} less",
            "make the smile {c} smaller",
            "make her smile {c} smaller",
            "make the smile {c} narrower",
            "make the smile {c} weaker",
            "make the grin {c} narrower",
            "make the grin {c} smaller",
            "make the grin {c} weaker",
            "make her look {c} less happy",
            "make him look {c} less happy",
            "make her {c} less happy",
            "make him look {c} less cheerful",
            "make her {c} less cheerful",
            "make the person look {c} more serious",
            "make him look {c} more serious",
            "let her smile {c} less",
            "let him grin {c} less",
            "let the person look {c} more serious",
            "reduce the smile {v}",
            "reduce the grin {v}",
            "tone down the smile {v}",
            "tone down the grin {v}",
            "give her a {j} smaller smile",
            "give him a {j} smaller grin",
            "turn down the corners of the mouth {v}",
            "turn down the smile {v}",
        ),
        change_wishes=(
            "she should smile {c} less",
            "he should smile {c} less",
            "the smile should be {c} smaller",
            "the smile should be {c} weaker",
            "i want her to smile {c} less",
            "i want him to look {c} more serious",
            "i want a {j} smaller smile",
            "the grin could be {c} smaller",
            "she could look {c} more serious",
            "he should look {c} less cheerful",
            "{c} less smile please",
        ),
        targets=(
            "remove the smile",
            "remove the smile completely",
            "remove the grin",
            "take the smile away",
            "take away the grin",
            "wipe the smile off her face",
            "wipe the grin off his face",
            "get rid of the smile",
            "get rid of the grin",
            "make the smile disappear",
            "make her stop smiling",
            "make him stop smiling",
            "make him look completely serious",
            "make her look completely serious",
            "give her a serious face without a smile",
            "give him a neutral expression",
            "give the person a completely neutral expression",
            "let her stop grinning",
            "make him stop grinning",
        ),
        target_wishes=(
            "i want no smile at all",
            "she should not smile at all",
            "he should not smile",
            "he should stop smiling",
            "there should be no smile on her face",
            "i want a neutral expression",
            "i don't want any smile",
            "no smile please",
        ),
    ),
    ("young", 1): Templates(
        changes=(
            "make her {c} younger",
            "make him {c} younger",
            "make the person {c} younger",
            "make her look {c} younger",
            "make him look {c} younger",
            "make the face {c} younger",
            "make the face look {c} younger",
            "make her look {c} more youthful",
            "make him look {c} more youthful",
            "make the person {c} more youthful",
            "make the face {c} more youthful",
            "make her look {c} less old",
            "make him {c} less old",
            "make the person look {c} less aged",
            "make the face look {c} less aged",
            "let her be {c} younger",
            "let him look {c} younger",
            "let the face look {c} more youthful",
            "rejuvenate her {v}",
            "rejuvenate him {v}",
            "rejuvenate the face {v}",
            "rejuvenate the person {v}",
            "reduce her age {v}",
            "reduce the age {v}",
            "lower his age {v}",
            "lower the age {v}",
            "lower her age {v}",
            "give her a {j} younger face",
            "give him a {j} younger look",
            "give her a {j} more youthful look",
            "turn back the clock on his age {v}",
        ),
        change_wishes=(
            "she should look {c} younger",
            "he should look {c} younger",
            "she should be {c} younger",
            "the person should be {c} younger",
            "i want her to look {c} younger",
            "i want him {c} younger",
            "he could look {c} more youthful",
            "the face could be {c} younger",
            "she would look better {c} younger",
            "{c} younger please",
            "he looks too old, make him {c} younger",
        ),
        targets=(
            "make her a child",
            "make him a child",
            "make her look like a child",
            "make him look like a child",
            "make the person look like a teenager",
            "make her look like a teenager",
            "turn him into a teenager",
            "turn her into a young girl",
            "turn him into a young boy",
            "turn the person into a child",
            "make her as young as possible",
            "make him look as young as possible",
            "make the face as young as possible",
            "make the person as youthful as possible",
            "give her the youngest face possible",
            "give him the youngest look possible",
            "give him the face of a child",
            "make him look like a young boy",
        ),
        target_wishes=(
            "she should look like a child",
            "he should look like a teenager",
            "i want her to be a child",
            "i want him to be as young as possible",
            "i want to see her as a young girl",
            "i want to see him as a teenager",
        ),
    ),
    ("young", -1): Templates(
        changes=(
            "make her {c} older",
            "make him {c} older",
            "make the person {c} older",
            "make her look {c} older",
            "make him look {c} older",
            "make the face {c} older",
            "make the face look {c} older",
            "make her look {c} less youthful",
            "make him look {c} less youthful",
            "make the person {c} less youthful",
            "make her look {c} less young",
            "make him {c} less young",
            "make the person look {c} more aged",
            "make the face look {c} more aged",
            "make him look {c} more aged",
            "let her be {c} older",
            "let him look {c} older",
            "let the face look {c} more aged",
            "age her {v}",
            "age him {v}",
            "age the face {v}",
            "age the person {v}",
            "age his face {v}",
            "age this person {v}",
            "make her age {v}",
            "let him age {v}",
            "make the face age {v}",
            "increase her age {v}",
            "increase the age {v}",
            "raise his age {v}",
            "raise the age {v}",
            "raise her age {v}",
            "give her a {j} older face",
            "give him a {j} older look",
            "give her a {j} more aged look",
            "let her grow {c} older",
        ),
        change_wishes=(
            "she should look {c} older",
            "he should look {c} older",
            "she should be {c} older",
            "the person should be {c} older",
            "i want her to look {c} older",
            "i want him {c} older",
            "he could look {c} more aged",
            "the face could be {c} older",
            "she would look better {c} older",
            "{c} older please",
            "he looks too young, make him {c} older",
        ),
        targets=(
            "make her an old woman",
            "make him an old man",
            "make her look like an old woman",
            "make him look like an old man",
            "make the person look like a senior",
            "make her look like a senior",
            "turn him into an old man",
            "turn her into an old woman",
            "turn him into a senior",
            "turn the person into a grandparent",
            "make her look like a grandmother",
            "turn her into a grandmother",
            "make him look like a grandfather",
            "turn him into a grandfather",
            "make her as old as possible",
            "make him look as old as possible",
            "make the face as old as possible",
            "make the person as aged as possible",
            "give her the oldest face possible",
            "give him the oldest look possible",
            "give him the face of an old man",
        ),
        target_wishes=(
            "she should look like an old woman",
            "he should look like a senior",
            "i want her to be an old woman",
            "i want him to be as old as possible",
            "i want to see her as a grandmother",
            "i want to see him as an old man",
        ),
    ),
}


class _Template(NamedTuple):
    pattern: str
    attribute: int
    direction: int
    is_target: bool
    is_request: bool

    @property
    def words(self) -> frozenset[str]:
        return frozenset(re.sub(r"\{.\}|[^a-z' ]", "", self.pattern).split())


def _fill(pattern: str, adverb: str) -> str:
    """The template with its slot filled; an empty adverb leaves no double space."""
    return " ".join(re.sub(r"\{.\}", adverb, pattern).split())


@functools.cache
def templates(split: str) -> tuple[_Template, ...]:
    """Templates of ``split`` ("train" or "test"); ``ValueError`` for another name."""
    if split not in SPLITS:
        raise ValueError(f"split {split!r} is unknown; choose one of: {', '.join(SPLITS)}")
    shuffler = random.Random(SPLIT_SEED)
    held_out: list[_Template] = []
    kept: list[_Template] = []
    for attribute, name in enumerate(ATTRIBUTES):
        groups = []
        for direction in DIRECTIONS:
            entry = TEMPLATES[name, direction]
            for is_target, requests, wishes in (
                (False, entry.changes, entry.change_wishes),
                (True, entry.targets, entry.target_wishes),
            ):
                groups.append(
                    [_Template(p, attribute, direction, is_target, True) for p in requests]
                    + [_Template(p, attribute, direction, is_target, False) for p in wishes]
                )
        # A template may be held out only while each of its words stays in the training templates
        # of the attribute: what is tested is new sentences, not new words.
        uses = Counter(word for group in groups for t in group for word in t.words)
        for group in groups:
            wanted = max(1, round(HELD_OUT_SHARE * len(group)))
            chosen: list[_Template] = []
            for template in shuffler.sample(group, len(group)):
                if len(chosen) < wanted and all(uses[word] > 1 for word in template.words):
                    uses.subtract(template.words)
                    chosen.append(template)
            held_out += chosen
            kept += [template for template in group if template not in chosen]
    return tuple(kept if split == "train" else held_out)


def _realise(template: _Template, kind: str) -> list[Instruction]:
    """Every phrasing of ``kind`` that the template yields, without an opening."""
    make = functools.partial(
        Instruction, attribute=template.attribute, direction=template.direction
    )
    if template.is_target != (kind == "target"):
        return []
    if kind == "target":
        return [make(template.pattern, degree=MAX_DEGREE)]
    if kind == "indefinite":
        return [make(_fill(template.pattern, ""), degree=INDEFINITE_DEGREE)]
    return [
        make(_fill(template.pattern, adverb), degree=degree)
        for slot in re.findall(r"\{(.)\}", template.pattern)
        for degree, adverbs in ADVERBS[slot].items()
        for adverb in adverbs
    ]


@functools.cache
def _sentences(
    attribute: int, direction: int, kind: str, split: str
) -> tuple[tuple[Instruction, bool], ...]:
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is unknown; choose one of: {', '.join(KINDS)}")
    return tuple(
        (instruction, template.is_request)
        for template in templates(split)
        if (template.attribute, template.direction) == (attribute, direction)
        for instruction in _realise(template, kind)
    )


def phrasings(attribute: int, direction: int, kind: str, split: str) -> tuple[Instruction, ...]:
    """Phrasings, without opening, of one attribute (0..4), direction (-1, +1), kind and split."""
    return tuple(instruction for instruction, _ in _sentences(attribute, direction, kind, split))


def _open(instruction: Instruction, opening: str) -> Instruction:
    return replace(instruction, text=f"{opening} {instruction.text}".strip())


def _openings(is_request: bool) -> tuple[str, ...]:
    return REQUEST_OPENINGS if is_request else WISH_OPENINGS


def all_instructions(split: str) -> list[Instruction]:
    """Every phrasing of ``split`` behind every opening that suits it."""
    return [
        _open(instruction, opening)
        for attribute in range(len(ATTRIBUTES))
        for direction in DIRECTIONS
        for kind in KINDS
        for instruction, is_request in _sentences(attribute, direction, kind, split)
        for opening in _openings(is_request)
    ]


def _pick(count: int, generator: torch.Generator) -> int:
    return int(torch.randint(count, (), generator=generator))


def _draw(
    attribute: int, direction: int, kind: str, degree: int, split: str, generator: torch.Generator
) -> Instruction:
    """One phrasing of the given kind and degree behind a random opening."""
    choices = [
        (instruction, is_request)
        for instruction, is_request in _sentences(attribute, direction, kind, split)
        if instruction.degree == degree
    ]
    instruction, is_request = choices[_pick(len(choices), generator)]
    openings = _openings(is_request)
    return _open(instruction, openings[_pick(len(openings), generator)])


def sample_instruction(
    attribute: int, direction: int, degree: int, split: str, generator: torch.Generator
) -> Instruction:
    """A random sentence that means (attribute 0..4, direction -1 or +1, degree 1..5).

    Degree 1 is said with an indefinite or a slight phrasing (even odds), degree 5 with a target.
    ``ValueError`` for values outside these ranges.
    """
    Instruction("", attribute, direction, degree)  # refuses values out of range
    if degree == MAX_DEGREE:
        kind = "target"
    elif degree == INDEFINITE_DEGREE and _pick(2, generator):
        kind = "indefinite"
    else:
        kind = "definite"
    return _draw(attribute, direction, kind, degree, split, generator)


def sample_instructions(
    degrees: Tensor, split: str, generator: torch.Generator
) -> list[Instruction]:
    """One random instruction per face of ``degrees`` [N, 5] in [0, 5], none of them void.

    Attribute and kind are uniform, the degree of a definite change is uniform on 1..4, and the
    direction is uniform among those that can move the rounded degree by at least one.
    """
    instructions = []
    for row in degrees.round().long().tolist():
        attribute = _pick(len(ATTRIBUTES), generator)
        roomy = [d for d in DIRECTIONS if expected_degree(row[attribute], d, 1) != row[attribute]]
        direction = roomy[_pick(len(roomy), generator)]
        kind = KINDS[_pick(len(KINDS), generator)]
        degree = {
            "target": MAX_DEGREE,
            "indefinite": INDEFINITE_DEGREE,
            "definite": DEFINITE_DEGREES[_pick(len(DEFINITE_DEGREES), generator)],
        }[kind]
        instructions.append(_draw(attribute, direction, kind, degree, split, generator))
    return instructions
