from experiment.script import job

import time

from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays
from editable_deepsc.editing.inversion import InversionRecipe, invert
from experiment.inputs import perceptual_distance
from experiment.seconds import write_seconds

with job(snakemake) as this:
    dataset, split = snakemake.wildcards.dataset, snakemake.wildcards.split
    recipe = InversionRecipe(**snakemake.params.inversion)
    images = from_uint8(load_arrays(snakemake.input.data)[0]["images"]).to(this.device)
    generator = this.network("generator")
    if images.shape[-1] != generator.resolution:
        raise ValueError(
            f"data set {dataset!r} has {images.shape[-1]} pixels and the generator draws "
            f"{generator.resolution}: set networks.generator to one of {images.shape[-1]} pixels, "
            f"or change datasets.{dataset}.resolution"
        )
    start = time.perf_counter()
    latents = invert(
        images,
        generator,
        perceptual_distance(this),
        recipe,
        seeded(snakemake.params.seed, dataset, split, "inversion"),
        encoder=this.network("encoder") if "encoder" in snakemake.input.keys() else None,
        progress=f"invert {split}",
        checkpoint=this.checkpoint,
    )[recipe.iterations]
    seconds = (time.perf_counter() - start) / len(images)
    print(f"{1 / seconds:.2f} images per second, {recipe.evaluations} iterations each")
    notes = {"inversion": snakemake.params.inversion}
    save_arrays(snakemake.output.latents, {"latents": latents}, **notes)
    write_seconds(snakemake.output.seconds, seconds, this.facts)
