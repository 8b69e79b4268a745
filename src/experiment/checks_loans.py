"""What a data set takes of another: trained fields, codecs and adapters, or the first values of
adapters.
"""

from __future__ import annotations

from collections.abc import Mapping

from .config import ConfigError


def check_loans(config: Mapping, name: str) -> None:
    """All that the entry of one data set says of others."""
    for key in ("fields_of", "codecs_of", "adapters_of"):
        if key in config["datasets"][name]:
            check_loan(config, name, key)
    check_borrowed(config, name)
    check_adapters(config, name)


def check_loan(config: Mapping, name: str, key: str) -> None:
    """What is lent (``key``) comes from a data set that trains its own, of the same size."""
    entry = config["datasets"][name]
    other = config["datasets"].get(entry[key])
    if other is None or key in other:
        raise ConfigError(
            f"config: datasets.{name}.{key}: {entry[key]!r} must be a data set that trains its own"
        )
    if key == "codecs_of" and other["resolution"] != entry["resolution"]:
        raise ConfigError(
            f"config: datasets.{name}.codecs_of: {entry[key]!r} has {other['resolution']} pixels "
            f"and {name!r} has {entry['resolution']}; remove the line"
        )


def check_adapters(config: Mapping, name: str) -> None:
    """Adapters are, or start from, those of a data set with the same latents, which start at the
    closed form. So do those of the main one: Table V counts from there.
    """
    entry = config["datasets"][name]
    if "starts_from" in config["finetune"]:
        raise ConfigError("config: finetune: 'starts_from' belongs to a data set; move it there")
    own = entry.get("finetune", {})
    if own and "adapters_of" in entry:
        raise ConfigError(
            f"config: datasets.{name}.finetune: {name!r} takes the adapters of "
            f"{entry['adapters_of']!r} as they are; remove the entry, or adapters_of"
        )
    key = "adapters_of" if "adapters_of" in entry else "finetune.starts_from"
    other = entry.get("adapters_of", own.get("starts_from"))
    if other is None:
        return
    where, first = f"config: datasets.{name}.{key}", config["datasets"].get(other)
    if entry.get("role") == "main":
        raise ConfigError(
            f"{where}: Table V counts the steps of {name!r} from the closed form; remove the line"
        )
    trains = first is not None and "adapters_of" not in first
    if not trains or other == name or "starts_from" in first.get("finetune", {}):
        raise ConfigError(
            f"{where}: {other!r} must be another data set, whose own adapters start at the closed "
            "form"
        )
    if entry.get("fields_of", name) != first.get("fields_of", other):
        raise ConfigError(
            f"{where}: {other!r} has latents of its own, since {name!r} does not take its fields; "
            "add fields_of, or remove the line"
        )


def check_borrowed(config: Mapping, name: str) -> None:
    """Who borrows trained codecs does not say how they are trained."""
    entry = config["datasets"][name]
    for codec, options in entry.get("codecs", {}).items() if "codecs_of" in entry else ():
        trained = "steps" in config["codecs"].get(codec, {})
        if trained and set(options) - {"sent"}:
            raise ConfigError(
                f"config: datasets.{name}.codecs.{codec}: {name!r} takes the codecs of "
                f"{entry['codecs_of']!r} as they are; remove the entry, or codecs_of"
            )
