from experiment.script import job

from editable_deepsc.data.storage import load_arrays
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.adapters import AdapterRecipe
from editable_deepsc.training.conditioned_adapters import finetune_conditioned
from experiment.inputs import perceptual_distance

with job(snakemake) as this:
    recipe = dict(snakemake.params.recipe)
    low, high = recipe.pop("snr_range")
    adapters = finetune_conditioned(
        load_arrays(snakemake.input.latents)[0]["latents"],
        load_arrays(snakemake.input.data)[0]["images"],
        this.network("generator"),
        perceptual_distance(this),
        (low, high),
        AdapterRecipe(**recipe),
        snakemake.params.seed,
        this.checkpoint,
    )
    save_network(adapters, snakemake.output[0], half=True)
