from experiment.script import job

import json

import pandas as pd
import torch

from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.editing.inversion import InversionRecipe
from editable_deepsc.editing.known import Judges, KnownRange, Unlike, rendered_range
from editable_deepsc.editing.matching import synthesise
from experiment.inputs import perceptual_distance

with job(snakemake) as this:
    inputs, params = snakemake.input, snakemake.params
    generator = this.network("generator")
    judges = Judges(
        perceptual_distance(this), this.network("recogniser"), this.network("discriminator")
    )

    def figures(data: str, latents: str) -> dict[str, torch.Tensor]:
        images = from_uint8(load_arrays(data)[0]["images"]).to(this.device)
        found = load_arrays(latents)[0]["latents"].to(this.device)
        with torch.inference_mode():
            inversions = synthesise(generator, found, batch=judges.batch(generator.resolution))
        return judges.figures(images, inversions)

    if params.known is not None:
        known = KnownRange(**params.known)
    elif "finetune_latents" in inputs.keys():
        own = figures(inputs.finetune_data, inputs.finetune_latents)
        known = KnownRange.around(own, of="images of the fine-tuning split")
    else:
        encoder = this.network("encoder") if "encoder" in inputs.keys() else None
        recipe = InversionRecipe(**params.inversion)
        known = rendered_range(
            generator, judges, recipe, encoder, params.faces, params.seed, this.checkpoint
        )
    unlike = Unlike(figures(inputs.data, inputs.latents), known)
    table = pd.DataFrame({name: values.numpy() for name, values in unlike.figures.items()})
    table.insert(0, "image", range(len(table)))
    table["unlike"] = unlike.outside.int().numpy()
    print(f"{int(table['unlike'].sum())} of {len(table)} are unlike {known.faces} {known.of}")
    with whole(snakemake.output.images) as path:
        table.to_csv(path, index=False, float_format="%.6g")
    with whole(snakemake.output.known) as path:
        path.write_text(json.dumps(vars(known)))
