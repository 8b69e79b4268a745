"""Systems put together from a job's inputs: only what is listed as input is read.

LPIPS and the codecs are imported where they are used: with the packages behind them they cost seconds of every short job.
"""

from __future__ import annotations

from job import network

from editable_deepsc.editing.editor import Editor, EditSettings


def perceptual_distance(path: str, device="cpu"):
    """LPIPS to a target, from the perceptual network's file."""
    from editable_deepsc.evaluation.distances import lpips_of, lpips_to

    model = lpips_of(network(path, device))
    return lambda target: lpips_to(model, target)


def editor(inputs, inversion: dict, matching: dict, device="cpu", checkpoint=None) -> Editor:
    """Talk-to-Edit, or Editable-DeepSC's editing part: the fields decide which. ``checkpoint``: of its inversion."""
    return Editor(
        generator=network(inputs.generator, device),
        predictor=network(inputs.predictor, device),
        fields=network(inputs.fields, device),
        text_encoder=network(inputs.text_encoder, device),
        perceptual=perceptual_distance(inputs.perceptual, device),
        settings=EditSettings(**inversion, **matching),
        checkpoint=checkpoint,
    )


def codec(name: str, resolution: int, entry: dict, inputs, device="cpu"):
    """A codec by its name and entry in the config: a trained one from its weights, any other from its options."""
    from editable_deepsc.codecs import find_codec

    options = dict(entry)
    constructor = find_codec(options.pop("kind", name))
    if "codec" in inputs.keys():
        return constructor(network(inputs.codec, device))
    return constructor(resolution, **options)
