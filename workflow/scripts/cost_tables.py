from experiment.script import job

import json
from pathlib import Path

from editable_deepsc.evaluation.publish.tables import parameter_table, time_table, write_table

with job(snakemake):
    timings = [json.loads(Path(path).read_text()) for path in snakemake.input.timings]
    first = timings[0]
    caption = (
        "Table VI: seconds per image from the image to the edited image, one at a time and in "
        f"batches of {first['batch']}, on {first['device']} with {first['threads']} threads, warm; "
        f"the peak of memory is that {first['memory']}."
    )
    parts = {t["iterations_timed_in_batch"]: t["iterations"] for t in timings}
    for part, iterations in parts.items():
        if part < iterations:
            caption += (
                f" Talk-to-Edit as released fits a generator to every image: in a batch {part} of "
                f"its {iterations} iterations were timed, and the time of all is told."
            )
    table = time_table(timings)
    better = {column: "lower" for column in table.columns[1:]}
    write_table(table, Path(snakemake.output.table6_csv).with_suffix(""), caption, better)
    parameters = json.loads(Path(snakemake.input.parameters).read_text())
    write_table(
        parameter_table(parameters),
        Path(snakemake.output.table7_csv).with_suffix(""),
        "Table VII: parameters of Editable-DeepSC; fine-tuning for an SNR moves the adapters only.",
    )
