"""Names and paths of what the workflow writes, relative to its working directory."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from editable_deepsc.systems.names import EDITABLE, EDITOR, RELEASED, parse_system

from .config import Experiment, published_files, snr_text

CELL = "{dataset}/{system}/{snr}dB"  # one cell of the sweep
EDITORS = ("jecc", EDITOR)  # whose fields F_a: Editable-DeepSC's, Talk-to-Edit's


def one_of(names: Iterable[str]) -> str:
    """A wildcard constraint; of no names, one that nothing matches."""
    return "|".join(map(re.escape, names)) or "(?!)"


def cells(experiment: Experiment) -> dict[str, list[str]]:
    """Values of the wildcards of :data:`CELL`, for ``expand``."""
    return {
        "dataset": experiment.datasets,
        "system": experiment.systems,
        "snr": experiment.snrs,
    }


def codec_model(experiment: Experiment, dataset: str, codec: str, snr: str) -> str:
    """Trained weights of a codec, at ``snr`` if it has a model for each; of an adaptive codec the
    mode that was chosen for this SNR.

    Those of another data set where the config says so (``codecs_of``).
    """
    dataset = experiment.dataset(dataset).get("codecs_of", dataset)
    if codec in experiment.adaptive:
        return f"results/modes/{dataset}/{codec}_{snr}dB.json"
    name = f"{codec}_{snr}dB" if codec in experiment.matched else codec
    return f"results/models/{dataset}/{name}.safetensors"


def codec_start(experiment: Experiment, dataset: str, codec: str, snr: str) -> dict[str, str]:
    """The trained codec that the training of another starts from (``starts_from``), as the input
    ``start``; nothing for one that starts from a network or from random weights.
    """
    other = experiment.codec_start(dataset, codec)
    return {} if other is None else {"start": codec_model(experiment, *other, snr)}


def matched_models(dataset: str, codec: str, snr: str, offsets: Iterable[float]) -> list[str]:
    """Models of a codec that were trained for SNRs around ``snr``, by their offsets in dB."""
    snrs = [snr_text(float(snr) + offset) for offset in offsets]
    return [f"results/models/{dataset}/{codec}_{snr}dB.safetensors" for snr in snrs]


def edits(experiment: Experiment, dataset: str, system: str) -> str:
    """The edits at the transmitter of a system, made once for all SNRs."""
    editor = parse_system(system).editor
    name = "jecc" if editor == EDITABLE else RELEASED if experiment.released(system) else EDITOR
    return f"results/edits/{dataset}/{name}.safetensors"


def fields(experiment: Experiment, dataset: str, editor: str) -> str | list[str]:
    """Fields F_a of an editor, one of :data:`EDITORS`: trained ones, or Talk-to-Edit's published
    files where the config has them (``networks.fields``).

    Trained ones are those of another data set where the config says so (``fields_of``).
    """
    published = experiment.network_entries(dataset).get("fields")
    if editor == EDITOR and isinstance(published, dict):
        return published_files(published)
    dataset = experiment.dataset(dataset).get("fields_of", dataset)
    return f"results/models/{dataset}/{editor}.safetensors"


def fields_start(experiment: Experiment, dataset: str, editor: str) -> dict[str, str]:
    """The trained fields that the training of an editor's starts from (``starts_from``), as the
    input ``start``; nothing where it starts from random weights.
    """
    other = experiment.config[editor].get("starts_from", "random")
    return {} if other == "random" else {"start": f"results/models/{dataset}/{other}.safetensors"}


def adapters(experiment: Experiment, dataset: str, snr: str | None) -> str:
    """Adapters that were fine-tuned for one SNR, or without one the pair for all of them.

    Those of another data set where the config says so (``adapters_of``).
    """
    dataset = experiment.dataset(dataset).get("adapters_of", dataset)
    name = "adapters_conditioned" if snr is None else f"adapters_{snr}dB"
    return f"results/models/{dataset}/{name}.safetensors"


def adapters_start(experiment: Experiment, dataset: str, snr: str) -> dict[str, str]:
    """The adapters that fine-tuning starts from (``starts_from``), as the input ``start_adapters``;
    nothing where it starts at the closed form.
    """
    other = experiment.adapters_start(dataset)
    return {} if other is None else {"start_adapters": adapters(experiment, other, snr)}


def adapters_of(experiment: Experiment, dataset: str, system: str, snr: str) -> str:
    """Adapters of Editable-DeepSC, or of one of its variants, on a link of an SNR.

    A variant that repeats its symbols has those of an SNR that is 10 log10(repeats) higher, to a
    tenth of a dB; the conditioned ones serve every SNR.
    """
    if experiment.variant(system).get("adapters") == "conditioned":
        return adapters(experiment, dataset, None)
    gain_db = 10 * math.log10(experiment.repeats(system))
    served = snr_text(round(float(snr) + gain_db, 1)) if gain_db else snr
    return adapters(experiment, dataset, served)


def study_data(experiment: Experiment, dataset: str) -> str:
    """Images for the studies of codecs: more faces than in the sweep where faces are drawn."""
    split = "study" if dataset in experiment.embedded else "test"
    return f"results/data/{dataset}/{split}.safetensors"


def figures(experiment: Experiment) -> dict[str, tuple[str, str]]:
    """Swept data set -> names of its curves and of its picture grid.

    As in the paper: Figures 4 and 5 are of the main data set, 6 and 7 of the one of high
    resolution, 8 and 9 of the one out of distribution. Any other has a folder of its name.
    """
    by_role = {
        experiment.main: 4,
        experiment.high_resolution: 6,
        experiment.out_of_distribution: 8,
    }
    return {
        dataset: (f"figure{by_role[dataset]}", f"figure{by_role[dataset] + 1}")
        if dataset in by_role
        else (f"{dataset}/quality", f"{dataset}/grid")
        for dataset in experiment.datasets
    }


def curves(experiment: Experiment) -> dict[str, str]:
    """Name of a figure of curves -> its data set."""
    return {curve: dataset for dataset, (curve, _) in figures(experiment).items()}


def grids(experiment: Experiment) -> dict[str, str]:
    """Name of a picture grid -> its data set."""
    return {grid: dataset for dataset, (_, grid) in figures(experiment).items()}


def bandwidth_tables(experiment: Experiment) -> dict[str, str]:
    """Tables I and II -> their data sets."""
    tables = {"table1": experiment.main, "table2": experiment.high_resolution}
    return {table: dataset for table, dataset in tables.items() if dataset is not None}
