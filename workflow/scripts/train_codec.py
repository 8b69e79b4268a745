import functools

from job import job, network

from editable_deepsc.codecs.learned import LEARNED
from editable_deepsc.data.faces import render, sample_faces, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays
from editable_deepsc.networks.weights import save_network
from editable_deepsc.training.codecs import train_codec
from editable_deepsc.training.importance import semantic_loss

with job(snakemake) as this:
    w, entry, recipe = snakemake.wildcards, snakemake.params.entry, snakemake.params.recipe
    kind = recipe.get("kind", w.codec)
    if kind not in LEARNED:
        raise ValueError(f"config: codecs.{w.codec}: {kind!r} is no learned codec; choose one of: {', '.join(LEARNED)}")
    matched = recipe["snr_range"] == "matched"
    snr_range = (float(w.snr), float(w.snr)) if matched else tuple(recipe["snr_range"])
    if entry["source"] == "embedded":
        faces = sample_faces(recipe["images"], seeded(snakemake.params.seed, w.dataset, w.codec))
        images = to_uint8(render(faces, entry["resolution"], entry["style"]))
    else:
        images = load_arrays(snakemake.input.data)[0]["images"]
    config = {"resolution": entry["resolution"], "width": recipe["width"], "symbols_per_position": recipe["symbols_per_position"]}
    weight = recipe.get("importance_weight", 0.0)
    semantic = functools.partial(semantic_loss, network(snakemake.input.predictor, this.device)) if weight else None
    model = train_codec(LEARNED[kind], images, config, snr_range, recipe["steps"], snakemake.params.seed, recipe["batch"], recipe["rate"],
                        w.codec, semantic, weight, this.checkpoint, this.device)
    save_network(model, config, snakemake.output[0])
