import pandas as pd
from job import job, network

from editable_deepsc.channel.noise import awgn
from editable_deepsc.codecs.learned import LearnedCodec
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.evaluation.distances import psnr_db

with job(snakemake):
    w = snakemake.wildcards
    originals = load_arrays(snakemake.input.data)[0]["images"]
    images = from_uint8(originals)
    trained, rows = [float(w.snr) + off for off in (-3, 0, 3)], []
    for trained_db, path in zip(trained, snakemake.input.models):
        codec = LearnedCodec(network(path))
        for snr_db in (float(w.snr) + off for off in range(-12, 13, 3)):
            received = awgn(
                codec.encode(images, snr_db),
                snr_db,
                seeded(snakemake.params.seed, w.dataset, "mismatch", snr_db),
            )
            psnr = psnr_db(to_uint8(codec.decode(received, snr_db).images), originals).mean()
            rows.append(
                {
                    "codec": w.codec,
                    "trained_db": trained_db,
                    "snr_db": snr_db,
                    "psnr_db": float(psnr),
                }
            )
    table = pd.DataFrame(rows)
    matched = table[table.trained_db == table.snr_db].set_index("snr_db").psnr_db
    table["loss_db"] = (
        table.snr_db.map(matched) - table.psnr_db
    )  # to the model trained for the SNR at hand; NaN where there is none
    with whole(snakemake.output[0]) as path:
        table.to_csv(path, index=False, float_format="%.4f")
