from job import job

from editable_deepsc.data.storage import save_arrays
from editable_deepsc.training import corpus

with job(snakemake):
    kind, sizes, p = snakemake.wildcards.kind, snakemake.params.sizes, snakemake.params
    if kind in ("pairs", "large_pairs"):
        z, images = corpus.paired_corpus(sizes[kind], p.latent, p.resolution, p.seed)
        arrays = {"images": images, "z": z}
    elif kind == "people":
        images, identity = corpus.identity_corpus(
            sizes["people"], sizes["pictures"], p.resolution, p.seed
        )
        arrays = {"images": images, "identity": identity}
    else:  # the judges' faces are drawn with another seed than the guiding predictor's
        images, faces = corpus.labelled_corpus(
            sizes[kind], p.resolution, p.seed + (kind == "judges")
        )
        arrays = {"images": images, "factors": faces.factors, "degrees": faces.degrees}
    save_arrays(snakemake.output[0], arrays)
