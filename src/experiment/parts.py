"""Jobs that make several results of a kind: one start of Python and its packages for all of them.

A rule with the parameter ``each``, a wildcard and its values ({"system": ["a", "b"]}), has a part
for every value: of an input or output that is a list the item at its place, and every other input.
All have names. The provenance of a part's outputs is that of a job of this part alone. So a part
that was made, and fits, stays when another one is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EACH = "each"


@dataclass(frozen=True)
class Part:
    """``input`` and ``output``: its files by name, as a job has them."""

    wildcards: Mapping[str, str]
    input: Any
    output: Any

    @property
    def inputs(self) -> list[str]:
        return paths_of(self.input)

    @property
    def outputs(self) -> list[str]:
        return paths_of(self.output)


def paths_of(files: Any) -> list[str]:
    """All files, those of a part by name or those of a job."""
    return list(files.values()) if isinstance(files, dict) else list(files)


def has_parts(params: Any) -> bool:
    """Whether a job with these parameters has several."""
    return params.get(EACH) is not None


def parts_of(params: Any, wildcards: Mapping[str, str], inputs: Any, outputs: Any) -> list[Part]:
    """The parts of a job; the job itself where its rule has no ``each``.

    ``ValueError`` where a list has not one item for each value.
    """
    if not has_parts(params):
        return [Part(wildcards, inputs, outputs)]
    ((wildcard, values),) = params[EACH].items()
    for name, files in [*inputs.items(), *outputs.items()]:
        if not isinstance(files, str) and len(files) != len(values):
            raise ValueError(f"{name}: {len(files)} files for {len(values)} values of {wildcard}")
    return [
        Part({**wildcards, wildcard: value}, at_place(inputs, place), at_place(outputs, place))
        for place, value in enumerate(values)
    ]


def at_place(files: Any, place: int) -> dict[str, str]:
    """The files of one part, by name."""
    return {name: file if isinstance(file, str) else file[place] for name, file in files.items()}


def params_of_part(params: Any) -> dict[str, Any]:
    """Those of each part: which parts a job has besides changes none of them."""
    return {name: value for name, value in params.items() if name != EACH}
