"""Names and paths of what the workflow writes, relative to its working directory."""

from __future__ import annotations

from collections.abc import Iterable

from .config import Experiment, snr_text

CELL = "{dataset}/{system}/{snr}dB"  # one cell of the sweep
EDITORS = ("jecc", "talk2edit")  # whose fields F_a: Editable-DeepSC's, Talk-to-Edit's


def one_of(names: Iterable[str]) -> str:
    """A wildcard constraint; of no names, one that nothing matches."""
    return "|".join(names) or "(?!)"


def cells(experiment: Experiment) -> dict[str, list[str]]:
    """Values of the wildcards of :data:`CELL`, for ``expand``."""
    return {
        "dataset": experiment.datasets,
        "system": experiment.systems,
        "snr": experiment.snrs,
    }


def codec_model(experiment: Experiment, dataset: str, codec: str, snr: str) -> str:
    """Trained weights of a codec, at ``snr`` if it has a model for each.

    Those of another data set where the config says so (``codecs_of``).
    """
    dataset = experiment.dataset(dataset).get("codecs_of", dataset)
    name = f"{codec}_{snr}dB" if codec in experiment.matched else codec
    return f"results/models/{dataset}/{name}.safetensors"


def matched_models(dataset: str, codec: str, snr: str, offsets: Iterable[float]) -> list[str]:
    """Models of a codec that were trained for SNRs around ``snr``, by their offsets in dB."""
    snrs = [snr_text(float(snr) + offset) for offset in offsets]
    return [f"results/models/{dataset}/{codec}_{snr}dB.safetensors" for snr in snrs]


def fields(experiment: Experiment, dataset: str, editor: str) -> str:
    """Trained fields F_a of an editor, one of :data:`EDITORS`.

    Those of another data set where the config says so (``fields_of``).
    """
    dataset = experiment.dataset(dataset).get("fields_of", dataset)
    return f"results/models/{dataset}/{editor}.safetensors"


def adapters(dataset: str, snr: str) -> str:
    """Adapters that were fine-tuned for one SNR."""
    return f"results/models/{dataset}/adapters_{snr}dB.safetensors"


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
