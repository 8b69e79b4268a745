from job import job

from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.pixels import to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import save_arrays

with job(snakemake):
    w, p = snakemake.wildcards, snakemake.params
    faces = sample_faces(p.n, seeded(p.seed, w.dataset, "study"))
    images = to_uint8(render(faces, p.entry["resolution"], p.entry["style"]))
    save_arrays(
        snakemake.output[0],
        {"images": images, "degrees": faces.degrees},
        entry=p.entry,
        seed=p.seed,
    )
