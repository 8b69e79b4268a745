"""Which square of a photograph a network should see: from a face's box, or from its five points.

    box       the square of 1.1 times the box's mean side, 0.15 half sides below its centre, as the
              release of Talk-to-Edit crops photographs of 128 pixels (utils/crop_img.py)
    ffhq      the turned square about eyes and mouth that FFHQ was cropped with (Karras et al. 2019,
              appendix A; download_ffhq.py of its repository)
    rendered  the turned square that brings eyes and corners of the mouth to where rendered faces
              have them on average, as nearly as turning, scaling and shifting can

All coordinates are pixels of the upright picture, (x, y), with the centre of the first pixel at
(0, 0). A square is its corners [4, 2]: top left, bottom left, bottom right, top right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor

ALIGNMENTS = ("none", "box", "ffhq", "rendered")

# Where rendered faces have left and right eye and left and right corner of the mouth on average,
# with the picture's edges at -1 and 1: the mean of portrait/landmarks.py, made symmetric.
RENDERED = ((-0.245, 0.004), (0.245, 0.004), (-0.236, 0.363), (0.236, 0.363))


@dataclass(frozen=True)
class FoundFace:
    """A face that a detector found.

    ``box``: left, top, right, bottom. ``points``: left eye, right eye, tip of the nose, left and
    right corner of the mouth, as the viewer sees them. ``score`` in 0..1. ``faces``: how many there
    are in the picture, this one included.
    """

    box: tuple[float, float, float, float]
    points: tuple[tuple[float, float], ...]
    score: float
    faces: int = 1


# pictures in RGB -> of each the largest face, or None
FindFaces = Callable[[Sequence[Image.Image]], list[FoundFace | None]]


@dataclass(frozen=True)
class Framing:
    """What is done to a picture.

    ``align``: one of ``ALIGNMENTS``; "none" keeps the largest square in the centre. ``square``: the
    corners of what is kept, where a face decides. ``note``: what the picture's owner should know,
    such as that no face was found.
    """

    align: str
    face: FoundFace | None = None
    square: tuple[tuple[float, float], ...] | None = None
    note: str | None = None

    def about(self) -> dict[str, Any]:
        """The same, JSON-able, in pixels to a hundredth, without what is None."""
        entries = {key: value for key, value in asdict(self).items() if value is not None}
        return {key: _rounded(value) for key, value in entries.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [_rounded(part) for part in value]
    return round(value, 2) if isinstance(value, float) else value


def squares(faces: Sequence[FoundFace], align: str) -> Tensor:
    """Corners [N, 4, 2] (float64) of the squares of ``faces``. ``ValueError`` on an unknown
    ``align``, or "none".
    """
    if align == "box":
        return box_squares(torch.tensor([face.box for face in faces], dtype=torch.float64))
    if align not in ("ffhq", "rendered"):
        raise ValueError(f"align {align!r} is unknown; choose one of: {', '.join(ALIGNMENTS)}")
    points = torch.tensor([face.points for face in faces], dtype=torch.float64)
    return ffhq_squares(points) if align == "ffhq" else rendered_squares(points)


def box_squares(boxes: Tensor) -> Tensor:
    """Boxes [N, 4] (left, top, right, bottom) -> corners [N, 4, 2], cut to whole pixels as the
    release does.
    """
    left, top, right, bottom = boxes.unbind(1)
    half = (((bottom - top) + (right - left)) / 2 / 2 * 1.1).trunc()
    x = ((left + right) / 2).trunc() - half
    y = ((top + bottom) / 2 + half * 0.15).trunc() - half
    start = torch.stack([x, y], 1) - 0.5  # the outer edge of the first pixel
    return start[:, None] + 2 * half[:, None, None] * start.new_tensor(_CORNERS)


def ffhq_squares(points: Tensor) -> Tensor:
    """Five points [N, 5, 2] -> corners [N, 4, 2].

    FFHQ's script takes 68 landmarks, and of them the means of both eyes and the corners of the
    mouth, which are four of the five.
    """
    eye_left, eye_right, _, mouth_left, mouth_right = points.unbind(1)
    eyes, mouth = (eye_left + eye_right) / 2, (mouth_left + mouth_right) / 2
    across, down = eye_right - eye_left, mouth - eyes
    x = across + _quarter_turn(down, back=True)
    size = torch.maximum(across.norm(dim=1) * 2.0, down.norm(dim=1) * 1.8)
    x = x / x.norm(dim=1, keepdim=True) * size[:, None]
    y = _quarter_turn(x)
    centre = eyes + 0.1 * down
    return torch.stack([centre - x - y, centre - x + y, centre + x + y, centre + x - y], 1)


def rendered_squares(points: Tensor) -> Tensor:
    """Five points [N, 5, 2] -> corners [N, 4, 2], which take eyes and corners of the mouth to
    ``RENDERED`` with the smallest sum of squares. The nose does not count: it moves most as a head
    turns.
    """
    seen = points[:, [0, 1, 3, 4]]
    scaled, shift = similarity(seen.new_tensor(RENDERED).expand_as(seen), seen)
    corners = 2 * seen.new_tensor(_CORNERS) - 1
    return corners @ scaled.transpose(1, 2) + shift[:, None]


def similarity(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The turn, scale and shift that take points ``source`` [N, P, 2] nearest to ``target``: a
    matrix [N, 2, 2] and a vector [N, 2], target = source @ matrix.T + vector (Umeyama 1991,
    without reflections, which has a closed form in two dimensions).
    """
    before, after = source.mean(1, keepdim=True), target.mean(1, keepdim=True)
    a, b = source - before, target - after
    along = (a * b).sum((1, 2))
    across = (a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]).sum(1)
    power = a.square().sum((1, 2))
    cos, sin = along / power, across / power
    matrix = torch.stack([torch.stack([cos, -sin], 1), torch.stack([sin, cos], 1)], 1)
    return matrix, (after - before @ matrix.transpose(1, 2))[:, 0]


_CORNERS = ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0))


def _quarter_turn(vectors: Tensor, back: bool = False) -> Tensor:
    """Vectors [N, 2] of the picture, x to the right and y down, turned from x towards y."""
    turned = torch.stack([-vectors[:, 1], vectors[:, 0]], 1)
    return -turned if back else turned
