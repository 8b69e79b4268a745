"""Figures of the bundled networks on faces that no training has seen, for the manifest."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from editable_deepsc.evaluation.validate import validation
from editable_deepsc.training import corpus
from editable_deepsc.training.text import evaluate_text_encoder

HELD_OUT = 1000  # faces
HELD_OUT_SEED = 990  # no training corpus is drawn with it


def held_out_figures(models: Mapping[str, nn.Module]) -> dict[str, dict]:
    """Name of every network -> its figures; discriminators have none.

    ``models``: all networks of the manifest by name, in evaluation mode.
    """
    small, large = models["generator"], models["generator_128"]
    images, faces = corpus.labelled_corpus(HELD_OUT, small.resolution, HELD_OUT_SEED)
    z, pairs = corpus.paired_corpus(HELD_OUT // 2, small.latent, small.resolution, HELD_OUT_SEED)
    large_z, large_pairs = corpus.paired_corpus(
        HELD_OUT // 5, small.latent, large.resolution, HELD_OUT_SEED
    )
    people, identity = corpus.identity_corpus(HELD_OUT // 5, 5, small.resolution, HELD_OUT_SEED)
    return {
        "generator": validation.generator_figures(small, z, pairs),
        "discriminator": {},
        "generator_128": validation.generator_figures(large, large_z, large_pairs),
        "discriminator_128": {},
        "predictor": validation.predictor_figures(models["predictor"], images, faces.degrees),
        "evaluator": validation.predictor_figures(models["evaluator"], images, faces.degrees),
        "recogniser": validation.recogniser_figures(models["recogniser"], people, identity),
        "judge_recogniser": validation.recogniser_figures(
            models["judge_recogniser"], people, identity
        ),
        "codec_start": validation.codec_figures(models["codec_start"], images),
        "encoder": validation.encoder_figures(models["encoder"], small, pairs),
        "text_encoder": evaluate_text_encoder(models["text_encoder"]),
        "perceptual": validation.regression_figures(models["perceptual"], images, faces),
        "fidelity": validation.regression_figures(models["fidelity"], images, faces),
    }
