import functools

from job import job, network
from parts import pictures

from editable_deepsc.codecs.learned import LEARNED
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.codecs import CodecRecipe, train_codec
from editable_deepsc.training.importance import semantic_loss

with job(snakemake) as this:
    w, entry, recipe = snakemake.wildcards, snakemake.params.entry, snakemake.params.recipe
    kind = recipe.get("kind", w.codec)
    if kind not in LEARNED:
        raise ValueError(
            (
                f"config: codecs.{w.codec}: {kind!r} is no learned codec; choose one of: "
                f"{', '.join(LEARNED)}"
            )
        )
    matched = recipe["snr_range"] == "matched"
    snr_range = (float(w.snr), float(w.snr)) if matched else tuple(recipe["snr_range"])
    images = pictures(
        entry, recipe["images"], snakemake.input, snakemake.params.seed, w.dataset, w.codec
    )
    weight = recipe.get("importance_weight", 0.0)
    semantic = (
        functools.partial(semantic_loss, network(snakemake.input.predictor, this.device))
        if weight
        else None
    )
    model = train_codec(
        LEARNED[kind],
        images,
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
        snakemake.params.seed,
        w.codec,
        semantic,
        this.checkpoint,
        this.device,
    )
    save_network(model, snakemake.output[0])
