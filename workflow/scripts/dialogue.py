from experiment.script import job

import pandas as pd
import torch

from editable_deepsc.channel.fading import Channel
from editable_deepsc.data.dialogues import sample_script
from editable_deepsc.data.faces import Faces, render
from editable_deepsc.data.instructions import Instruction
from editable_deepsc.data.pixels import from_uint8, to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.data.storage import load_arrays, save_arrays, whole
from editable_deepsc.evaluation.measure.dialogues import turn_outcomes
from editable_deepsc.evaluation.measure.distances import lpips_of_sets
from editable_deepsc.systems.build import build_system
from editable_deepsc.systems.dialogue import Dialogue
from editable_deepsc.systems.names import parse_system
from experiment.inputs import codec_of, edit_settings, judges, system_networks

REFUSED = "yes"  # leaves a face as it is, as the sweep does with a sentence that is not understood

with job(snakemake) as this:
    params, inputs = snakemake.params, snakemake.input
    dataset, name = snakemake.wildcards.dataset, snakemake.wildcards.system
    n, turns, snr_db = params.dialogue["faces"], params.dialogue["turns"], params.snr_db
    data, notes = load_arrays(inputs.data)
    entry, pictures = notes["entry"], data["images"][:n]
    columns = (data[key][:n].tolist() for key in ("attribute", "direction", "degree"))
    script = sample_script(
        Faces(data["factors"][:n], data["degrees"][:n]),
        [Instruction(*wish) for wish in zip(notes["sentences"], *columns)],
        turns,
        seeded(params.seed, dataset, "dialogue"),  # the same for every system
    )

    networks = system_networks(this, snr_db, params.repeats)
    codec = codec_of(this, parse_system(name).codec, entry["resolution"], params.codec)
    settings = edit_settings(params.inversion, params.matching)
    system = build_system(
        name, networks, codec, settings, snr_db=snr_db, seed=params.seed,
        repeats=params.repeats,
    )  # fmt: skip
    dialogue = Dialogue(
        system,
        from_uint8(pictures).to(this.device),
        Channel(**params.channel),
        seeded(params.seed, dataset, name, "dialogue", "channel"),
        # every transmitter that edits starts from the same inversion, which was made before
        load_arrays(inputs.latents)[0]["latents"][:n].to(this.device)
        if "latents" in inputs.keys()
        else None,
    )
    received, lost, uses, refused = [], [], [], 0
    for wishes in script.wishes:
        texts = [wish.text for wish in wishes]
        read = system.editor.text_encoder.read(texts)
        refused += sum(not found for found in read)
        turn = dialogue.say([text if found else REFUSED for text, found in zip(texts, read)])
        received.append(to_uint8(turn.images).cpu())
        lost.append(turn.outage)
        uses.append(turn.channel_uses + (uses[-1] if uses else 0))
    print(f"{refused} of {turns * n} sentences refused")

    judging = judges(this)

    @torch.inference_mode()
    def judged(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Degree logits [N, 5, 6] and unit embeddings [N, E]."""
        x = from_uint8(images).to(this.device)
        return judging.evaluator(x).cpu(), judging.recogniser(x).cpu()

    logits, people = judged(pictures)
    after = [judged(images) for images in received]
    identity = torch.stack([(found * people).sum(1) for _, found in after])
    outcomes = turn_outcomes(
        logits,
        torch.stack([found for found, _ in after]),
        identity >= judging.identity_threshold,
        script.attribute,
        script.expected,
    )
    truths = [
        to_uint8(render(faces, entry["resolution"], entry["style"])) for faces in script.faces
    ]
    outcomes |= {
        "identity": identity,
        "lpips_truth": torch.stack(
            [lpips_of_sets(judging.lpips, a, b) for a, b in zip(received, truths)]
        ),
        "outage": torch.stack(lost).float(),
    }
    rows = [
        {"dataset": dataset, "system": name, "snr_db": snr_db, "turn": t + 1, "image": i}
        | {"sentence": script.wishes[t][i].text, "channel_uses": uses[t]}
        | {key: float(values[t, i]) for key, values in outcomes.items()}
        for t in range(turns)
        for i in range(n)
    ]
    with whole(snakemake.output.images) as path:
        pd.DataFrame(rows).to_csv(path, index=False, float_format="%.6g")
    save_arrays(
        snakemake.output.pictures,
        {
            "images": torch.stack(received),
            "truths": torch.stack(truths),
            "outage": torch.stack(lost),
        },
    )
