import pandas as pd
from job import job, network
from parts import fresh_codec

from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, whole
from editable_deepsc.evaluation.studies import encoded, task_hits, with_intervals

with job(snakemake):
    w, inputs, p = snakemake.wildcards, snakemake.input, snakemake.params
    data, evaluator, parts = load_arrays(inputs.data)[0], network(inputs.evaluator), []
    for name, entry in p.options.items():
        learned, symbols = f"{name}_{p.snrs[0]}" in inputs.keys(), None
        for snr in p.snrs:
            link = fresh_codec(
                name,
                data["images"].shape[-1],
                entry,
                network(inputs[f"{name}_{snr}"]) if learned else None,
            )
            if (
                learned or symbols is None
            ):  # what is not learned sends the same at every SNR, and searching for a quality takes long
                symbols = encoded(link, data["images"], float(snr))
            hits = task_hits(
                link,
                symbols,
                data["images"],
                data["degrees"],
                evaluator,
                float(snr),
                seeded(p.seed, w.dataset, "importance", snr),
            )
            part = pd.DataFrame(
                {"codec": name, "snr_db": float(snr), "image": range(len(data["images"]))}
                | {key: value.numpy() for key, value in hits.items()}
            )
            print(
                (
                    f"{name} at {snr} dB: accuracy {part.accuracy.mean():.3f}, PSNR "
                    f"{part.psnr_db.mean():.2f} dB, outage {part.outage.mean():.1%}, "
                    f"{part.real_dims[0]:g} real dimensions"
                )
            )
            parts.append(part)
    table = with_intervals(pd.concat(parts), p.study["weighted"], p.study["unweighted"])
    if table.real_dims.nunique() > 1:
        sizes = ", ".join(
            f"{name} {dims:g}" for name, dims in table.groupby("codec").real_dims.first().items()
        )
        raise ValueError(
            (
                "config: studies.importance: the codecs send different numbers of real "
                f"dimensions ({sizes}); give them the same bandwidth"
            )
        )
    with whole(snakemake.output[0]) as path:
        table.to_csv(path, index=False, float_format="%.6g")
