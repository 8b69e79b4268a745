from experiment.script import job

from editable_deepsc.data.storage import save_arrays
from editable_deepsc.training import corpus

with job(snakemake):
    kind, params = snakemake.wildcards.kind, snakemake.params
    sizes, resolution, seed = params.sizes, params.resolution, params.seed
    if kind in ("pairs", "large_pairs"):
        z, images = corpus.paired_corpus(sizes[kind], params.latent, resolution, seed)
        arrays = {"images": images, "z": z}
    elif kind in ("people", "judge_people"):  # the judge sees other people
        people, pictures = sizes["people"], sizes["pictures"]
        own_seed = seed + (kind == "judge_people")
        images, identity = corpus.identity_corpus(people, pictures, resolution, own_seed)
        arrays = {"images": images, "identity": identity}
    else:  # the judges' faces are drawn with another seed than the guiding predictor's
        own_seed = seed + (kind == "judges")
        images, faces = corpus.labelled_corpus(sizes[kind], resolution, own_seed)
        arrays = {"images": images, "factors": faces.factors, "degrees": faces.degrees}
    save_arrays(snakemake.output[0], arrays)
