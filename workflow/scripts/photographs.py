import json

import torch
from job import job, network

from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.data.splits import columns, instructions_for, published_degrees, read_images
from editable_deepsc.data.storage import save_arrays

with job(snakemake):
    w, entry, seed = snakemake.wildcards, snakemake.params.entry, snakemake.params.seed
    with open(snakemake.input.files) as file:
        names = json.load(file)[w.split]
    images = read_images(names, entry)
    if "labels" in entry:
        degrees = published_degrees(names, entry)
    else:
        predictor = network(snakemake.input.predictor)
        with torch.inference_mode():
            degrees = torch.cat(
                [predictor.degrees(from_uint8(batch)) for batch in images.split(16)]
            ).float()
    instructions = instructions_for(names, degrees, entry, w.dataset, w.split, seed)
    attribute, direction, degree = columns(instructions)
    save_arrays(
        snakemake.output[0],
        {
            "images": images,
            "degrees": degrees,
            "attribute": attribute,
            "direction": direction,
            "degree": degree,
        },
        sentences=[i.text for i in instructions],
        files=names,
        entry=entry,
        seed=seed,
    )
