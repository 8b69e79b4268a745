from job import job

from editable_deepsc.data.faces import render, sample_faces, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.deepsc import train_deepsc

with job(snakemake):
    w, entry, recipe = snakemake.wildcards, snakemake.params.entry, snakemake.params.recipe
    if entry["source"] == "embedded":
        faces = sample_faces(recipe["images"], seeded(snakemake.params.seed, w.dataset, "deepsc"))
        images = to_uint8(render(faces, entry["resolution"], entry["style"]))
    else:
        images = load_arrays(snakemake.input.data)[0]["images"]
    config = {"resolution": entry["resolution"], "width": recipe["width"], "symbols_per_position": recipe["symbols_per_position"]}
    model = train_deepsc(images, config, tuple(recipe["snr_range"]), recipe["steps"], snakemake.params.seed, recipe["batch"], recipe["rate"])
    save_network(model, config, snakemake.output[0])
