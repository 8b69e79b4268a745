from experiment.script import job

import json
from collections import Counter
from pathlib import Path

from editable_deepsc.data.albums import FRAMING, choose_images
from editable_deepsc.data.reframing import frame_files
from editable_deepsc.data.storage import whole
from editable_deepsc.networks.mtcnn import face_finder

with job(snakemake):
    dataset, params = snakemake.wildcards.dataset, snakemake.params
    chosen = choose_images(dataset, params.entry, params.seed)
    names = sorted(name for images in chosen.values() for name in images)
    find = None if params.align == "none" else face_finder()
    asked = "align" in params.entry  # else pictures of the networks' own size stay as they are
    framed_at = None if asked else params.entry["resolution"]
    framed = frame_files(Path(params.entry["path"]), names, params.align, find, framed_at)
    for note, count in Counter(about.get("note") for about in framed.values()).items():
        if note:
            print(f"{count} of {len(names)} photographs: {note}")
    with whole(snakemake.output[0]) as path:
        path.write_text(json.dumps(chosen | {FRAMING: framed}, indent=1))
