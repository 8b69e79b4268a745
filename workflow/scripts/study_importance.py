from experiment.script import job

import pandas as pd

from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.evaluation.measure.codec_studies import encoded, task_hits, with_intervals
from experiment.inputs import codec_of

with job(snakemake) as this:
    params, inputs = snakemake.params, snakemake.input
    data, evaluator = load_arrays(inputs.data)[0], this.network("evaluator")
    images, degrees = data["images"], data["degrees"]
    parts = []
    for name, options in params.options.items():
        learned, symbols = f"{name}_{params.snrs[0]}" in inputs.keys(), None
        for snr in params.snrs:
            codec = codec_of(this, name, images.shape[-1], options, f"{name}_{snr}")
            # What is not learned sends the same at every SNR; to search for a quality takes long.
            if learned or symbols is None:
                symbols = encoded(codec, images.to(this.device), float(snr))
            rng = seeded(params.seed, snakemake.wildcards.dataset, "importance", snr)
            hits = task_hits(codec, symbols, images, degrees, evaluator, float(snr), rng)
            part = pd.DataFrame(
                {"codec": name, "snr_db": float(snr), "image": range(len(images))}
                | {key: value.numpy() for key, value in hits.items()}
            )
            print(
                f"{name} at {snr} dB: accuracy {part.accuracy.mean():.3f}, PSNR "
                f"{part.psnr_db.mean():.2f} dB, outage {part.outage.mean():.1%}, "
                f"{part.real_dims[0]:g} real dimensions"
            )
            parts.append(part)
    study = params.study
    table = with_intervals(pd.concat(parts), study["weighted"], study["unweighted"])
    if table.real_dims.nunique() > 1:
        dims = table.groupby("codec").real_dims.first()
        sizes = ", ".join(f"{name} {n:g}" for name, n in dims.items())
        raise ValueError(
            "config: studies.importance: the codecs send different numbers of real dimensions "
            f"({sizes}); give them the same bandwidth"
        )
    with whole(snakemake.output[0]) as path:
        table.to_csv(path, index=False, float_format="%.6g")
