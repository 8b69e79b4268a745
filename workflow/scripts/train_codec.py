from experiment.script import job

import functools

from torch import Tensor

from editable_deepsc.codecs.learned import LEARNED
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.codecs import CodecRecipe, Squares, train_codec
from editable_deepsc.training.importance import semantic_loss
from experiment.inputs import perceptual_distance, training_images

with job(snakemake) as this:
    dataset, codec = snakemake.wildcards.dataset, snakemake.wildcards.codec
    entry, recipe, seed = snakemake.params.entry, snakemake.params.recipe, snakemake.params.seed
    kind = recipe.get("kind", codec)
    if kind not in LEARNED:
        raise ValueError(
            f"config: codecs.{codec}: {kind!r} is no learned codec; choose one of: "
            f"{', '.join(LEARNED)}"
        )
    snr_range = tuple(recipe["snr_range"])
    if recipe["snr_range"] == "matched":
        snr_range = (float(snakemake.wildcards.snr),) * 2
    more = {}
    if weight := recipe.get("importance_weight"):
        more["semantic"] = weight, functools.partial(semantic_loss, this.network("predictor"))
    if weight := recipe.get("perceptual_weight"):
        perceptual = perceptual_distance(this)

        def lpips(original: Tensor, received: Tensor) -> Tensor:
            return perceptual(original)(received).mean()

        more["lpips"] = weight, lpips
    model = train_codec(
        LEARNED[kind],
        training_images(this, entry, recipe["images"], seed, dataset, codec),
        CodecRecipe(
            width=recipe["width"],
            symbols_per_position=recipe["symbols_per_position"],
            snr_range=snr_range,
            steps=recipe["steps"],
            batch=recipe["batch"],
            rate=recipe["rate"],
            crop=recipe.get("crop"),
            squares=Squares(**recipe["squares"]) if "squares" in recipe else None,
            halvings=recipe.get("halvings"),
        ),
        seed,
        codec,
        more,
        this.checkpoint,
        this.device,
        this.network("start") if "start" in snakemake.input.keys() else None,
    )
    save_network(model, snakemake.output[0])
