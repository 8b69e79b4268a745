from experiment.script import job

import functools

from editable_deepsc.evaluation.measure.distances import lpips_distance, lpips_of
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.gan_codec import GanRecipe, train_gan_codec
from experiment.inputs import training_images

with job(snakemake) as this:
    dataset, codec = snakemake.wildcards.dataset, snakemake.wildcards.codec
    entry, seed = snakemake.params.entry, snakemake.params.seed
    recipe = dict(snakemake.params.recipe)
    recipe.pop("kind", None)
    images = training_images(this, entry, recipe.pop("images"), seed, dataset, codec)
    distance = functools.partial(lpips_distance, lpips_of(this.network("perceptual")))
    model = train_gan_codec(
        images, GanRecipe(**recipe), distance, seed, codec, this.checkpoint, this.device
    )
    save_network(model, snakemake.output[0])
