from experiment.script import job

from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.generative_jscc import GenerativeRecipe, train_generative_jscc
from experiment.inputs import perceptual_distance, training_images

with job(snakemake) as this:
    dataset, codec = snakemake.wildcards.dataset, snakemake.wildcards.codec
    recipe, seed = snakemake.params.recipe, snakemake.params.seed
    model = train_generative_jscc(
        training_images(this, snakemake.params.entry, recipe["images"], seed, dataset, codec),
        this.network("encoder"),
        this.network("generator"),
        perceptual_distance(this),
        GenerativeRecipe(
            snr_range=tuple(recipe["snr_range"]),
            steps=recipe["steps"],
            batch=recipe["batch"],
            rate=recipe["rate"],
            perceptual_weight=recipe["perceptual_weight"],
        ),
        seed,
        codec,
        this.checkpoint,
    )
    save_network(model, snakemake.output[0], half=True)
