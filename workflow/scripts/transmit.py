import time

import torch
from job import job, network
from parts import codec, editor

from editable_deepsc.channel.fading import Channel
from editable_deepsc.data.faces import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays
from editable_deepsc.systems.editable_deepsc import EditableReceiver, EditableTransmitter
from editable_deepsc.systems.names import parse_system
from editable_deepsc.systems.separate import CodecReceiver, CodecTransmitter
from editable_deepsc.systems.wire import channel_cost

with job(snakemake):
    w, p, inputs = snakemake.wildcards, snakemake.params, snakemake.input
    snr_db, name = float(w.snr), parse_system(w.system)
    data, notes = load_arrays(inputs.data)
    images = from_uint8(data["images"])
    edits, edit_notes = load_arrays(inputs.edits) if name.edits_at != "receiver" else (None, {"seconds_per_image": 0.0})

    if name.codec is None:
        generator, adapters = network(inputs.generator), network(inputs.adapters)
        transmitter, receiver = EditableTransmitter(None, adapters), EditableReceiver(generator, adapters)
        prepared = edits["latents"]
    else:
        link = codec(name.codec, images.shape[-1], p.codec, inputs)
        at_receiver = editor(inputs, p.inversion, p.matching) if name.edits_at == "receiver" else None
        transmitter, receiver = CodecTransmitter(link), CodecReceiver(link, at_receiver)
        prepared = images if edits is None else from_uint8(edits["images"])

    channel = Channel(**p.channel)
    received, outages, seconds = [], [], []
    for seed in range(p.channel_seeds):
        start = time.perf_counter()
        symbols = transmitter.send(prepared, snr_db)
        noisy, seen_db = channel(symbols, snr_db, seeded(p.seed, w.dataset, w.system, w.snr, seed, "channel"))
        sentences = notes["sentences"] if receiver.needs_sentences else None
        decoded = receiver.receive(noisy, seen_db, sentences, seeded(p.seed, w.dataset, w.system, w.snr, seed, "receiver"))
        seconds.append((time.perf_counter() - start) / len(images) + edit_notes["seconds_per_image"])
        received.append(to_uint8(decoded.images))
        outages.append(decoded.outage)
        print(f"channel seed {seed}: outage {decoded.outage.float().mean():.1%}, {seconds[-1]:.3f} s per image")
    save_arrays(
        snakemake.output[0],
        {"images": torch.stack(received), "outage": torch.stack(outages)},
        **channel_cost(symbols, transmitter.dims_per_use, images.shape[-1]),
        seconds_per_image=sum(seconds) / len(seconds),
    )
