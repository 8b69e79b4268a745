"""The form of a config: known keys, values of the right kind and within their bounds."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from unicodedata import category

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend

from .config import MOST_VALUES, ConfigError

DEEPEST = 16  # levels of maps and lists in each other; config.yaml has 5
LONGEST = 1000  # values in one list or map, bits of a number
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60
_SHORT.maxlong = 30
_SHORT.maxlevel = 2


def _is_whole(_, value: Any) -> bool:
    """2.0 is no whole number: Python's ranges and sizes refuse it."""
    return isinstance(value, int) and not isinstance(value, bool)


_Validator = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole),
)


def check_form(config: Any, schema: Mapping, beginning: str = "config: ") -> None:
    """Every value is of the kind and within the bounds of the schema; unknown keys are errors.

    ``beginning`` of the sentence, before the place of what is wrong.
    """
    check_values(config, beginning)
    error = best_match(_Validator(schema).iter_errors(config))
    if error is not None:
        where = place(error.absolute_path) or "top level"
        raise ConfigError(f"{beginning}{where}: {what_is_wrong(error)}")


def check_values(config: Any, beginning: str = "config: ") -> None:
    """Keys are text, numbers finite, texts visible, and there are not too many of them to read."""
    for count, (path, value) in enumerate(_values(config, ())):
        where = place(path) or "top level"
        if count >= MOST_VALUES or len(path) > DEEPEST:
            limit = f"{DEEPEST} levels" if len(path) > DEEPEST else f"{MOST_VALUES:,} values"
            raise ConfigError(
                f"{beginning}{place(path[:1])}: more than {limit}; remove the aliases (*) that "
                "repeat each other"
            )
        if isinstance(value, Mapping | list | tuple) and len(value) > LONGEST:
            raise ConfigError(
                f"{beginning}{where}: {len(value):,} values, and {LONGEST:,} at most are read; "
                "shorten it"
            )
        if isinstance(value, Mapping):
            for key in value:
                if not isinstance(key, str):
                    raise ConfigError(
                        f"{beginning}{where}: the key {described(key)} is no text; choose a name "
                        "of letters (YAML reads yes, no, on and off as truth values)"
                    )
                _check_text(key, beginning, where)
        elif isinstance(value, float) and not math.isfinite(value):
            raise ConfigError(f"{beginning}{where}: {value} is no number; give a finite one")
        elif isinstance(value, int) and value.bit_length() > LONGEST:
            raise ConfigError(f"{beginning}{where}: the number is above any maximum; lower it")
        elif isinstance(value, str):
            _check_text(value, beginning, where)


def _check_text(text: str, beginning: str, where: str) -> None:
    """No control characters: they hide what a name is. Letters of any script are welcome."""
    if any(category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise ConfigError(f"{beginning}{where}: {shown(text)} has control characters; remove them")


def _values(value: Any, path: tuple) -> Iterator[tuple[tuple, Any]]:
    """All values with their places, from the outside in, lazily: of a bomb only a part is seen."""
    waiting = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        if isinstance(value, Mapping):
            waiting += [((*path, key), inner) for key, inner in value.items()]
        elif isinstance(value, list | tuple):
            waiting += [((*path, index), inner) for index, inner in enumerate(value)]


def place(path: Iterable) -> str:
    """Keys and indices as in ``sweep.snr_db[2]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def shown(value: Any) -> str:
    """A value in a sentence, cut short."""
    return _SHORT.repr(value)


def described(value: Any) -> str:
    """A value with its kind, where another kind was wanted."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if isinstance(value, int | float):
        return f"the number {shown(value)}"
    if isinstance(value, Mapping):
        return "a map" if value else "an empty map"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    return f"the {type(value).__name__} {shown(value)}"


_KINDS = {
    "object": "a map (key: value)",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def what_is_wrong(error: ValidationError) -> str:
    """An error of the schema as half a sentence with what to do."""
    value, wanted, rule = error.instance, error.validator_value, error.validator
    about = error.schema.get("description") if isinstance(error.schema, Mapping) else None
    if rule == "type":
        return _wrong_kind(value, [wanted] if isinstance(wanted, str) else list(wanted))
    if rule == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        return _unknown(next(key for key in value if key not in known), known, "key")
    if rule == "required":
        absent = next(key for key in wanted if key not in value)
        return f"the key {absent!r} is missing; add it"
    if rule == "enum":
        if isinstance(value, str):
            return _unknown(value, [str(choice) for choice in wanted], "value")
        return f"{described(value)} is not one of {', '.join(map(str, wanted))}; choose one"
    if rule == "const":
        return f"{described(value)} must be {wanted}; change it"
    if rule in _BOUNDS:
        return f"{shown(value)} is {_BOUNDS[rule].format(wanted)}"
    if rule == "pattern":
        return f"{shown(value)} cannot be used here; give {about or f'text like {wanted}'}"
    if rule == "oneOf" or rule == "anyOf":
        return f"{described(value)} is none of what can stand here; give {about or 'another'}"
    if rule == "not":  # a key that the schema forbids beside another
        return f"this key means nothing here ({shown(value)}); remove it"
    return f"{shown(value)} does not fit ({rule} {shown(wanted)}); compare with config.yaml"


_BOUNDS = {
    "minimum": "below the minimum, {}; raise it",
    "exclusiveMinimum": "not above {}; raise it",
    "maximum": "above the maximum, {}; lower it",
    "exclusiveMaximum": "not below {}; lower it",
    "multipleOf": "not a multiple of {}; change it",
    "minItems": "too short a list, {} or more are needed; add to it",
    "maxItems": "too long a list, {} at most are read; shorten it",
    "minLength": "too short, {} or more characters are needed; give one",
    "maxLength": "too long, {} characters at most are read; shorten it",
    "minProperties": "too few, {} or more are needed; add one",
    "maxProperties": "too many, {} at most are read; remove some",
    "uniqueItems": "a list with the same value twice; remove one",
}


def _wrong_kind(value: Any, wanted: list[str]) -> str:
    kinds = " or ".join(_KINDS.get(kind, kind) for kind in wanted)
    said = f"{described(value)} stands where {kinds} belongs"
    numeric = {"integer", "number"} & set(wanted)
    if "integer" in wanted and isinstance(value, float) and value.is_integer():
        return f"{said}; write {int(value)}"
    if numeric and isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return f"{said}; give one"
        if math.isfinite(number):
            return f"{said}; write {_plain(number)}, without quotes"
    return f"{said}; change it"


def _plain(number: float) -> str:
    """As YAML reads a number: it takes 1e-7 for text, and 1.0e-7 for a number."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    digits, e, exponent = repr(number).partition("e")
    return digits + (".0" if e and "." not in digits else "") + e + exponent


def _unknown(name: Any, known: list[str], what: str) -> str:
    near = get_close_matches(str(name), known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(known) or 'none'}"
    return f"the {what} {shown(name)} is unknown; {hint}"
