from experiment.script import job

from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.pixels import to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import save_arrays

with job(snakemake):
    params, entry = snakemake.params, snakemake.params.entry
    faces = sample_faces(params.n, seeded(params.seed, snakemake.wildcards.dataset, "study"))
    images = to_uint8(render(faces, entry["resolution"], entry["style"]))
    arrays = {"images": images, "degrees": faces.degrees}
    save_arrays(snakemake.output[0], arrays, entry=entry, seed=params.seed)
