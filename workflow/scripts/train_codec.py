import functools

from editable_deepsc.codecs.learned import LEARNED
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.codecs import CodecRecipe, train_codec
from editable_deepsc.training.importance import semantic_loss
from experiment.inputs import training_images
from experiment.job import job

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
    weight = recipe.get("importance_weight", 0.0)
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
            semantic_weight=weight,
        ),
        seed,
        codec,
        functools.partial(semantic_loss, this.network("predictor")) if weight else None,
        this.checkpoint,
        this.device,
    )
    save_network(model, snakemake.output[0])
