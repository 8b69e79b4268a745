import functools

from job import job, network
from parts import pictures

from editable_deepsc.evaluation.distances import lpips_distance, lpips_of
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.gan_codec import GanRecipe, train_gan_codec

with job(snakemake) as this:
    w, entry, seed = snakemake.wildcards, snakemake.params.entry, snakemake.params.seed
    recipe = dict(snakemake.params.recipe)
    recipe.pop("kind", None)
    images = pictures(entry, recipe.pop("images"), snakemake.input, seed, w.dataset, w.codec)
    distance = functools.partial(
        lpips_distance, lpips_of(network(snakemake.input.perceptual, this.device))
    )
    model = train_gan_codec(
        images, GanRecipe(**recipe), distance, seed, w.codec, this.checkpoint, this.device
    )
    save_network(model, snakemake.output[0])
