import pandas as pd
import torch
from job import job, network
from parts import channel_draw, fresh_codec

from editable_deepsc.channel.fading import Channel
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays, whole
from editable_deepsc.editing.matching import synthesise
from editable_deepsc.evaluation.information import (
    Eyes,
    counted_factors,
    face_targets,
    infonce_bits,
    surviving_bits,
    train_reader,
)
from editable_deepsc.evaluation.metrics import bootstrap_interval
from editable_deepsc.systems.names import parse_system
from editable_deepsc.systems.separate import CodecReceiver, CodecTransmitter

with job(snakemake):
    w, p, inputs = snakemake.wildcards, snakemake.params, snakemake.input
    data, _ = load_arrays(inputs.data)
    targets, counted = (
        face_targets(data["factors"], data["degrees"]),
        counted_factors(data["attribute"]),
    )
    eyes = Eyes(*(network(inputs[role]) for role in ("fidelity", "evaluator", "recogniser")))
    generator = network(inputs.generator)
    reader = train_reader(
        eyes,
        p.information["faces"],
        p.entry["resolution"],
        p.entry["style"],
        p.information["ridge"],
        p.seed,
        w.dataset,
    )
    channel, rows, singles = Channel(**p.channel), [], []

    def measure(
        stage: str,
        system: str,
        snr: str | None,
        images: torch.Tensor,
        lost: torch.Tensor,
        check: bool = False,
    ) -> None:
        """Bits of a stage's images uint8 [S, N, 3, R, R]; ``lost`` bool [S, N]. ``check``: InfoNCE
        as well.
        """
        predicted = torch.stack([reader(eyes(part)) for part in images])
        keys = {
            "dataset": w.dataset,
            "system": system,
            "snr_db": "" if snr is None else snr,
            "stage": stage,
        }
        found = {"barber-agakov": (surviving_bits(predicted, targets, lost) * counted).sum(1)}
        if check:
            rng = seeded(
                p.seed, w.dataset, "information", "negatives"
            )  # the same candidates for all cells
            found["infonce"] = infonce_bits(
                predicted, targets, lost, counted, p.information["negatives"], rng
            )
        for method, bits in found.items():
            low, high = bootstrap_interval(bits.numpy())
            rows.append(
                keys | {"bits": float(bits.mean()), "low": low, "high": high, "method": method}
            )
            print(
                f"{system} {snr} {stage} {method}: {bits.mean():.2f} bits ({low:.2f} to {high:.2f})"
            )
        singles.extend(
            keys | {"image": i, "bits": b} for i, b in enumerate(found["barber-agakov"].tolist())
        )

    def once(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """A stage before the channel: one picture of every face, and no outage."""
        return images[None], torch.zeros(1, len(images), dtype=torch.bool)

    def decoded(system: str, snr: str) -> tuple[torch.Tensor, torch.Tensor]:
        """What a codec delivers before the receiver edits it: the cell's transmission once more,
        with its seeds.
        """
        name, weights = parse_system(system).codec, f"codec_{system}_{snr}"
        link = fresh_codec(
            name,
            p.entry["resolution"],
            p.codecs[name],
            network(inputs[weights]) if weights in inputs.keys() else None,
        )
        transmitter, receiver = CodecTransmitter(link), CodecReceiver(link)
        symbols = transmitter.send(from_uint8(data["images"]), float(snr))
        images, lost = [], []
        for seed in range(p.channel_seeds):
            noisy, seen_db = channel(
                symbols, float(snr), channel_draw(p.seed, w.dataset, system, snr, seed)
            )
            out = receiver.decode(noisy, seen_db)
            images.append(to_uint8(out.images))
            lost.append(out.outage)
        return torch.stack(images), torch.stack(lost)

    with torch.inference_mode():
        inverted = to_uint8(synthesise(generator, load_arrays(inputs.latents)[0]["latents"]))
    edited = {
        editor: load_arrays(inputs[editor])[0]["images"]
        for editor in ("jecc", "talk2edit")
        if editor in inputs.keys()
    }
    for system in p.systems:
        name = parse_system(system)
        measure("original", system, None, *once(data["images"]))
        if name.edits_at != "receiver":
            measure("inverted", system, None, *once(inverted))
            measure(
                "edited",
                system,
                None,
                *once(edited["jecc" if name.edits_at == "both" else "talk2edit"]),
            )
        for snr in p.snrs:
            received, _ = load_arrays(inputs[f"received_{system}_{snr}"])
            if name.edits_at == "receiver":
                images, lost = decoded(system, snr)
                if not torch.equal(lost, received["outage"]):
                    raise ValueError(
                        (
                            f"information: {system} at {snr} dB fails on other images than its "
                            "cell did; delete the cell and run again"
                        )
                    )
                measure("decoded", system, snr, images, lost)
            measure("received", system, snr, received["images"], received["outage"], check=True)
    for output, table in ((snakemake.output.summary, rows), (snakemake.output.images, singles)):
        with whole(output) as path:
            pd.DataFrame(table).to_csv(path, index=False, float_format="%.6g")
    save_arrays(
        snakemake.output.reader,
        {"mean": reader.mean, "scale": reader.scale, "weight": reader.weight},
        **p.information,
    )
