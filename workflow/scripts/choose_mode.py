from experiment.script import job

import json

from editable_deepsc.channel.fading import Channel
from editable_deepsc.codecs.adaptive import with_mode
from editable_deepsc.codecs.build import build_codec
from editable_deepsc.data.storage import whole
from editable_deepsc.training.modulation import best_mode, try_modes
from experiment.inputs import perceptual_distance, training_images

with job(snakemake) as this:
    cell, params = snakemake.wildcards, snakemake.params
    options, snr_db = params.codec, float(cell.snr)
    faces, modes = options["adaptive"]["faces"], options["adaptive"]["modes"]
    images = training_images(this, params.entry, faces, params.seed, cell.dataset, "modes")
    images = images[:faces]
    codecs = [build_codec(cell.codec, images.shape[-1], with_mode(options, m)) for m in modes]
    found = try_modes(
        codecs,
        images,
        Channel(**params.channel),
        snr_db,
        perceptual_distance(this),
        *(params.seed, cell.dataset, cell.codec, cell.snr),
    )
    rows = [mode | {"bits": c.link.payload_bits} for mode, c in zip(modes, codecs, strict=True)]
    rows = [row | figures for row, figures in zip(rows, found, strict=True)]
    chosen = best_mode(found)
    for row in rows:
        print(row)
    with whole(snakemake.output[0]) as path:
        told = {"snr_db": snr_db, "faces": len(images), "mode": modes[chosen], "modes": rows}
        path.write_text(json.dumps(told, indent=1) + "\n")
