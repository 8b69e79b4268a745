"""Send one picture through a trained Editable-DeepSC: `make send IMAGE=face.png TEXT="add a wide
smile" SNR=6`.

Uses what the workflow trained for the first data set of config.yaml, and writes received.png.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml
from parts import perceptual_distance

from editable_deepsc.channel.fading import Channel
from editable_deepsc.data.photographs import read_image
from editable_deepsc.data.pixels import to_uint8
from editable_deepsc.data.seeds import seeded
from editable_deepsc.editing.editor import Editor, EditSettings
from editable_deepsc.evaluation.figures import sheet
from editable_deepsc.networks.manifest import BUNDLED
from editable_deepsc.networks.weights import load_bundled, load_network
from editable_deepsc.systems.editable_deepsc import EditableReceiver, EditableTransmitter


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", type=Path)
    parser.add_argument("text")
    parser.add_argument(
        "--snr", type=float, default=6.0, help="dB; one that the workflow has fine-tuned for"
    )
    parser.add_argument("--output", type=Path, default=Path("received.png"))
    arguments = parser.parse_args()
    config = yaml.safe_load(Path("config.yaml").read_text())
    models = Path("results/models") / config["sweep"]["datasets"][0]

    generator, text_encoder = load_bundled("generator"), load_bundled("text_encoder")
    text_encoder.understand([arguments.text])
    image = read_image(arguments.image, generator.resolution)[None]
    adapters = load_network(models / f"adapters_{arguments.snr:g}dB.safetensors")
    editor = Editor(
        generator,
        load_bundled("predictor"),
        load_network(models / "jecc.safetensors"),
        text_encoder,
        perceptual_distance(BUNDLED / "perceptual.safetensors"),
        EditSettings(**config["inversion"], **config["matching"]),
    )
    transmitter, receiver = (
        EditableTransmitter(editor, adapters),
        EditableReceiver(generator, adapters),
    )
    prepared = transmitter.prepare(image, [arguments.text], seeded(config["seed"], "send"))
    channel = Channel(**config["channel"])
    received, seen_db = channel(
        transmitter.send(prepared, arguments.snr),
        arguments.snr,
        seeded(config["seed"], "send", "channel"),
    )
    edited = receiver.receive(received, seen_db, None, seeded(config["seed"], "receive")).images
    sheet(to_uint8(edited), 1).save(arguments.output)
    print(
        (
            f"{received.shape[1]} channel uses at {arguments.snr:g} dB; the edited face is "
            f"{arguments.output}"
        )
    )


if __name__ == "__main__":
    try:
        main()
    except ValueError as error:
        sys.exit(str(error))
