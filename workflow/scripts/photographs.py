from experiment.script import job

import torch

from editable_deepsc.data.albums import read_division, read_framings
from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.data.splits import columns, instructions_for, published_degrees, read_images
from editable_deepsc.data.storage import save_arrays

with job(snakemake) as this:
    dataset, split = snakemake.wildcards.dataset, snakemake.wildcards.split
    entry, seed = snakemake.params.entry, snakemake.params.seed
    names = read_division(snakemake.input.files, split)
    images = read_images(names, entry, read_framings(snakemake.input.files))
    if "labels" in entry:
        degrees = published_degrees(names, entry)
    else:
        predictor = this.network("predictor")
        with torch.inference_mode():
            batches = (from_uint8(batch.to(this.device)) for batch in images.split(16))
            degrees = torch.cat([predictor.degrees(batch).cpu() for batch in batches]).float()
    instructions = instructions_for(names, degrees, entry, dataset, split, seed)
    attribute, direction, degree = columns(instructions)
    arrays = {
        "images": images,
        "degrees": degrees,
        "attribute": attribute,
        "direction": direction,
        "degree": degree,
    }
    sentences = [instruction.text for instruction in instructions]
    save_arrays(
        snakemake.output[0], arrays, sentences=sentences, files=names, entry=entry, seed=seed
    )
