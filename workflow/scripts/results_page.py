from experiment.script import job

import shutil
from pathlib import Path

import pandas as pd

from editable_deepsc.data.storage import whole
from editable_deepsc.evaluation.publish.results_page import (
    Figure,
    Run,
    put_between_markers,
    read_reasons,
    readme_block,
    results_page,
)
from experiment.provenance import jobs_behind

CURVES = (
    "Bands are 95 % intervals over faces; FID and KID have none. Open markers: some images could "
    "not be decoded. The grey strip holds values that outages put far above the rest."
)
GRIDS = (
    "Below a picture: its similarity to the original by the recogniser, and whether the evaluator "
    "sees the degree that was asked for; red where the edit is no success."
)
BANDWIDTH = (
    "quality against bandwidth, every system. Lines join systems that differ in nothing but their "
    "bandwidth, dashed where the receiver edits; of the digital chains the staircase is the best "
    "that any of them reaches with no more. Open markers: images were lost."
)
ABLATIONS = {
    "figure10": "edits with iterative attribute matching, and with whole steps",
    "figure11": "received faces with and without SNR-aware fine-tuning, at the lowest SNR",
}
DIALOGUE = {
    "dialogue": "dialogues of four turns, each of which edits what the one before left",
    "dialogue-sheet": "one dialogue, picture by picture: the face whose true pictures change most",
}

with job(snakemake):
    inputs, p = snakemake.input, snakemake.params
    figures = {
        name: [
            Figure.of(p.curves[name], f"quality against SNR on `{name}`. {CURVES}"),
            Figure.of(
                p.grids[name], f"what every system delivers at {p.snr} dB on `{name}`. {GRIDS}"
            ),
        ]
        for name in p.datasets
    }
    figures["ablations"] = [Figure.of(name, text) for name, text in ABLATIONS.items()]
    figures["bandwidth"] = [Figure.of("equal_bandwidth", BANDWIDTH)]
    figures["dialogue"] = [Figure.of(name, text) for name, text in DIALOGUE.items()]
    figures["information"] = [Figure.of("information", "information about the original, in bits")]
    run = Run(
        metrics=pd.read_csv(inputs.metrics),
        claims=pd.read_csv(inputs.claims, dtype={"number": str}),
        claims_table=Path(inputs.claims_table).read_text(),
        datasets=p.datasets,
        tables=[Path(path).read_text() for path in inputs.tables],
        figures=figures,
        quality={name: pd.read_csv(path) for name, path in zip(p.datasets, inputs.quality)},
        dialogue="".join(Path(path).read_text() for path in inputs.dialogue),
        jobs=jobs_behind(snakemake.input),
        information=pd.concat(
            [pd.DataFrame(), *(pd.read_csv(path) for path in inputs.information)]
        ),
        bandwidth=pd.read_csv(inputs.bandwidth, dtype=str),
        overlays=p.overlays,
        bandwidth_tables=[Path(path).read_text() for path in inputs.bandwidth_tables],
    )
    for source, copy in zip(inputs.figures, snakemake.output.figures):
        with whole(copy) as path:
            shutil.copyfile(source, path)
    with whole(snakemake.output.page) as path:
        path.write_text(results_page(run, read_reasons(Path(inputs.reasons).read_text())))
    # The README is a page of its own, with one table of the run in it: no output, but written too.
    readme = put_between_markers(Path(inputs.readme).read_text(), readme_block(run))
    with whole(inputs.readme) as path:
        path.write_text(readme)
