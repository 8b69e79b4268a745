from job import job, network
from parts import perceptual_distance

from editable_deepsc.data.storage import load_arrays
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.adapters import finetune_adapters

with job(snakemake) as this:
    latents = load_arrays(snakemake.input.latents)[0]["latents"]
    images = load_arrays(snakemake.input.data)[0]["images"]
    config = {"latent": latents.shape[1]}
    adapters = finetune_adapters(
        latents,
        images,
        network(snakemake.input.generator, this.device),
        perceptual_distance(snakemake.input.perceptual, this.device),
        config,
        float(snakemake.wildcards.snr),
        seed=snakemake.params.seed,
        checkpoint=this.checkpoint,
        **snakemake.params.recipe,
    )
    save_network(adapters, config, snakemake.output[0])
