from job import job, network

from editable_deepsc.data.storage import load_arrays
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.jecc import FieldRecipe, train_fields

with job(snakemake) as this:
    w, recipe = snakemake.wildcards, dict(snakemake.params.recipe)
    snr_db = recipe.pop("snr_db", None)
    latents = load_arrays(snakemake.input.latents)[0]["latents"]
    fields = train_fields(
        latents,
        network(snakemake.input.generator, this.device, "generator"),
        network(snakemake.input.predictor, this.device),
        network(snakemake.input.recogniser, this.device),
        network(snakemake.input.discriminator, this.device, "discriminator"),
        FieldRecipe(**recipe, snr_db=snr_db and tuple(snr_db)),
        snakemake.params.seed,
        label=f"{w.editor} {w.dataset}",
        checkpoint=this.checkpoint,
    )
    save_network(fields, snakemake.output[0])
