"""Systems put together from a job's inputs: only what is listed as input is read.

The codecs are imported where they are used: with the packages behind them they cost seconds of
every short job.
"""

from __future__ import annotations

import functools

from job import network

from editable_deepsc.editing.editor import Editor, EditSettings
from editable_deepsc.networks.perceptual import lpips_to


def perceptual_distance(path: str, device="cpu"):
    """LPIPS to a target, from the perceptual network's file."""
    return functools.partial(lpips_to, network(path, device))


def editor(inputs, inversion: dict, matching: dict, device="cpu", checkpoint=None) -> Editor:
    """Talk-to-Edit, or Editable-DeepSC's editing part: the fields decide which. ``checkpoint``: of
    its inversion.
    """
    return Editor(
        generator=network(inputs.generator, device),
        predictor=network(inputs.predictor, device),
        fields=network(inputs.fields, device),
        text_encoder=network(inputs.text_encoder, device),
        perceptual=perceptual_distance(inputs.perceptual, device),
        settings=EditSettings(**inversion, **matching),
        checkpoint=checkpoint,
    )


def pictures(entry: dict, n: int, inputs, *seed):
    """Images uint8 [N, 3, R, R] that no split holds: ``n`` faces drawn by ``seed``, or all of
    ``inputs.data`` where the data set is photographs.
    """
    from editable_deepsc.data.faces import render, sample_faces
    from editable_deepsc.data.pixels import to_uint8
    from editable_deepsc.data.seeds import seeded
    from editable_deepsc.data.storage import load_arrays

    if entry["source"] != "embedded":
        return load_arrays(inputs.data)[0]["images"]
    return to_uint8(render(sample_faces(n, seeded(*seed)), entry["resolution"], entry["style"]))


def channel_draw(seed: int, dataset: str, system: str, snr: str, draw: int):
    """The random numbers of a cell's channel: the noise of its ``draw``-th transmission."""
    from editable_deepsc.data.seeds import seeded

    return seeded(seed, dataset, system, snr, draw, "channel")


def codec(name: str, resolution: int, entry: dict, inputs, device="cpu"):
    """A codec by its name and entry in the config: a trained one with the weights among the job's
    inputs.
    """
    return fresh_codec(
        name, resolution, entry, network(inputs.codec, device) if "codec" in inputs.keys() else None
    )


def fresh_codec(name: str, resolution: int, entry: dict, model=None):
    """A codec from its entry in the config: a trained one of its network and what the entry says
    under ``sent``, any other of its options.
    """
    from editable_deepsc.codecs import find_codec

    options = dict(entry)
    constructor = find_codec(options.pop("kind", name))
    return (
        constructor(resolution, **options)
        if model is None
        else constructor(model, **options.get("sent", {}))
    )
