from experiment.script import job

from pathlib import Path

import torch

from editable_deepsc.data.faces import Faces, render, sample_faces
from editable_deepsc.data.pixels import to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays
from editable_deepsc.networks.jscc import DeepSC
from editable_deepsc.networks.perceptual import FidelityFeatures, PerceptualBackbone
from editable_deepsc.networks.recogniser import FaceRecogniser, JudgeRecogniser
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training import classifiers, corpus, text
from editable_deepsc.training.codecs import CodecRecipe, train_codec
from editable_deepsc.training.encoder import EncoderRecipe, train_encoder
from experiment.inputs import perceptual_distance

SIDE = 64  # pixels of the faces whose squares the start of DeepSC sees

with job(snakemake) as this:
    role, seed = snakemake.wildcards.role, snakemake.params.seed
    recipe = dict(snakemake.params.recipe)
    data = load_arrays(snakemake.input.corpus)[0] if "corpus" in snakemake.input.keys() else {}
    where = {"checkpoint": this.checkpoint, "device": this.device}
    if role in ("predictor", "evaluator"):
        # The evaluator judges edits that the predictor guided: another seed, width and draw.
        own_seed = seed + (role == "evaluator")
        budget = classifiers.ClassifierRecipe(**recipe)
        images, degrees = data["images"], data["degrees"]
        model = classifiers.train_predictor(images, degrees, budget, own_seed, role, **where)
    elif role in ("recogniser", "judge_recogniser"):
        # The judge is another network, of another seed, and has seen other people.
        judge = role == "judge_recogniser"
        embedding = recipe.pop("embedding")
        model = classifiers.train_recogniser(
            JudgeRecogniser if judge else FaceRecogniser,
            data["images"],
            data["identity"],
            classifiers.ClassifierRecipe(**recipe),
            embedding,
            seed + judge,
            role,
            **where,
        )
    elif role == "encoder":
        model = train_encoder(
            data["images"],
            this.network("generator"),
            perceptual_distance(this),
            EncoderRecipe(**recipe),
            seed,
            checkpoint=this.checkpoint,
        )
    elif role == "text_encoder":
        model = text.train_text_encoder(
            seed, recipe["steps"], progress=True, checkpoint=this.checkpoint
        )
    elif role == "codec_start":
        faces = sample_faces(recipe.pop("images"), seeded(seed, role))
        images = to_uint8(render(faces, SIDE, "photo"))
        sizes = recipe | {"snr_range": tuple(recipe["snr_range"])}
        model = train_codec(DeepSC, images, CodecRecipe(**sizes), seed, role, **where)
    else:
        torch.manual_seed(seed)
        kind = {"perceptual": PerceptualBackbone, "fidelity": FidelityFeatures}[role]
        model = classifiers.train_factor_regression(
            kind(corpus.FREE).to(this.device),
            data["images"],
            Faces(data["factors"], data["degrees"]),
            recipe["steps"],
            seed,
            role,
            checkpoint=this.checkpoint,
        )
        if role == "perceptual":
            classifiers.calibrate_channels(model, data["images"].shape[-1], seed)
            classifiers.measure_strangers(model, seed)
    save_network(model, Path(snakemake.output[0]), half=True)
