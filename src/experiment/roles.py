"""Which kind of network each role has: a name in the config, or of a job's input."""

from __future__ import annotations

# Role -> kind in the metadata of a .safetensors file of this package
KINDS = {
    "generator": "Generator",
    "discriminator": "Discriminator",
    "predictor": "AttributePredictor",
    "evaluator": "AttributePredictor",
    "recogniser": "FaceRecogniser",
    "judge_recogniser": "JudgeRecogniser",
    "text_encoder": "TextEncoder",
    "encoder": "LatentEncoder",
    "codec_start": "DeepSC",
    "perceptual": "PerceptualBackbone",
    "fidelity": "FidelityFeatures",
    "talk2edit_perceptual": "PerceptualBackbone",
}
# The same of what the workflow trains for its systems. Codecs have networks of several kinds.
TRAINED_KINDS = {
    "fields": "SemanticFields",
    "adapters": "ChannelAdapters",
    "start": "DeepSC",  # or DeepJSCC; the training names both
}


def kind_of(role: str) -> str | None:
    """Kind of the network in an input; ``adapters_6dB`` and ``grid_adapters`` are adapters.

    None where the name does not say it.
    """
    kinds = KINDS | TRAINED_KINDS
    words = role.split("_")
    return kinds.get(role) or kinds.get(words[0]) or kinds.get(words[-1])
