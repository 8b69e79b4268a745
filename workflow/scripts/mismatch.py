from experiment.script import job

import pandas as pd

from editable_deepsc.channel.noise import awgn
from editable_deepsc.codecs.learned import LearnedCodec
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.evaluation.measure.distances import psnr_db
from experiment.inputs import read_network

with job(snakemake) as this:
    dataset, codec, centre = (snakemake.wildcards[key] for key in ("dataset", "codec", "snr"))
    originals = load_arrays(snakemake.input.data)[0]["images"]
    images = from_uint8(originals).to(this.device)
    rows = []
    for offset, path in zip(snakemake.params.offsets, snakemake.input.models):
        link = LearnedCodec(read_network(path).to(this.device))
        for snr_db in (float(centre) + off for off in range(-12, 13, 3)):
            rng = seeded(snakemake.params.seed, dataset, "mismatch", snr_db)
            received = awgn(link.encode(images, snr_db), snr_db, rng)
            delivered = to_uint8(link.decode(received, snr_db).images).cpu()
            psnr = psnr_db(delivered, originals).mean()
            rows.append(
                {
                    "codec": codec,
                    "trained_db": float(centre) + offset,
                    "snr_db": snr_db,
                    "psnr_db": float(psnr),
                }
            )
    table = pd.DataFrame(rows)
    matched = table[table.trained_db == table.snr_db].set_index("snr_db").psnr_db
    # to the model that was trained for the SNR at hand; NaN where there is none
    table["loss_db"] = table.snr_db.map(matched) - table.psnr_db
    with whole(snakemake.output[0]) as path:
        table.to_csv(path, index=False, float_format="%.4f")
