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
from editable_deepsc.training.generator import Fitted, GeneratorRecipe, train_generator

with job(snakemake) as this:
    p = snakemake.params
    recipe = dict(p.recipe)
    finish = dict(recipe.pop("finish", {}))
    rounds, fitted = finish.pop("rounds", 0), finish.pop("fitted", 0)
    config = {"latent": recipe.pop("latent"), "channels": recipe.pop("channels")}
    disc_config = {"channels": recipe.pop("discriminator_channels")}
    data, _ = load_arrays(snakemake.input.corpus)
    samples = Path(p.samples)
    samples.mkdir(parents=True, exist_ok=True)
    # Sheets: prior samples, reconstructions, the faces themselves.
    z, faces = corpus.paired_corpus(16, config["latent"], data["images"].shape[-1], p.seed + 1)

    def sample(step: int, average: Generator, encoder: Encoder) -> None:
        real = from_uint8(faces).to(this.device)
        with torch.inference_mode():
            pictures = torch.cat(
                [average(z.to(this.device)), average.synthesis(encoder(real)), real]
            )
            sheet(to_uint8(pictures).cpu(), 8).save(samples / f"{step:06d}.png")

    torch.manual_seed(p.seed)
    start, encoder = Generator(**config), None
    if "smaller" in snakemake.input.keys():
        start.grow_from(network(snakemake.input.smaller))
        encoder = network(snakemake.input.encoder)
    encoder_config = {
        "latent": config["latent"],
        "resolution": encoder.resolution if encoder else start.resolution,
    }
    generator, discriminator = start.to(this.device), Discriminator(**disc_config)

    def trained(
        recipe: dict, done: int, fit_to: Fitted | None
    ) -> tuple[Generator, Discriminator, Encoder]:
        return train_generator(
            data["z"],
            data["images"],
            lambda: network(snakemake.input.predictor),
            generator,
            discriminator,
            GeneratorRecipe(**recipe),
            p.seed,
            this.checkpoint.with_name(f"{this.checkpoint.name}.{done}"),
            lambda step, *networks: sample(done + step, *networks),
            encoder,
            fit_to,
        )

    generator, discriminator, encoder = trained(recipe, 0, None)
    perceptual = functools.partial(lpips_to, network(snakemake.input.perceptual).to(this.device))
    for k in range(rounds):
        # Anew in every round: inversion finds where the generator of that moment is soft.
        latents = invert(
            from_uint8(data["images"][:fitted]).to(this.device),
            generator,
            perceptual,
            rng=seeded(p.seed, "fitted faces", k),
            **p.inversion,
            progress="invert",
            checkpoint=this.checkpoint,
        )[p.inversion["iterations"]]
        fit_to = Fitted(latents, perceptual, p.inversion["perceptual_weight"])
        generator, discriminator, encoder = trained(
            recipe | finish, recipe["steps"] + k * finish["steps"], fit_to
        )
    save_network(generator, config, Path(snakemake.output.generator), half=True)
    save_network(discriminator, disc_config, Path(snakemake.output.discriminator), half=True)
    save_network(encoder, encoder_config, Path(snakemake.output.encoder))
