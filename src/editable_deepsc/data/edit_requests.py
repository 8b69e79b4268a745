"""CelebA-Dialog's requests: what a sentence asks of the face in an image."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .annotations import DIALOG_NAMES, refuse, same_name
from .attributes import MAX_DEGREE, attribute_index
from .instructions import Instruction
from .text_files import parse_json, read_text, shown

_WHAT = "CelebA-Dialog's request_annotated.json and request.json"
# Requests count beard and age, as the templates of Talk-to-Edit show ("in the seventies": Young 5);
# the second is turned round here.
AGE = attribute_index("young")
_DIRECTIONS = ("positive", "negative")


def read_requests(annotated: Path, sentences: Path | None = None) -> dict[str, dict]:
    """CelebA-Dialog's ``request_annotated.json``, and ``request.json`` for the sentences if the
    former has no ``text``: image -> record.

    ``ValueError`` names file, line and image of what is none.
    """
    records = _objects(annotated)
    texts = {} if sentences is None else _objects(sentences)
    found = {}
    for image, record in records.items():
        if not isinstance(record, dict):
            _refuse(annotated, image, "has no fields")
        if reason := _wrong_field(record):
            _refuse(annotated, image, reason)
        text, origin = record.get("text"), annotated
        if not text and sentences is not None:
            text, origin = texts.get(image), sentences
            if isinstance(text, dict):
                text = text.get("text")
        if text is not None and not _is_text(text):
            _refuse(origin, image, f"has the sentence {shown(text)[:60]!r}, which is no text")
        if text and text.strip():
            found[same_name(image)] = record | {"text": text}
    return found


def _objects(path: Path) -> dict[str, Any]:
    """The records of a file, by image."""
    try:
        table = parse_json(read_text(path))
    except ValueError as error:
        text = str(error).splitlines()[0]
        refuse(
            path, f" {text}" if text.startswith("cannot") else f" cannot be read ({text})", _WHAT
        )
    if not isinstance(table, dict):
        refuse(path, " is not a table by image name", _WHAT)
    names = {same_name(image) for image in table}
    if len(names) < len(table) or not all(map(_is_text, names)):
        refuse(path, " names an image twice, or one that is no text", _WHAT)
    return table


def _is_text(text: Any) -> bool:
    """Whether a value of JSON is a string that a file can hold: no half of a character."""
    return isinstance(text, str) and not any("\ud800" <= c <= "\udfff" for c in text)


def _wrong_field(record: Mapping) -> str | None:
    """Which field of a request has a value that means nothing; None if none has."""

    def whole(value: Any, least: int) -> bool:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and value == int(value) and least <= value <= MAX_DEGREE

    allowed = {
        "attribute": (lambda v: v in DIALOG_NAMES, f"one of {', '.join(DIALOG_NAMES)}"),
        "target_score": (lambda v: whole(v, 0), f"a whole number from 0 to {MAX_DEGREE}"),
        "score_change_value": (lambda v: whole(v, 1), f"a whole number from 1 to {MAX_DEGREE}"),
        "score_change_direction": (lambda v: v in _DIRECTIONS, "positive or negative"),
    }
    for field, (is_right, expected) in allowed.items():
        value = record.get(field)
        if value is not None and not is_right(value):
            return f"has the {field} {shown(value)[:60]!r}, not {expected}"
    return None


def _refuse(path: Path, image: str, reason: str) -> None:
    """``ValueError`` that also says on which line of the file the image is named."""
    text = read_text(path)
    places = [text.find(json.dumps(image, ensure_ascii=ascii)) for ascii in (True, False)]
    line = text.count("\n", 0, max(places)) + 1 if max(places) >= 0 else 1
    refuse(path, f", line {line}: the request of {shown(image)} {reason}", _WHAT)


def requested(record: Mapping, degrees: tuple[int, ...]) -> Instruction | None:
    """What a request of CelebA-Dialog asks of a face with these ``degrees`` (ours, 0..5); None if
    it changes nothing, or names no attribute.

    A request names a score to reach, or a direction with or without an amount; without one it means
    one degree.
    """
    if record.get("attribute") not in DIALOG_NAMES:
        return None
    attribute = DIALOG_NAMES.index(record["attribute"])
    falling = attribute == AGE
    if record.get("target_score") is not None:
        target = int(record["target_score"])
        change = (MAX_DEGREE - target if falling else target) - degrees[attribute]
    elif record.get("score_change_direction") in _DIRECTIONS:
        change = int(record.get("score_change_value") or 1) * (
            1 if record["score_change_direction"] == "positive" else -1
        )
        change = -change if falling else change
    else:
        return None
    if min(max(degrees[attribute] + change, 0), MAX_DEGREE) == degrees[attribute]:
        return None
    return Instruction(
        record["text"], attribute, 1 if change > 0 else -1, min(abs(change), MAX_DEGREE)
    )
