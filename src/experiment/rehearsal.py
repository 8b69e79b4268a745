"""What workflow/configs/paper-rehearsal.yaml runs on in place of the paper's files: networks in the
published formats with random weights, and eight photographs that scientific packages ship.

Nothing is learned from such a run but that it runs, and what it costs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from editable_deepsc.data.seeds import seeded
from editable_deepsc.networks.published.language import HEADS, NULL, UNKNOWN, LanguageEncoder
from editable_deepsc.networks.published.stylegan2 import Discriminator, Generator
from editable_deepsc.networks.published.talk_to_edit import (
    AttributePredictor,
    FaceRecogniser,
    Field,
)

from .config import FIELD_FILES

SIDE = 1024  # of the photographs, enlarged: no data set of high resolution takes smaller ones
FACES = 6  # of Labeled Faces in the Wild, of 25 pixels
FIELD_SCALE = 0.05  # of the last layer: steps that leave a face in the picture
WORDS = "make add remove the a bangs eyeglasses glasses beard smile face younger older longer more "
WORDS += "less much slightly short long no full big let's his her should be in thirties"


def weights(path: Path, build: Callable[[], nn.Module], wrap: str | None, seed: int) -> None:
    """Random weights of a published network at ``path``, under the entry ``wrap`` if there is one.

    The values are PyTorch's own at construction; the running statistics of norms are perturbed.
    """
    torch.manual_seed(seed)
    state = {key: value.clone() for key, value in build().state_dict().items()}
    for key, value in state.items():
        if key.endswith("running_var"):
            value.mul_(0.75 + 0.5 * torch.rand_like(value))
        elif key.endswith("running_mean"):
            value.add_(0.05 * torch.randn_like(value))
    save(path, {wrap: state} if wrap else state)


def save(path: Path, content: dict[str, Any]) -> None:
    """``torch.save`` to a folder that need not be there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, path)


def make_networks(folder: Path) -> None:
    """The files of Talk-to-Edit's release, and the judges' trunks, below ``folder``."""
    talk, seed = folder / "talk-to-edit", iter(range(1, 100))
    torch.manual_seed(0)
    small = {"g_ema": Generator(128, 1).state_dict(), "d": Discriminator(128, 1).state_dict()}
    save(talk / "stylegan2_128.pt", small)
    weights(talk / "stylegan2_1024.pth", lambda: Generator(1024, 2), None, next(seed))
    discriminator = talk / "StyleGAN2_FFHQ1024_discriminator.pth"
    weights(discriminator, lambda: Discriminator(1024, 2), None, next(seed))
    for name in ("predictor_128", "predictor_1024", "eval_predictor"):
        weights(talk / f"{name}.pth.tar", AttributePredictor, "state_dict", next(seed))
    for resolution in (128, 1024):
        for name in FIELD_FILES:
            weights(talk / f"{resolution}_field/{name}", small_field, None, next(seed))
    torch.manual_seed(next(seed))
    recogniser = {f"module.{k}": v for k, v in FaceRecogniser().state_dict().items()}
    save(talk / "arcface_resnet18_110.pth", recogniser)
    tokens = {word: i for i, word in enumerate([NULL, "<START>", "<END>", UNKNOWN, *WORDS.split()])}
    (talk / "vocab.json").write_text(json.dumps({"text_token_to_idx": tokens}))
    encoder = talk / "language_encoder.pth.tar"
    weights(encoder, lambda: talkative(LanguageEncoder(tokens)), "state_dict", next(seed))
    make_judges(folder / "imagenet")


def small_field() -> Field:
    """A field whose steps leave a face in the picture."""
    field = Field()
    with torch.no_grad():
        for p in field.field[-1].parameters():
            p.mul_(FIELD_SCALE)
    return field


def talkative(encoder: LanguageEncoder) -> LanguageEncoder:
    """One that never hears the end of a dialogue in a sentence: such a face is not edited."""
    end = encoder.get_submodule("request_mode")[1]
    with torch.no_grad():
        end.bias[HEADS["request_mode"] - 1] = -100.0
    return encoder


def make_judges(folder: Path) -> None:
    """Trunks of LPIPS, and Inception's features for FID and KID."""
    from torchvision.models import alexnet, vgg16

    from editable_deepsc.networks.published.judges import EmptyInception

    weights(folder / "alexnet-owt-7be5be79.pth", lambda: Trunk(alexnet), None, 50)
    weights(folder / "vgg16-397923af.pth", lambda: Trunk(vgg16), None, 51)
    inception = folder / "weights-inception-2015-12-05-6726825d.pth"
    weights(inception, EmptyInception, None, 52)


class Trunk(nn.Module):
    """The convolutions of a network of torchvision, under their published names."""

    def __init__(self, network: Callable[..., Any]):
        super().__init__()
        self.features = network(weights=None).features


def photographs() -> Iterator[Image.Image]:
    """Eight faces: the astronaut and six of Labeled Faces in the Wild of scikit-image, Grace Hopper
    of matplotlib.
    """
    import matplotlib
    import skimage

    data = Path(skimage.__file__).parent / "data"
    yield Image.open(data / "astronaut.png").convert("RGB").crop((120, 0, 330, 210))
    hopper = Path(matplotlib.get_data_path()) / "sample_data/grace_hopper.jpg"
    yield Image.open(hopper).convert("RGB").crop((100, 20, 420, 340))
    for face in np.load(data / "lfw_subset.npy")[:FACES]:
        yield Image.fromarray((255 * face).round().astype(np.uint8)).convert("RGB")


def make_pictures(folder: Path) -> list[str]:
    """The photographs as PNG files of 1024 pixels in ``folder``; their names."""
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for i, picture in enumerate(photographs()):
        names.append(f"{i:06}.png")
        large = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        large.save(folder / names[-1], compress_level=1)
    return names


def make_annotations(folder: Path, names: Iterable[str]) -> None:
    """CelebA's partition and CelebA-Dialog's labels and requests of these pictures."""
    rng = seeded("rehearsal")
    names = list(names)
    parts = [f"{name} {2 if i < len(names) // 2 else 0}\n" for i, name in enumerate(names)]
    (folder / "partition.txt").write_text("".join(parts))
    rows, requests = ["image Bangs Eyeglasses No_Beard Smiling Young\n"], {}
    attributes = ("Bangs", "Eyeglasses", "No_Beard", "Smiling", "Young")
    for i, name in enumerate(names):
        labels: Tensor = torch.randint(1, 5, (5,), generator=rng)
        rows.append(f"{name} {' '.join(map(str, labels.tolist()))}\n")
        attribute = attributes[i % 5]
        requests[name] = {
            "text": "Make the face younger." if attribute == "Young" else "Make the smile big.",
            "attribute": attribute,
            "score_change_direction": "positive",
            "score_change_value": 1 + i % 2,
        }
    (folder / "labels.txt").write_text("".join(rows))
    (folder / "requests.json").write_text(json.dumps(requests))
    (folder / "sentences.json").write_text(json.dumps({n: r["text"] for n, r in requests.items()}))
    people = (f"{name} {i}\n" for i, name in enumerate(names))
    (folder / "identities.txt").write_text("".join(people))


def make_rehearsal(folder: Path) -> None:
    """Everything that workflow/configs/paper-rehearsal.yaml names, below ``folder``."""
    make_networks(folder)
    names = make_pictures(folder / "faces")
    make_annotations(folder, names)
