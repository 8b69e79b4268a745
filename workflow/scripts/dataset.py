from job import job

from editable_deepsc.data.splits import columns, embedded_split
from editable_deepsc.data.storage import save_arrays

with job(snakemake):
    entry = snakemake.params.entry
    split = snakemake.wildcards.split
    drawn = embedded_split(
        snakemake.wildcards.dataset,
        split,
        entry["images"][split],
        entry["resolution"],
        entry["style"],
        snakemake.params.seed,
    )
    attribute, direction, degree = columns(drawn.instructions)
    save_arrays(
        snakemake.output[0],
        {
            "images": drawn.images,
            "truths": drawn.truths,
            "factors": drawn.faces.factors,
            "degrees": drawn.faces.degrees,
            "attribute": attribute,
            "direction": direction,
            "degree": degree,
        },
        sentences=[i.text for i in drawn.instructions],
        entry=entry,
        seed=snakemake.params.seed,
    )
