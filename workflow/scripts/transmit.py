import time

import provenance
import torch
from job import job, network
from parts import channel_draw, codec, editor

from editable_deepsc.channel.fading import Channel
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays
from editable_deepsc.systems.editable_deepsc import EditableReceiver, EditableTransmitter
from editable_deepsc.systems.names import parse_system
from editable_deepsc.systems.separate import CodecReceiver, CodecTransmitter
from editable_deepsc.systems.wire import channel_cost

with job(snakemake) as this:
    w, p, inputs = snakemake.wildcards, snakemake.params, snakemake.input
    snr_db, name = float(w.snr), parse_system(w.system)
    data, notes = load_arrays(inputs.data)
    images = from_uint8(data["images"]).to(this.device)
    edits, before = (
        None,
        0.0,
    )  # before: seconds per image up to the channel; the edit is done once for all SNRs
    if name.edits_at != "receiver":
        edits, before = (
            load_arrays(inputs.edits)[0],
            provenance.read(inputs.edits)["timing"]["seconds_per_image"],
        )

    if name.codec is None:
        generator, adapters = (
            network(inputs.generator, this.device),
            network(inputs.adapters, this.device),
        )
        transmitter, receiver = (
            EditableTransmitter(None, adapters),
            EditableReceiver(generator, adapters),
        )
        prepared = edits["latents"].to(this.device)
    else:
        link = codec(name.codec, images.shape[-1], p.codec, inputs, this.device)
        at_receiver = (
            editor(inputs, p.inversion, p.matching, this.device, this.checkpoint)
            if name.edits_at == "receiver"
            else None
        )
        transmitter, receiver = CodecTransmitter(link), CodecReceiver(link, at_receiver)
        prepared = images if edits is None else from_uint8(edits["images"]).to(this.device)

    channel = Channel(**p.channel)
    received, outages, seconds, edited = [], [], [], []
    sentences = notes["sentences"] if receiver.needs_sentences else None

    def receive(noisy, seen_db):
        """What the receiver delivers, and whether it had to work for it: a digital link without
        errors decodes the same pictures in every draw, and an editor that starts from the same
        numbers makes the same edits of them.
        """
        rng = seeded(
            p.seed, w.dataset, w.system, w.snr, len(edited), "receiver"
        )  # other pictures, other numbers (and another checkpoint)
        if sentences is None:
            return receiver.receive(noisy, seen_db, None, rng), True
        decoded = receiver.decode(noisy, seen_db)
        for before, after in edited:
            if torch.equal(before.images, decoded.images) and torch.equal(
                before.outage, decoded.outage
            ):
                return after, False
        edited.append((decoded, receiver.edit(decoded, sentences, rng)))
        return edited[-1][1], True

    start = time.perf_counter()
    symbols = transmitter.send(prepared, snr_db)
    before += (time.perf_counter() - start) / len(images)
    for seed in range(p.channel_seeds):
        start = time.perf_counter()
        noisy, seen_db = channel(
            symbols, snr_db, channel_draw(p.seed, w.dataset, w.system, w.snr, seed)
        )
        decoded, worked = receive(noisy, seen_db)
        seconds += [(time.perf_counter() - start) / len(images) + before] * worked
        received.append(to_uint8(decoded.images).cpu())
        outages.append(decoded.outage.cpu())
        print(
            (
                f"channel seed {seed}: outage {decoded.outage.float().mean():.1%}, "
                f"{seconds[-1]:.3f} s per "
                f"image{'' if worked else ' (the same pictures as before)'}"
            )
        )
    save_arrays(
        snakemake.output[0],
        {"images": torch.stack(received), "outage": torch.stack(outages)},
        **channel_cost(symbols, transmitter.dims_per_use, images.shape[-1]),
    )
    this.timing["seconds_per_image"] = sum(seconds) / len(seconds)
