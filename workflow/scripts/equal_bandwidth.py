from experiment.script import job

from pathlib import Path

import pandas as pd

from editable_deepsc.evaluation.publish.equal_bandwidth import (
    bandwidth_figure,
    bandwidth_points,
    bandwidth_rows,
)
from editable_deepsc.evaluation.publish.style import save_figure
from editable_deepsc.evaluation.publish.tables import write_table

with job(snakemake):
    inputs, params = snakemake.input, snakemake.params
    images = pd.concat([pd.read_csv(path) for path in inputs.images])
    cells = pd.concat([pd.read_csv(path) for path in inputs.cells])
    bits = pd.DataFrame()
    if inputs.bits:
        swept, beside = (pd.read_csv(path) for path in inputs.bits)
        bits = pd.concat([swept[swept.stage == "received"], beside])
    points = bandwidth_points(images, bits, cells)
    caption = (
        f"Every system at its bandwidth, {params.dataset}: quality at each SNR, by CBR. "
        f"{points.image.nunique()} test faces. The last column is the difference, face by face, of "
        "LPIPS to the true edit from that of Editable-DeepSC (positive: worse); its intervals of "
        "95 % are for one comparison each."
    )
    write_table(
        bandwidth_rows(points),
        Path(snakemake.output.csv).with_suffix(""),
        caption,
        {
            "LPIPS to the true edit": "lower",
            "LPIPS to the original": "lower",
            "Edit success": "higher",
            "Bits about the original": "higher",
        },
        within="SNR (dB)",
    )
    figure = bandwidth_figure(points, params.families, params.snrs)
    save_figure(figure, Path(snakemake.output.png).with_suffix(""))
