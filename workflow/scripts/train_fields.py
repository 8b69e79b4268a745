from experiment.script import job

from editable_deepsc.data.storage import load_arrays
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.jecc import FieldRecipe, Guides, train_fields

with job(snakemake) as this:
    recipe = dict(snakemake.params.recipe)
    recipe.pop("starts_from", None)  # the input below
    snr_range = recipe.pop("snr_db", None)  # Talk-to-Edit trains without a channel
    fields = train_fields(
        load_arrays(snakemake.input.latents)[0]["latents"],
        this.network("generator"),
        Guides(
            this.network("predictor"), this.network("recogniser"), this.network("discriminator")
        ),
        FieldRecipe(**recipe, snr_db=snr_range and tuple(snr_range)),
        snakemake.params.seed,
        label=f"{snakemake.wildcards.editor} {snakemake.wildcards.dataset}",
        checkpoint=this.checkpoint,
        start=this.network("start") if "start" in snakemake.input.keys() else None,
    )
    save_network(fields, snakemake.output[0], half=True)
