from experiment.script import job

from editable_deepsc.data.storage import load_arrays
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.adapters import AdapterRecipe, finetune_adapters
from experiment.inputs import perceptual_distance

with job(snakemake) as this:
    adapters = finetune_adapters(
        load_arrays(snakemake.input.latents)[0]["latents"],
        load_arrays(snakemake.input.data)[0]["images"],
        this.network("generator"),
        perceptual_distance(this),
        float(snakemake.wildcards.snr),
        AdapterRecipe(**snakemake.params.recipe),
        snakemake.params.seed,
        this.checkpoint,
        this.network("start_adapters") if "start_adapters" in snakemake.input.keys() else None,
    )
    save_network(adapters, snakemake.output[0], half=True)
