"""MTCNN (Zhang et al. 2016): faces in photographs, with a box and five points each.

    picture, at many sizes -> P-Net: every place of 12 x 12 pixels, face or not, and its box
      -> crops of 24 x 24 -> R-Net: fewer, better boxes
      -> crops of 48 x 48 -> O-Net: boxes, and left eye, right eye, nose, corners of the mouth

The weights come with the package ``mtcnn`` (``pip install "editable-deepsc[align]"``). They are
those that the release of Talk-to-Edit crops its photographs with (facenet-pytorch has the same
numbers), and so are the thresholds, the sizes and the order of steps here. Nothing else of
``mtcnn`` is used: its own networks run on TensorFlow.
"""

from __future__ import annotations

import functools
import importlib.util
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from ..data.framing import FindFaces, FoundFace
from .manifest import sha256
from .weight_files import WeightsError

SHA256 = {
    "pnet": "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5",
    "rnet": "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee",
    "onet": "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3",
}  # of the files of mtcnn 1.0.0

LEAST_FACE = 20  # pixels of the smallest face that is looked for
CELL, STRIDE = 12, 2  # pixels that P-Net sees at once, and from one place to the next
PYRAMID = 0.709  # from one size of the picture to the next smaller one
THRESHOLDS = (0.6, 0.7, 0.7)  # of P-Net, R-Net and O-Net
LONGEST = 640  # pixels: larger pictures are shrunk before anything is looked for
BATCH = 16  # pictures at once
CROPS = 512  # crops at once


class _Stage(nn.Module):
    """Convolutions with PReLU, some with a pool of maxima, then a dense layer, then its heads.

    ``convolutions``: (channels, kernel, pool or 0). ``dense``: inputs and outputs; without it the
    heads are convolutions of 1 x 1. ``heads``: channels of each.
    """

    def __init__(
        self,
        convolutions: Sequence[tuple[int, int, int]],
        dense: tuple[int, int] | None,
        heads: Sequence[int],
    ):
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for width, kernel, pool in convolutions:
            layers += [nn.Conv2d(channels, width, kernel), nn.PReLU(width)]
            layers += [nn.MaxPool2d(pool, 2, ceil_mode=True)] if pool else []
            channels = width
        self.convolutions = nn.Sequential(*layers)
        self.dense: nn.Module | None = None
        if dense is None:
            self.heads = nn.ModuleList(nn.Conv2d(channels, n, 1) for n in heads)
        else:
            self.dense = nn.Sequential(nn.Linear(*dense), nn.PReLU(dense[1]))
            self.heads = nn.ModuleList(nn.Linear(dense[1], n) for n in heads)

    def forward(self, x: Tensor) -> list[Tensor]:
        """[N, 3, H, W] in [-1, 1] -> what each head says; the last one as probabilities."""
        x = self.convolutions(x)
        if self.dense is not None:
            x = self.dense(x.permute(0, 3, 2, 1).flatten(1))  # the order of the weights' layout
        *others, face = (head(x) for head in self.heads)
        return [*others, face.softmax(1)]

    def read(self, arrays: Iterable[np.ndarray]) -> None:
        """Take the parameters in the order and layout in which the package stores them."""
        waiting = iter(arrays)
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear, nn.PReLU)):
                for parameter in layer.parameters():
                    array = torch.from_numpy(np.array(next(waiting)))
                    if isinstance(layer, nn.PReLU):
                        array = array.flatten()
                    elif array.ndim > 1:  # inputs before outputs; height and width before both
                        array = array.movedim((-1, -2), (0, 1))
                    if array.shape != parameter.shape:
                        raise WeightsError("weights: mtcnn's file holds another network")
                    parameter.data.copy_(array)


class MTCNN(nn.Module):
    """The three networks, and the way from pictures to faces."""

    def __init__(self) -> None:
        super().__init__()
        self.pnet = _Stage([(10, 3, 2), (16, 3, 0), (32, 3, 0)], None, (4, 2))
        self.rnet = _Stage([(28, 3, 3), (48, 3, 3), (64, 2, 0)], (576, 128), (4, 2))
        self.onet = _Stage(
            [(32, 3, 3), (64, 3, 3), (64, 3, 2), (128, 2, 0)], (1152, 256), (4, 10, 2)
        )

    @torch.inference_mode()
    def forward(self, images: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Images [N, 3, H, W] in 0..255 -> of each its F faces: boxes [F, 4] (left, top, right,
        bottom), scores [F] and points [F, 5, 2] as (x, y), in pixels.
        """
        boxes, image = self._proposed(images)
        boxes, image = self._refined(images, boxes, image)
        boxes, scores, image, points = self._marked(images, boxes, image)
        of = [image == i for i in range(len(images))]
        return [(boxes[mine], scores[mine], points[mine]) for mine in of]

    def _proposed(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes [M, 4], made square, and the image of each [M], by P-Net at every size."""
        found = []
        height, width = images.shape[2:]
        for scale in _scales(min(height, width)):
            size = int(height * scale + 1), int(width * scale + 1)
            offsets, faces = self.pnet(_normalised(F.interpolate(images, size=size, mode="area")))
            image, row, column = (faces[:, 1] >= THRESHOLDS[0]).nonzero(as_tuple=True)
            place = torch.stack([column, row], 1).float() * STRIDE
            boxes = torch.cat([(place + 1) / scale, (place + CELL) / scale], 1).floor()
            score, offset = faces[image, 1, row, column], offsets[image, :, row, column]
            kept = _best_of_their_place(boxes, score, image, 0.5)
            found.append([part[kept] for part in (boxes, score, offset, image)])
        if not found:
            return images.new_zeros(0, 4), torch.zeros(0, dtype=torch.long, device=images.device)
        boxes, score, offset, image = (torch.cat(parts) for parts in zip(*found, strict=True))
        kept = _best_of_their_place(boxes, score, image, 0.7)
        boxes, offset, image = boxes[kept], offset[kept], image[kept]
        sides = (boxes[:, 2:] - boxes[:, :2]).repeat(1, 2)
        return _squared(boxes + offset * sides), image

    def _refined(self, images: Tensor, boxes: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
        """Fewer boxes [M, 4], made square, by R-Net."""
        if not len(boxes):
            return boxes, image
        offset, faces = _in_batches(self.rnet, _crops(images, boxes, image, 24))
        passed = faces[:, 1] > THRESHOLDS[1]
        boxes, score, image, offset = boxes[passed], faces[passed, 1], image[passed], offset[passed]
        kept = _best_of_their_place(boxes, score, image, 0.7)
        return _squared(_moved(boxes[kept], offset[kept])), image[kept]

    def _marked(
        self, images: Tensor, boxes: Tensor, image: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Boxes [M, 4], scores [M], images [M] and points [M, 5, 2] of the faces, by O-Net."""
        if not len(boxes):
            return boxes, boxes.new_zeros(0), image, boxes.new_zeros(0, 5, 2)
        offset, marks, faces = _in_batches(self.onet, _crops(images, boxes, image, 48))
        passed = faces[:, 1] > THRESHOLDS[2]
        boxes, score, image = boxes[passed], faces[passed, 1], image[passed]
        sides = boxes[:, 2:] - boxes[:, :2] + 1
        points = marks[passed].view(-1, 2, 5).transpose(1, 2) * sides[:, None] + boxes[:, None, :2]
        boxes, points = _moved(boxes, offset[passed]), points - 1
        kept = _outside_each_other(boxes, score, image, 0.7)
        return boxes[kept], score[kept], image[kept], points[kept]


def _scales(least: int) -> Iterator[float]:
    """By how much a picture whose shorter side is ``least`` pixels is scaled, one after another."""
    scale = CELL / LEAST_FACE
    while least * scale >= CELL:
        yield scale
        scale *= PYRAMID


def _normalised(images: Tensor) -> Tensor:
    return (images - 127.5) * 0.0078125


def _squared(boxes: Tensor) -> Tensor:
    """Boxes [M, 4] grown to squares about their centres."""
    sides = boxes[:, 2:] - boxes[:, :2]
    side = sides.amax(1, keepdim=True)
    start = boxes[:, :2] + sides * 0.5 - side * 0.5
    return torch.cat([start, start + side], 1)


def _moved(boxes: Tensor, offset: Tensor) -> Tensor:
    """Boxes [M, 4], each edge moved by a share of the box's side."""
    return boxes + offset * (boxes[:, 2:] - boxes[:, :2] + 1).repeat(1, 2)


def _crops(images: Tensor, boxes: Tensor, image: Tensor, side: int) -> Tensor:
    """What boxes [M, 4] show of their images, averaged to [M, 3, side, side], in [-1, 1]."""
    height, width = images.shape[2:]
    whole = boxes.trunc().long()
    x, y = whole[:, 0].clamp(1, width) - 1, whole[:, 1].clamp(1, height) - 1
    right = torch.maximum(whole[:, 2].clamp(max=width), x + 1)
    bottom = torch.maximum(whole[:, 3].clamp(max=height), y + 1)
    places = torch.stack([image, y, bottom, x, right], 1).tolist()
    crops = [
        F.adaptive_avg_pool2d(images[i, :, top:end, left:last], side)
        for i, top, end, left, last in places
    ]
    return _normalised(torch.stack(crops))


def _in_batches(network: nn.Module, crops: Tensor) -> list[Tensor]:
    outputs = [network(part) for part in crops.split(CROPS)]
    return [torch.cat(parts) for parts in zip(*outputs, strict=True)]


def _best_of_their_place(boxes: Tensor, score: Tensor, image: Tensor, most: float) -> Tensor:
    """Indices of the boxes [M, 4] that overlap no better one of their image by more than ``most``
    (non-maximum suppression).
    """
    from torchvision.ops import batched_nms  # two seconds, and most processes look for no face

    return batched_nms(boxes, score, image, most)


def _outside_each_other(boxes: Tensor, score: Tensor, image: Tensor, most: float) -> list[int]:
    """Indices of boxes by falling score, of which none shares more than ``most`` of the smaller one
    with a better one of its image.
    """
    area = (boxes[:, 2:] - boxes[:, :2] + 1).prod(1)
    low = torch.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = (high - low + 1).clamp(min=0).prod(2) / torch.minimum(area[:, None], area[None])
    covers = (shared > most) & (image[:, None] == image[None])
    kept: list[int] = []
    for i in score.argsort(stable=True).flip(0).tolist():  # of equals the last, as the release
        if not bool(covers[i, kept].any()):
            kept.append(i)
    return kept


class FaceFinder:
    """:data:`..data.framing.FindFaces`: the largest face of each picture, with its points."""

    def __init__(self, network: MTCNN):
        self.network = network.eval().requires_grad_(False)

    def __call__(self, pictures: Sequence[Image.Image]) -> list[FoundFace | None]:
        """Pictures of any sizes in RGB -> of each the face with the largest box; None without.

        Those of one size are looked at together, so that what is found in a picture does not depend
        on the others.
        """
        device = next(self.network.parameters()).device
        shrunk = [_shrunk(picture) for picture in pictures]
        alike = defaultdict(list)
        for i, (pixels, _) in enumerate(shrunk):
            alike[pixels.shape].append(i)
        found: dict[int, FoundFace | None] = {}
        for same in alike.values():
            for start in range(0, len(same), BATCH):
                batch = same[start : start + BATCH]
                images = torch.stack([shrunk[i][0] for i in batch]).to(device).float()
                for i, faces in zip(batch, self.network(images), strict=True):
                    found[i] = _largest(faces, shrunk[i][1])
        return [found[i] for i in range(len(pictures))]


def _shrunk(picture: Image.Image) -> tuple[Tensor, tuple[float, float]]:
    """A picture [3, H, W], uint8, of at most ``LONGEST`` pixels a side, and how many of its own
    pixels one of these has across and down.
    """
    scale = min(1, LONGEST / max(picture.size))
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    pixels = np.array(picture.resize(size, Image.Resampling.BOX) if scale < 1 else picture)
    across, down = picture.width / size[0], picture.height / size[1]
    return torch.from_numpy(pixels).permute(2, 0, 1), (across, down)


def _largest(faces: tuple[Tensor, Tensor, Tensor], scale: tuple[float, float]) -> FoundFace | None:
    boxes, scores, points = (part.cpu() for part in faces)
    if not len(boxes):
        return None
    i = int((boxes[:, 2:] - boxes[:, :2]).prod(1).argmax())
    across, down = scale
    left, top, right, bottom = boxes[i].tolist()
    return FoundFace(
        box=(left * across, top * down, right * across, bottom * down),
        points=tuple((x * across, y * down) for x, y in points[i].tolist()),
        score=float(scores[i]),
        faces=len(boxes),
    )


@functools.cache
def face_finder(device: str | torch.device = "cpu") -> FindFaces | None:
    """The detector; None where the package ``mtcnn`` is not installed. :class:`WeightsError` if its
    files are not those that are expected.
    """
    folder = weights_folder()
    if folder is None:
        return None
    network = MTCNN()
    for name in SHA256:
        getattr(network, name).read(_arrays(folder / f"{name}.lz4", SHA256[name]))
    return FaceFinder(network.to(device))


def weights_folder() -> Path | None:
    """Where the installed package ``mtcnn`` keeps its weights; None where there is none."""
    try:
        package = importlib.util.find_spec("mtcnn")
    except (ImportError, ValueError):
        return None
    places = package.submodule_search_locations if package else None
    return Path(list(places)[0], "assets/weights") if places else None


def _arrays(path: Path, digest: str) -> Any:
    """The arrays in a file of the package. It is a pickle, which could run anything: only the very
    bytes that are known are read.
    """
    if not path.is_file() or sha256(path) != digest:
        raise WeightsError(
            f"weights: {path} is missing or not that of mtcnn 1.0.0; "
            'install it again: `pip install --force-reinstall "mtcnn==1.0.0"`'
        )
    import joblib

    return joblib.load(path)
