import pandas as pd
import torch

from editable_deepsc.channel.fading import Channel
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays, whole
from editable_deepsc.editing.inversion import InversionRecipe, invert
from editable_deepsc.networks.jecc import ChannelAdapters
from editable_deepsc.systems.build import (
    SystemNetworks,
    build_editor,
    build_receiver,
    build_transmitter,
)
from editable_deepsc.systems.names import EDITABLE
from editable_deepsc.systems.wire import channel_cost
from editable_deepsc.training.adapters import AdapterRecipe, finetune_adapters
from experiment.inputs import cell_evaluation, edit_settings, system_networks
from experiment.job import job

# the amount of fine-tuning that the paper adopts; its unit is lost, ours is a sixth of
# finetune.steps
ADOPTED = 6


with job(snakemake) as this:
    dataset, params, inputs = snakemake.wildcards.dataset, snakemake.params, snakemake.input
    seed, snr_db, grid_snr_db = params.seed, params.snr_db, params.grid_snr_db
    data, notes = load_arrays(inputs.data)
    originals, sentences = from_uint8(data["images"]).to(this.device), notes["sentences"]
    inverted = load_arrays(inputs.latents)[0]["latents"].to(this.device)
    edited = load_arrays(inputs.edits)[0]["latents"].to(this.device)
    networks = system_networks(this, snr_db)
    editor = build_editor(networks, edit_settings(params.inversion, params.matching))
    tuned = this.network("adapters")
    evaluate = cell_evaluation(this, params.evaluation, seed)
    rows, summary, pictures = [], [], {}

    def measure(
        kind: str, value: int, latents: torch.Tensor, adapters: ChannelAdapters, snr_db: float
    ) -> None:
        """Send edited latents [N, k] and judge what arrives.

        Every variant of a kind meets the same noise.
        """
        ends = SystemNetworks(generator=networks.generator, adapters={snr_db: adapters})
        symbols = build_transmitter(EDITABLE, ends).send(latents, snr_db)
        rng = seeded(seed, dataset, "ablation", kind, "channel")
        noisy, seen_db = Channel(**params.channel)(symbols, snr_db, rng)
        received = to_uint8(build_receiver(EDITABLE, ends).receive(noisy, seen_db).images).cpu()
        no_outage = torch.zeros(1, len(received), dtype=torch.bool)
        cost = channel_cost(symbols, 1, originals.shape[-1])
        (row,), singles = evaluate(received[None], no_outage, **cost)
        keys = {"dataset": dataset, "kind": kind, "value": value, "snr_db": snr_db}
        summary.append(keys | row)
        rows.extend(keys | single for single in singles)
        pictures[f"{kind}_{value}"] = received

    counts = params.ablations["iterations"]
    if counts:
        latents_at = invert(
            originals,
            networks.generator,
            networks.perceptual,
            InversionRecipe(**params.iterated | {"iterations": max(counts)}),
            seeded(seed, dataset, "ablation inversion"),
            keep=counts,
            progress="iterations",
        )
    for count in counts:
        matched = editor.match(latents_at[count], originals, sentences)
        measure("iterations", count, matched.latents, tuned, snr_db)

    measure("finetune", 0, edited, ChannelAdapters(edited.shape[1]).eval().to(this.device), snr_db)
    measure("finetune", 1, edited, tuned, snr_db)

    for amount in params.ablations["finetune"]:
        steps = max(1, round(params.finetune["steps"] * amount / ADOPTED))
        adapters = tuned
        if amount != ADOPTED:
            adapters = finetune_adapters(
                load_arrays(inputs.finetune_latents)[0]["latents"],
                load_arrays(inputs.finetune_data)[0]["images"],
                networks.generator,
                networks.perceptual,
                snr_db,
                AdapterRecipe(**params.finetune | {"steps": steps}),
                seed,
            )
        measure("amount", amount, edited, adapters, snr_db)

    at_grid = this.network("grid_adapters")
    once = editor.match(inverted, originals, sentences, iterative=False)
    measure("matching", 0, once.latents, at_grid, grid_snr_db)
    measure("matching", 1, edited, at_grid, grid_snr_db)

    for output, table in ((snakemake.output.images, rows), (snakemake.output.summary, summary)):
        with whole(output) as path:
            pd.DataFrame(table).to_csv(path, index=False, float_format="%.6g")
    save_arrays(snakemake.output.pictures, pictures, snr_db=snr_db, grid_snr_db=grid_snr_db)
