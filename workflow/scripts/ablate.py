from experiment.script import job

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
from experiment.config import snr_text
from experiment.inputs import cell_evaluation, channel_rng, edit_settings, system_networks

SHOWN = ("finetune", "matching")  # Figures 11 and 10

with job(snakemake) as this:
    dataset, params, inputs = snakemake.wildcards.dataset, snakemake.params, snakemake.input
    seed, snr_db, grid_snr_db = params.seed, params.snr_db, params.grid_snr_db
    high_snr_db = params.high_snr_db
    data, notes = load_arrays(inputs.data)
    originals, sentences = from_uint8(data["images"]).to(this.device), notes["sentences"]
    inverted = load_arrays(inputs.latents)[0]["latents"].to(this.device)
    edited = load_arrays(inputs.edits)[0]["latents"].to(this.device)
    networks = system_networks(this, snr_db)
    editor = build_editor(networks, edit_settings(params.inversion, params.matching))
    tuned, at_grid = this.network("adapters"), this.network("grid_adapters")
    evaluate = cell_evaluation(this, params.evaluation, seed)
    rows, summary, pictures = [], [], {}

    def measure(
        kind: str, value: int, latents: torch.Tensor, adapters: ChannelAdapters, snr_db: float
    ) -> None:
        """Send edited latents [N, k] and judge what arrives.

        At one SNR all meet the same noise, that of the first draw of the cell in the sweep, so that
        equal settings have equal values in all tables.
        """
        ends = SystemNetworks(generator=networks.generator, adapters={snr_db: adapters})
        symbols = build_transmitter(EDITABLE, ends).send(latents, snr_db)
        rng = channel_rng(seed, dataset, EDITABLE, snr_text(snr_db), 0)
        noisy, seen_db = Channel(**params.channel)(symbols, snr_db, rng)
        received = to_uint8(build_receiver(EDITABLE, ends).receive(noisy, seen_db).images).cpu()
        no_outage = torch.zeros(1, len(received), dtype=torch.bool)
        cost = channel_cost(symbols, 1, originals.shape[-1])
        (row,), singles = evaluate(received[None], no_outage, **cost)
        keys = {"dataset": dataset, "kind": kind, "value": value, "snr_db": snr_db}
        summary.append(keys | row)
        rows.extend(keys | single for single in singles)
        if kind in SHOWN:
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
        for at, pair in {snr_db: tuned, high_snr_db: this.network("high_adapters")}.items():
            measure("iterations", count, matched.latents, pair, at)

    measure("finetune", 0, edited, ChannelAdapters(edited.shape[1]).eval().to(this.device), snr_db)
    measure("finetune", 1, edited, tuned, snr_db)

    for amount in params.ablations["finetune"]:  # of the adopted number of steps
        steps = round(amount * params.finetune["steps"])
        adapters = tuned
        if steps != params.finetune["steps"]:
            adapters = finetune_adapters(
                load_arrays(inputs.finetune_latents)[0]["latents"],
                load_arrays(inputs.finetune_data)[0]["images"],
                networks.generator,
                networks.perceptual,
                snr_db,
                AdapterRecipe(**params.finetune | {"steps": steps}),
                seed,
            )
        measure("amount", steps, edited, adapters, snr_db)

    once = editor.match(inverted, originals, sentences, iterative=False)
    measure("matching", 0, once.latents, at_grid, grid_snr_db)
    measure("matching", 1, edited, at_grid, grid_snr_db)

    for output, table in ((snakemake.output.images, rows), (snakemake.output.summary, summary)):
        with whole(output) as path:
            pd.DataFrame(table).to_csv(path, index=False, float_format="%.6g")
    save_arrays(snakemake.output.pictures, pictures, snr_db=snr_db, grid_snr_db=grid_snr_db)
