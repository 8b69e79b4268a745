from experiment.script import job

from pathlib import Path

import torch

from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays
from editable_deepsc.editing.inversion import InversionRecipe, invert
from editable_deepsc.evaluation.publish.grids import sheet
from editable_deepsc.networks.stylegan2 import Discriminator, Encoder, Generator
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training import corpus
from editable_deepsc.training.generator import Fitted, GeneratorRecipe, Networks, train_generator
from experiment.inputs import perceptual_distance, read_network

with job(snakemake) as this:
    params, inputs, outputs = snakemake.params, snakemake.input, snakemake.output
    recipe = dict(params.recipe)
    finish = dict(recipe.pop("finish", {}))
    rounds, fitted = finish.pop("rounds", 0), finish.pop("fitted", 0)
    latent, channels = recipe.pop("latent"), recipe.pop("channels")
    discriminator_channels = recipe.pop("discriminator_channels")
    inversion = InversionRecipe(**params.inversion)
    data, _ = load_arrays(inputs.corpus)
    samples = Path(params.samples)
    samples.mkdir(parents=True, exist_ok=True)
    z, faces = corpus.paired_corpus(16, latent, data["images"].shape[-1], params.seed + 1)

    def draw_sheet(step: int, average: Generator, encoder: Encoder) -> None:
        """Samples of the prior, reconstructions, the faces themselves."""
        real = from_uint8(faces).to(this.device)
        with torch.inference_mode():
            drawn = [average(z.to(this.device)), average.synthesis(encoder(real)), real]
        sheet(to_uint8(torch.cat(drawn)).cpu(), 8).save(samples / f"{step:06d}.png")

    torch.manual_seed(params.seed)
    start, encoder = Generator(latent, channels), None
    if "smaller" in inputs.keys():
        start.grow_from(read_network(inputs.smaller))
        encoder = read_network(inputs.encoder)
    networks = Networks(
        start.to(this.device),
        Discriminator(discriminator_channels),
        encoder or Encoder(latent, start.resolution),
    )

    def trained(
        networks: Networks, recipe: dict, done: int, fit_to: Fitted | None = None
    ) -> Networks:
        """After ``done`` steps, train on by ``recipe``."""
        return train_generator(
            data["z"],
            data["images"],
            networks,
            lambda: read_network(inputs.predictor),
            GeneratorRecipe(**recipe),
            params.seed,
            this.checkpoint.with_name(f"{this.checkpoint.name}.{done}"),
            lambda step, *averages: draw_sheet(done + step, *averages),
            fit_to,
        )

    networks = trained(networks, recipe, 0)
    perceptual = perceptual_distance(this)
    for k in range(rounds):
        # Anew in every round: inversion finds where the generator of that moment is soft.
        latents = invert(
            from_uint8(data["images"][:fitted]).to(this.device),
            networks.generator,
            perceptual,
            inversion,
            seeded(params.seed, "fitted faces", k),
            progress="invert",
            checkpoint=this.checkpoint,
        )[inversion.iterations]
        fit_to = Fitted(latents, perceptual, inversion.perceptual_weight)
        done = recipe["steps"] + k * finish["steps"]
        networks = trained(networks, recipe | finish, done, fit_to)
    save_network(networks.generator, Path(outputs.generator), half=True)
    save_network(networks.discriminator, Path(outputs.discriminator), half=True)
    save_network(networks.encoder, Path(outputs.encoder))
