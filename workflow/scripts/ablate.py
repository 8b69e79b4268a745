import pandas as pd
import torch
from job import job, network
from judging import judge
from parts import editor

from editable_deepsc.channel.fading import Channel
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays, whole
from editable_deepsc.editing.inversion import invert
from editable_deepsc.networks.jecc import ChannelAdapters
from editable_deepsc.systems.editable_deepsc import EditableReceiver, EditableTransmitter
from editable_deepsc.systems.wire import channel_cost
from editable_deepsc.training.adapters import AdapterRecipe, finetune_adapters

# the amount of fine-tuning that the paper adopts; its unit is lost, ours is a sixth of
# finetune.steps
ADOPTED = 6

with job(snakemake):
    w, p, inputs = snakemake.wildcards, snakemake.params, snakemake.input
    data, notes = load_arrays(inputs.data)
    originals = from_uint8(data["images"])
    this = editor(inputs, p.inversion, p.matching)
    evaluate = judge(inputs, p.evaluation, p.seed)
    tuned = network(inputs.adapters)
    edited = load_arrays(inputs.edits)[0]["latents"]
    rows, summary, pictures = [], [], {}

    def measure(
        kind: str,
        value: int,
        latents: torch.Tensor,
        adapters: ChannelAdapters,
        snr_db: float = p.snr_db,
    ) -> None:
        """Send edited latents and judge what arrives. Every variant of a kind meets the same
        noise.
        """
        symbols = EditableTransmitter(None, adapters).send(latents, snr_db)
        noisy, seen_db = Channel(**p.channel)(
            symbols, snr_db, seeded(p.seed, w.dataset, "ablation", kind, "channel")
        )
        received = to_uint8(
            EditableReceiver(this.generator, adapters)
            .receive(noisy, seen_db, None, seeded(p.seed))
            .images
        )
        outage = torch.zeros(1, len(received), dtype=torch.bool)
        (row,), singles = evaluate(
            received[None], outage, **channel_cost(symbols, 1, originals.shape[-1])
        )
        keys = {"dataset": w.dataset, "kind": kind, "value": value, "snr_db": snr_db}
        summary.append(keys | row)
        rows.extend(keys | single for single in singles)
        pictures[f"{kind}_{value}"] = received

    counts = p.ablations["iterations"]
    if counts:
        settings = dict(p.inversion) | {"iterations": max(counts)}
        at = invert(
            originals,
            this.generator,
            this.perceptual,
            rng=seeded(p.seed, w.dataset, "ablation inversion"),
            keep=counts,
            progress="iterations",
            **settings,
        )
    for count in counts:
        measure(
            "iterations", count, this.match(at[count], originals, notes["sentences"]).latents, tuned
        )

    measure("finetune", 0, edited, ChannelAdapters(edited.shape[1]).eval())
    measure("finetune", 1, edited, tuned)

    tune_data, tune_latents = (
        load_arrays(inputs.finetune_data)[0]["images"],
        load_arrays(inputs.finetune_latents)[0]["latents"],
    )
    for amount in p.ablations["finetune"]:
        recipe = dict(p.finetune) | {"steps": max(1, round(p.finetune["steps"] * amount / ADOPTED))}
        adapters = (
            tuned
            if amount == ADOPTED
            else finetune_adapters(
                tune_latents,
                tune_data,
                this.generator,
                this.perceptual,
                p.snr_db,
                AdapterRecipe(**recipe),
                p.seed,
            )
        )
        measure("amount", amount, edited, adapters)

    at_grid = network(inputs.grid_adapters)
    once = this.match(
        load_arrays(inputs.latents)[0]["latents"], originals, notes["sentences"], iterative=False
    )
    measure("matching", 0, once.latents, at_grid, p.grid_snr_db)
    measure("matching", 1, edited, at_grid, p.grid_snr_db)

    for output, table in ((snakemake.output.images, rows), (snakemake.output.summary, summary)):
        with whole(output) as path:
            pd.DataFrame(table).to_csv(path, index=False, float_format="%.6g")
    save_arrays(snakemake.output.pictures, pictures, snr_db=p.snr_db, grid_snr_db=p.grid_snr_db)
