import time

from job import job, network
from parts import perceptual_distance

from editable_deepsc.data.pixels import from_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays
from editable_deepsc.editing.inversion import invert

with job(snakemake) as this:
    w, options = snakemake.wildcards, snakemake.params.inversion
    images = from_uint8(load_arrays(snakemake.input.data)[0]["images"]).to(this.device)
    generator = network(snakemake.input.generator, this.device)
    if images.shape[-1] != generator.resolution:
        raise ValueError(
            (
                f"data set {w.dataset!r} has {images.shape[-1]} pixels and the generator draws "
                f"{generator.resolution}: set networks.generator to one of {images.shape[-1]} "
                f"pixels, or change datasets.{w.dataset}.resolution"
            )
        )
    start = time.perf_counter()
    latents = invert(
        images,
        generator,
        perceptual_distance(snakemake.input.perceptual, this.device),
        rng=seeded(snakemake.params.seed, w.dataset, w.split, "inversion"),
        **options,
        progress=f"invert {w.split}",
        checkpoint=this.checkpoint,
    )
    seconds = (time.perf_counter() - start) / len(images)
    print(f"{1 / seconds:.2f} images per second, {options['iterations']} iterations each")
    save_arrays(snakemake.output[0], {"latents": latents[options["iterations"]]}, inversion=options)
    this.timing["seconds_per_image"] = seconds
