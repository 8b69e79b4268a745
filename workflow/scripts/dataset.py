from experiment.script import job

from editable_deepsc.data.splits import columns, embedded_split
from editable_deepsc.data.storage import save_arrays

with job(snakemake):
    dataset, split = snakemake.wildcards.dataset, snakemake.wildcards.split
    entry, seed = snakemake.params.entry, snakemake.params.seed
    n, resolution, style = entry["images"][split], entry["resolution"], entry["style"]
    drawn = embedded_split(dataset, split, n, resolution, style, seed)
    attribute, direction, degree = columns(drawn.instructions)
    arrays = {
        "images": drawn.images,
        "truths": drawn.truths,
        "factors": drawn.faces.factors,
        "degrees": drawn.faces.degrees,
        "attribute": attribute,
        "direction": direction,
        "degree": degree,
    }
    sentences = [instruction.text for instruction in drawn.instructions]
    save_arrays(snakemake.output[0], arrays, sentences=sentences, entry=entry, seed=seed)
