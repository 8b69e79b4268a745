from pathlib import Path

import torch
from job import job

from editable_deepsc.data.faces import Faces
from editable_deepsc.data.storage import load_arrays
from editable_deepsc.networks.perceptual import FidelityFeatures, PerceptualBackbone
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training import classifiers, corpus, text

with job(snakemake) as this:
    role, recipe, seed = snakemake.wildcards.role, snakemake.params.recipe, snakemake.params.seed
    data = load_arrays(snakemake.input.corpus)[0] if "corpus" in snakemake.input.keys() else {}
    checkpoint = this.checkpoint
    if role in ("predictor", "evaluator"):
        # The evaluator judges edits that the predictor guided: another seed, width and draw.
        model = classifiers.train_predictor(
            data["images"],
            data["degrees"],
            classifiers.ClassifierRecipe(**recipe),
            seed + (role == "evaluator"),
            role,
            checkpoint=checkpoint,
            device=this.device,
        )
    elif role == "recogniser":
        budget = dict(recipe)
        embedding = budget.pop("embedding")
        model = classifiers.train_recogniser(
            data["images"],
            data["identity"],
            classifiers.ClassifierRecipe(**budget),
            embedding,
            seed,
            checkpoint=checkpoint,
            device=this.device,
        )
    elif role == "text_encoder":
        model = text.train_text_encoder(seed, recipe["steps"], progress=True, checkpoint=checkpoint)
    else:
        torch.manual_seed(seed)
        kind = {"perceptual": PerceptualBackbone, "fidelity": FidelityFeatures}[role]
        model = kind(corpus.FREE).to(this.device)
        model = classifiers.train_factor_regression(
            model,
            data["images"],
            Faces(data["factors"], data["degrees"]),
            recipe["steps"],
            seed,
            role,
            checkpoint=checkpoint,
        )
        if role == "perceptual":
            classifiers.calibrate_channels(model, data["images"].shape[-1], seed)
    save_network(model, Path(snakemake.output[0]), half=True)
