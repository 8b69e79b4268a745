from experiment.script import job

import time

from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays
from editable_deepsc.editing.released.editor import ReleasedSettings
from editable_deepsc.systems.build import build_released_editor
from experiment.inputs import system_networks
from experiment.seconds import write_seconds

with job(snakemake) as this:
    dataset, params = snakemake.wildcards.dataset, snakemake.params
    data, notes = load_arrays(snakemake.input.data)
    originals = from_uint8(data["images"]).to(this.device)
    settings = ReleasedSettings.of(params.released)
    editor = build_released_editor(system_networks(this), settings, this.checkpoint)
    start = time.perf_counter()
    rng = seeded(params.seed, dataset, "talk2edit released")
    edited = editor.edited(originals, notes["sentences"], rng, progress="edit as released")
    seconds = (time.perf_counter() - start) / len(originals)
    print(f"{int((edited['expected'] < 0).sum())} of {len(originals)} instructions refused")
    print(
        f"expected degree reached on {edited['reached'].float().mean():.1%}, "
        f"{edited['steps'].float().mean():.1f} steps on average"
    )
    pictures = {key: to_uint8(edited[key]) for key in ("images", "inverted")}
    save_arrays(snakemake.output.edits, edited | pictures)
    write_seconds(snakemake.output.seconds, seconds, this.facts)
