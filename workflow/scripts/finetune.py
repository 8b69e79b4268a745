from job import job, network
from parts import perceptual_distance

from editable_deepsc.data.storage import load_arrays
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.adapters import AdapterRecipe, finetune_adapters

with job(snakemake) as this:
    latents = load_arrays(snakemake.input.latents)[0]["latents"]
    images = load_arrays(snakemake.input.data)[0]["images"]
    adapters = finetune_adapters(
        latents,
        images,
        network(snakemake.input.generator, this.device),
        perceptual_distance(snakemake.input.perceptual, this.device),
        float(snakemake.wildcards.snr),
        AdapterRecipe(**snakemake.params.recipe),
        snakemake.params.seed,
        this.checkpoint,
    )
    save_network(adapters, snakemake.output[0])
