from experiment.script import job

from collections.abc import Iterator

import pandas as pd
import torch
from torch import Tensor

from editable_deepsc.channel.fading import Channel
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays, whole
from editable_deepsc.editing.matching import synthesise
from editable_deepsc.evaluation.measure.information import (
    Eyes,
    counted_factors,
    face_targets,
    infonce_bits,
    surviving_bits,
    train_reader,
)
from editable_deepsc.evaluation.measure.statistics import bootstrap_interval
from editable_deepsc.systems.build import build_receiver, build_transmitter
from editable_deepsc.systems.names import EDITOR, parse_system
from experiment.inputs import channel_rng, codec_of

with job(snakemake) as this:
    dataset, params, inputs = snakemake.wildcards.dataset, snakemake.params, snakemake.input
    data, _ = load_arrays(inputs.data)
    targets = face_targets(data["factors"], data["degrees"])
    counted = counted_factors(data["attribute"])
    eyes = Eyes(*(this.network(role) for role in ("fidelity", "evaluator", "recogniser")))
    reader = train_reader(
        eyes,
        params.information["faces"],
        params.entry["resolution"],
        params.entry["style"],
        params.information["ridge"],
        params.seed,
        dataset,
    )
    channel, rows, singles = Channel(**params.channel), [], []

    def measure(stage: str, system: str, snr: str | None, images: Tensor, lost: Tensor) -> None:
        """Bits of the images of a stage, uint8 [S, N, 3, R, R]; ``lost`` bool [S, N].

        Of received images also the second estimate, InfoNCE.
        """
        predicted = torch.stack([reader(eyes(draw)) for draw in images])
        found = {"barber-agakov": (surviving_bits(predicted, targets, lost) * counted).sum(1)}
        if stage == "received":  # the same candidates for all cells
            rng = seeded(params.seed, dataset, "information", "negatives")
            negatives = params.information["negatives"]
            found["infonce"] = infonce_bits(predicted, targets, lost, counted, negatives, rng)
        keys = {"dataset": dataset, "system": system, "snr_db": snr or "", "stage": stage}
        for method, bits in found.items():
            low, high = bootstrap_interval(bits.numpy())
            mean = float(bits.mean())
            rows.append(keys | {"bits": mean, "low": low, "high": high, "method": method})
            print(f"{system} {snr} {stage} {method}: {mean:.2f} bits ({low:.2f} to {high:.2f})")
        for image, bits in enumerate(found["barber-agakov"].tolist()):
            singles.append(keys | {"image": image, "bits": bits})

    def once(images: Tensor) -> tuple[Tensor, Tensor]:
        """A stage before the channel: one picture of every face, and no outage."""
        return images[None], torch.zeros(1, len(images), dtype=torch.bool)

    def decoded(system: str, snr: str) -> tuple[Tensor, Tensor]:
        """What a codec delivers before the receiver edits it.

        The transmission of the cell once more, with its seeds.
        """
        name, weights = parse_system(system).codec, f"codec_{system}_{snr}"
        codec = codec_of(this, name, params.entry["resolution"], params.codecs[name], weights)
        symbols = build_transmitter(system, codec=codec).send(
            from_uint8(data["images"]).to(this.device), float(snr)
        )
        # the receiver that has the same codec and does not edit
        receiver = build_receiver(f"{EDITOR}+{name}", codec=codec)
        images, lost = [], []
        for draw in range(params.channel_seeds):
            rng = channel_rng(params.seed, dataset, system, snr, draw)
            arrived = receiver.receive(*channel(symbols, float(snr), rng))
            images.append(to_uint8(arrived.images).cpu())
            lost.append(arrived.outage.cpu())
        return torch.stack(images), torch.stack(lost)

    def stages(system: str) -> Iterator[tuple[str, str | None, Tensor, Tensor]]:
        """Stage, SNR, images and outages, in the order of the chain."""
        edits_at = parse_system(system).edits_at
        yield "original", None, *once(data["images"])
        if edits_at != "receiver":
            edits, _ = load_arrays(inputs[f"edits_{system}"])
            # Talk-to-Edit as released has inverted by itself
            yield "inverted", None, *once(edits.get("inverted", inverted))
            yield "edited", None, *once(edits["images"])
        for snr in params.snrs:
            received, _ = load_arrays(inputs[f"received_{system}_{snr}"])
            if edits_at == "receiver":
                images, lost = decoded(system, snr)
                if not torch.equal(lost, received["outage"]):
                    raise ValueError(
                        f"information: {system} at {snr} dB fails on other images than its cell "
                        "did; delete the cell and run again"
                    )
                yield "decoded", snr, images, lost
            yield "received", snr, received["images"], received["outage"]

    with torch.inference_mode():
        latents = load_arrays(inputs.latents)[0]["latents"].to(this.device)
        inverted = to_uint8(synthesise(this.network("generator"), latents)).cpu()
    for system in params.systems:
        for stage, snr, images, lost in stages(system):
            measure(stage, system, snr, images, lost)
    for output, table in ((snakemake.output.summary, rows), (snakemake.output.images, singles)):
        with whole(output) as path:
            pd.DataFrame(table).to_csv(path, index=False, float_format="%.6g")
    arrays = {"mean": reader.mean, "scale": reader.scale, "weight": reader.weight}
    save_arrays(snakemake.output.reader, arrays, **params.information)
