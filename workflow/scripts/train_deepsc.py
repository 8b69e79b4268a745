from job import job

from editable_deepsc.data.faces import render, sample_faces, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.deepsc import train_deepsc

with job(snakemake) as this:
    w, entry, recipe = snakemake.wildcards, snakemake.params.entry, snakemake.params.recipe
    faces = sample_faces(recipe["images"], seeded(snakemake.params.seed, w.dataset, "deepsc"))
    images = to_uint8(render(faces, entry["resolution"], entry["style"]))
    config = {"resolution": entry["resolution"], "width": recipe["width"], "symbols_per_position": recipe["symbols_per_position"]}
    model = train_deepsc(images, config, tuple(recipe["snr_range"]), recipe["steps"], snakemake.params.seed, recipe["batch"], recipe["rate"], this.checkpoint, this.device)
    save_network(model, config, snakemake.output[0])
