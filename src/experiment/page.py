"""The page for the systems of a run, those of published networks too.

    python -m experiment.page --configfile workflow/configs/paper.yaml --dataset celeba

`editable-deepsc app` shows what ships with the package; this what `snakemake --configfile ...` has
trained under results/, with the networks that its config names.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from . import names
from .bundle import read_experiment
from .config import Experiment

if TYPE_CHECKING:
    from editable_deepsc.app.loaded import LoadedSystems


def shown_systems(experiment: Experiment) -> list[str]:
    """The swept systems that one set of weights serves at every SNR, and that edit wish by wish:
    Talk-to-Edit as released knows no dialogue.
    """
    from editable_deepsc.app.loaded import page_order
    from editable_deepsc.systems.names import parse_system

    per_snr = {*experiment.matched, *experiment.adaptive}
    return [
        name
        for name in page_order(experiment.systems)
        if not experiment.variant(name)
        and not experiment.released(name)
        and parse_system(name).codec not in per_snr
    ]


def load(
    experiment: Experiment, dataset: str, device: str = "cpu", inversion: str | None = None
) -> LoadedSystems:
    """The systems of a data set as a run of this config has trained them, and its judges.

    ``inversion``: a recipe; that of the config without one. ``ValueError`` names the first file
    that is missing or not what its job wrote.
    """
    import torch

    from editable_deepsc.app.loaded import Judges, LoadedSystems
    from editable_deepsc.evaluation.measure.distances import lpips_of
    from editable_deepsc.networks.perceptual import lpips_to
    from editable_deepsc.systems.build import SystemNetworks, build_system
    from editable_deepsc.systems.names import parse_system

    from .inputs import edit_settings, published_fields, read_network
    from .job import Job, published_networks
    from .provenance import checked_digests

    if dataset not in experiment.datasets:
        known = ", ".join(experiment.datasets)
        raise ValueError(f"--dataset: {dataset!r} is not swept; choose one of: {known}")
    settings = experiment.inversion(inversion, dataset)

    roles = [role for role in experiment.network_entries(dataset) if role != "fields"]
    inputs: dict[str, Any] = {role: experiment.network(role, dataset) for role in roles}
    inputs["fields"] = names.fields(experiment, dataset, names.EDITORS[1])
    like_a_job = SimpleNamespace(config=experiment.config, wildcards={"dataset": dataset})
    this = Job(torch.device(device), Path(), {}, inputs, published_networks(like_a_job))
    network = functools.cache(this.network)

    @functools.cache
    def trained(path: str) -> Any:
        if not Path(path).is_file():
            raise ValueError(
                f"app: {path} is missing; run `snakemake --cores all` with this config first"
            )
        checked_digests([path])
        return read_network(path).to(device)

    @functools.cache
    def fields(editor: str) -> Any:
        files = names.fields(experiment, dataset, editor)
        if isinstance(files, str):
            return trained(files)
        return published_fields(this, network("generator"))

    def built(name: str):
        codec_name = parse_system(name).codec
        editor = names.EDITORS[0 if codec_name is None else 1]
        codec = None
        if codec_name is not None:
            codec = _codec(experiment, dataset, codec_name, trained, network)
        networks = SystemNetworks(
            generator=network("generator"),
            predictor=network("predictor"),
            fields=fields(editor),
            text_encoder=network("text_encoder"),
            perceptual=functools.partial(lpips_to, network("perceptual")),
            encoder=network("encoder") if settings["start"] == "encoder" else None,
            adapters={
                float(s): trained(names.adapters(experiment, dataset, s)) for s in experiment.snrs
            }
            if codec is None
            else {},
        )
        recipes = edit_settings(settings, experiment.config["matching"])
        return build_system(name, networks, codec, recipes, snr_db=6.0)

    return LoadedSystems(
        dataset,
        {name: built(name) for name in shown_systems(experiment)},
        Judges(lpips_of(network("perceptual")), network("evaluator"), network("recogniser")),
        experiment.dataset(dataset).get("style") if dataset in experiment.embedded else None,
        tuple(map(float, experiment.snrs)),
        None if dataset in experiment.embedded else test_image(dataset),
    )


def _codec(
    experiment: Experiment,
    dataset: str,
    name: str,
    trained: Callable[[str], Any],
    network: Callable[[str], Any],
):
    """A codec with its trained weights and, where its decoder ends in one, the generator."""
    from editable_deepsc.codecs.build import build_codec

    model, generator = None, None
    if name in experiment.learned:
        model = trained(names.codec_model(experiment, dataset, name, experiment.lowest_snr))
    if name in experiment.generative:
        generator = network("generator")
    options = experiment.codec_options(name, dataset) or {}
    return build_codec(name, experiment.dataset(dataset)["resolution"], options, model, generator)


def test_image(dataset: str):
    """The first test image [1, 3, R, R] in [-1, 1] of photographs: what the page opens with."""
    from editable_deepsc.data.pixels import from_uint8
    from editable_deepsc.data.storage import load_arrays

    return from_uint8(load_arrays(f"results/data/{dataset}/test.safetensors")[0]["images"][:1])


def main(arguments: list[str] | None = None) -> None:
    """Serve the page; bad input is one sentence on standard error and exit status 1."""
    parser = argparse.ArgumentParser(prog="experiment.page", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--configfile",
        type=Path,
        nargs="+",
        default=[],
        help="overlays of config.yaml, as of the run",
    )
    parser.add_argument("--dataset", help="one of the swept ones; the main one without")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1 and so on")
    parser.add_argument("--inversion", help="a recipe; that of the config without")
    parser.add_argument("--port", type=int, default=7860, help="of 127.0.0.1")
    given = parser.parse_args(arguments)
    try:
        from editable_deepsc.app.serve import check_installed, check_port, serve

        check_installed()
        check_port(given.port)
        experiment = read_experiment(*given.configfile)
        dataset = given.dataset or experiment.main
        serve(load(experiment, dataset, given.device, given.inversion), given.port)
    except (ValueError, OSError) as error:
        sys.exit(f"app: {str(error).removeprefix('app: ')}")


if __name__ == "__main__":
    main()
