import functools
from pathlib import Path

import torch
from job import job, network

from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays
from editable_deepsc.editing.inversion import invert
from editable_deepsc.evaluation.figures import sheet
from editable_deepsc.networks.perceptual import lpips_to
from editable_deepsc.networks.stylegan2 import Discriminator, Encoder, Generator
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training import corpus
from editable_deepsc.training.generator import Fitted, GeneratorRecipe, Networks, train_generator

with job(snakemake) as this:
    p = snakemake.params
    recipe = dict(p.recipe)
    finish = dict(recipe.pop("finish", {}))
    rounds, fitted = finish.pop("rounds", 0), finish.pop("fitted", 0)
    latent, channels = recipe.pop("latent"), recipe.pop("channels")
    discriminator_channels = recipe.pop("discriminator_channels")
    data, _ = load_arrays(snakemake.input.corpus)
    samples = Path(p.samples)
    samples.mkdir(parents=True, exist_ok=True)
    # Sheets: prior samples, reconstructions, the faces themselves.
    z, faces = corpus.paired_corpus(16, latent, data["images"].shape[-1], p.seed + 1)

    def sample(step: int, average: Generator, encoder: Encoder) -> None:
        real = from_uint8(faces).to(this.device)
        with torch.inference_mode():
            pictures = torch.cat(
                [average(z.to(this.device)), average.synthesis(encoder(real)), real]
            )
            sheet(to_uint8(pictures).cpu(), 8).save(samples / f"{step:06d}.png")

    torch.manual_seed(p.seed)
    start, encoder = Generator(latent, channels), None
    if "smaller" in snakemake.input.keys():
        start.grow_from(network(snakemake.input.smaller))
        encoder = network(snakemake.input.encoder)
    networks = Networks(
        start.to(this.device),
        Discriminator(discriminator_channels),
        encoder or Encoder(latent, start.resolution),
    )

    def trained(
        networks: Networks, recipe: dict, done: int, fit_to: Fitted | None = None
    ) -> Networks:
        return train_generator(
            data["z"],
            data["images"],
            networks,
            lambda: network(snakemake.input.predictor),
            GeneratorRecipe(**recipe),
            p.seed,
            this.checkpoint.with_name(f"{this.checkpoint.name}.{done}"),
            lambda step, *averages: sample(done + step, *averages),
            fit_to,
        )

    networks = trained(networks, recipe, 0)
    perceptual = functools.partial(lpips_to, network(snakemake.input.perceptual).to(this.device))
    for k in range(rounds):
        # Anew in every round: inversion finds where the generator of that moment is soft.
        latents = invert(
            from_uint8(data["images"][:fitted]).to(this.device),
            networks.generator,
            perceptual,
            rng=seeded(p.seed, "fitted faces", k),
            **p.inversion,
            progress="invert",
            checkpoint=this.checkpoint,
        )[p.inversion["iterations"]]
        fit_to = Fitted(latents, perceptual, p.inversion["perceptual_weight"])
        done = recipe["steps"] + k * finish["steps"]
        networks = trained(networks, recipe | finish, done, fit_to)
    save_network(networks.generator, Path(snakemake.output.generator), half=True)
    save_network(networks.discriminator, Path(snakemake.output.discriminator), half=True)
    save_network(networks.encoder, Path(snakemake.output.encoder))
