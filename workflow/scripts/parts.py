"""Systems put together from a job's inputs: only what is listed as input is read."""

from __future__ import annotations

from job import network

from editable_deepsc.codecs import find_codec
from editable_deepsc.editing.editor import Editor, EditSettings
from editable_deepsc.evaluation.distances import embedded_lpips, lpips_to


def perceptual_distance(path: str):
    """LPIPS to a target, from the perceptual network's file."""
    model = embedded_lpips(network(path))
    return lambda target: lpips_to(model, target)


def editor(inputs, inversion: dict, matching: dict) -> Editor:
    """Talk-to-Edit, or Editable-DeepSC's editing part: the fields decide which."""
    return Editor(
        generator=network(inputs.generator),
        predictor=network(inputs.predictor),
        fields=network(inputs.fields),
        text_encoder=network(inputs.text_encoder),
        perceptual=perceptual_distance(inputs.perceptual),
        settings=EditSettings(**inversion, **matching),
    )


def codec(name: str, resolution: int, entry: dict, inputs):
    """A codec by its name and entry in the config: a trained one from its weights, any other from its options."""
    options = dict(entry)
    constructor = find_codec(options.pop("kind", name))
    if "codec" in inputs.keys():
        return constructor(network(inputs.codec))
    return constructor(resolution, **options)
