"""Names of data sets, codecs and SNRs, which become paths, wildcards and cells of tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from editable_deepsc.systems.names import EDITABLE, EDITOR, RELEASED

from .config import ConfigError, snr_text
from .names import EDITORS

SNR_LABEL = re.compile(r"-?\d+(\.\d+)?")  # of the wildcard {snr}
# What YAML or a reader of tables takes for a number, a truth value or nothing
_NO_NAMES = {
    *("yes", "no", "on", "off", "y", "n", "true", "false", "null", "none", "na", "nan", "n-a"),
    *("inf", "infinity"),
}
# Trained fields and adapters lie beside the codecs' models; systems are named after the editors.
_TAKEN = {EDITABLE, EDITOR, RELEASED, *EDITORS, "adapters", "original", "truth"}


def check_names(config: Mapping) -> None:
    """Names of data sets and codecs can be told apart, and from everything else."""
    for section in ("datasets", "codecs"):
        for name in config[section]:
            if name.lower() in _NO_NAMES or is_number(name):
                raise ConfigError(
                    f"config: {section}: {name!r} cannot be a name, since YAML and tables read "
                    "something else in it; choose another"
                )
        check_case(config[section], section)
    for name in config["codecs"]:
        if name in _TAKEN or name.startswith("adapters_"):
            raise ConfigError(
                f"config: codecs: {name!r} is the name of something else of the workflow; "
                "choose another"
            )
        for other in config["codecs"]:
            if name != other and re.fullmatch(rf"{re.escape(other)}_-?\d+(\.\d+)?db", name):
                raise ConfigError(
                    f"config: codecs: the models of {other!r} are named like {name!r}; "
                    "choose another name"
                )


def is_number(name: str) -> bool:
    """Whether a reader of tables takes a name for a number."""
    try:
        float(name)
    except ValueError:
        return False
    return True


def check_case(names: Iterable[str], section: str) -> None:
    """No two names differ by capitals alone: some file systems take them for one."""
    first: dict[str, str] = {}
    for name in names:
        before = first.setdefault(name.lower(), name)
        if before != name:
            raise ConfigError(
                f"config: {section}: {before!r} and {name!r} differ by capitals alone, which not "
                "every file system tells apart; choose another name"
            )


def check_snrs(config: Mapping) -> None:
    """Every SNR is told in full by its label in file names, so that no two have the same."""
    for index, snr in enumerate(config["sweep"]["snr_db"]):
        check_snr(snr, f"sweep.snr_db[{index}]")
    check_snr(config["publish"]["grid_snr_db"], "publish.grid_snr_db")
    if config.get("studies"):
        check_snr(config["studies"]["mismatch"]["snr_db"], "studies.mismatch.snr_db")


def check_snr(snr: float, where: str) -> None:
    """One SNR in dB, whose place in the config is ``where``."""
    label = snr_text(snr)
    if not SNR_LABEL.fullmatch(label) or float(label) != snr:
        raise ConfigError(
            f"config: {where}: {snr!r} dB would be called {label} dB; give at most six digits"
        )
