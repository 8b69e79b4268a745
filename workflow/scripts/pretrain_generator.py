from pathlib import Path

import torch
from job import job, network

from editable_deepsc.data.faces import to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays
from editable_deepsc.evaluation.figures import sheet
from editable_deepsc.networks.stylegan2 import Discriminator, Generator
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.generator import GeneratorRecipe, train_generator

with job(snakemake):
    p = snakemake.params
    recipe = dict(p.recipe)
    config = {"latent": recipe.pop("latent"), "channels": recipe.pop("channels")}
    disc_config = {"channels": recipe.pop("discriminator_channels")}
    data, _ = load_arrays(snakemake.input.corpus)
    checkpoint, samples = Path(p.checkpoint), Path(p.samples)
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    samples.mkdir(parents=True, exist_ok=True)
    z = torch.randn(64, config["latent"], generator=seeded(p.seed, "sample sheet"))

    def sample(step: int, average: Generator) -> None:
        with torch.inference_mode():
            sheet(to_uint8(average(z)), 8).save(samples / f"{step:06d}.png")

    torch.manual_seed(p.seed)
    generator, discriminator = train_generator(
        data["z"], data["images"], lambda: network(snakemake.input.predictor), Generator(**config), Discriminator(**disc_config),
        GeneratorRecipe(**recipe), p.seed, checkpoint, sample,
    )
    save_network(generator, config, Path(snakemake.output.generator), half=True)
    save_network(discriminator, disc_config, Path(snakemake.output.discriminator), half=True)
