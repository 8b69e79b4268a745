from experiment.script import job

import time

import torch

from editable_deepsc.channel.fading import Channel
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays
from editable_deepsc.systems.build import build_receiver, build_transmitter
from editable_deepsc.systems.names import parse_system
from editable_deepsc.systems.separate import EditOnce
from editable_deepsc.systems.wire import channel_cost
from experiment.inputs import channel_rng, codec_of, system_networks, system_settings
from experiment.seconds import read_seconds, write_seconds

with job(snakemake) as this:
    cell, params, inputs = snakemake.wildcards, snakemake.params, snakemake.input
    name, snr_db = parse_system(cell.system), float(cell.snr)
    data, notes = load_arrays(inputs.data)
    originals = from_uint8(data["images"]).to(this.device)
    n, resolution = len(originals), originals.shape[-1]

    codec = codec_of(this, name.codec, resolution, params.codec)
    networks = system_networks(this, snr_db, params.repeats)
    settings = system_settings(params.inversion, params.matching, params.released)
    repeats = params.repeats
    transmitter = build_transmitter(cell.system, networks, codec, repeats=repeats)
    receiver = build_receiver(cell.system, networks, codec, settings, this.checkpoint, repeats)
    channel = Channel(**params.channel)

    # Edits at the transmitter do not depend on the channel: they were made once for all SNRs.
    prepared, before = originals, 0.0  # seconds per image up to the channel
    if name.edits_at != "receiver":
        edits = load_arrays(inputs.edits)[0]
        latents, images = edits["latents"], edits["images"]
        prepared = (latents if name.codec is None else from_uint8(images)).to(this.device)
        before = read_seconds(inputs.edit_seconds)["seconds_per_image"]
    start = time.perf_counter()
    symbols = transmitter.send(prepared, snr_db)
    before += (time.perf_counter() - start) / n

    once = EditOnce(receiver) if receiver.needs_sentences else None
    received, outages, seconds = [], [], []
    for draw in range(params.channel_seeds):
        start = time.perf_counter()
        rng = channel_rng(params.seed, params.draws_of, cell.system, cell.snr, draw)
        noisy, seen_db = channel(symbols, snr_db, rng)
        if once is None:
            decoded, new = receiver.receive(noisy, seen_db), True
        else:
            # other pictures, other numbers (and another checkpoint)
            keys = (params.seed, params.draws_of, cell.system, cell.snr, len(once), "receiver")
            at_receiver = receiver.decode(noisy, seen_db)
            decoded, new = once.edit(at_receiver, notes["sentences"], seeded(*keys))
        if new:
            seconds.append(before + (time.perf_counter() - start) / n)
        received.append(to_uint8(decoded.images).cpu())
        outages.append(decoded.outage.cpu())
        print(
            f"channel seed {draw}: outage {decoded.outage.float().mean():.1%}, "
            f"{seconds[-1]:.3f} s per image{'' if new else ' (the same pictures as before)'}"
        )
    save_arrays(
        snakemake.output.received,
        {"images": torch.stack(received), "outage": torch.stack(outages)},
        **channel_cost(symbols, transmitter.dims_per_use, resolution),
    )
    write_seconds(snakemake.output.seconds, sum(seconds) / len(seconds), this.facts)
