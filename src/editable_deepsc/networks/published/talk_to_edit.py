"""The networks of the Talk-to-Edit release (Jiang et al. 2021), their state dicts key by key as
published.

Degrees, directions and attributes are ours on the outside: the release orders Bangs, Eyeglasses,
No_Beard, Smiling, Young, which is our order; its "No_Beard" counts *beard* (5: full), as ours does;
its "Young" counts *age* (0: a child, 5: in the eighties), which is turned round here.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...data.attributes import ATTRIBUTES, NUM_DEGREES, attribute_index
from .stylegan2 import LATENT, Generator

PUBLISHED_NAMES = {
    "bangs": "Bangs",
    "eyeglasses": "Eyeglasses",
    "beard": "No_Beard",
    "smiling": "Smiling",
    "young": "Young",
}
CELEBA_INDEX = {
    "bangs": 6,
    "eyeglasses": 16,
    "beard": 25,
    "smiling": 32,
    "young": 40,
}  # counted from 1
REVERSED = attribute_index("young")
# pixels at which the predictor and the recogniser look, at either resolution of the generator
FACE = 128
REPLACED_LAYERS = {
    128: 8,
    1024: 10,
}  # of a W+ image: the layers that an edit moves; the finer ones keep the colours


def _to_face_size(images: Tensor) -> Tensor:
    return (
        images
        if images.shape[-1] == FACE
        else F.interpolate(images, size=(FACE, FACE), mode="area")
    )


class FullyConnected(nn.Module):
    """Linear, batch norm, ReLU: [N, a] -> [N, b]."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.fc = nn.Linear(inputs, outputs)
        self.bn = nn.BatchNorm1d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.fc(x)))


def answer_head(inputs: int, outputs: int) -> nn.Sequential:
    """Two layers behind a trunk that answer one question: [N, a] -> [N, b]."""
    return nn.Sequential(FullyConnected(inputs, 256), nn.Linear(256, outputs))


# --- attribute predictor -------------------------------------------------------------------------


class Bottleneck(nn.Module):
    """Residual block of ResNet-50 (He et al. 2016), stride on the 3x3: [N, a, H, W] -> [N, 4 width,
    H/stride, W/stride].
    """

    def __init__(self, inputs: int, width: int, stride: int = 1):
        super().__init__()
        outputs = 4 * width
        self.conv1, self.bn1 = nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = (
            nn.Conv2d(width, width, 3, stride, 1, bias=False),
            nn.BatchNorm2d(width),
        )
        self.conv3, self.bn3 = nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class AttributePredictor(nn.Module):
    """ResNet-50 with a head per attribute: images [N, 3, H, W] in [-1, 1] -> logits [N, 5
    attributes, 6 degrees].

    The interface of :class:`editable_deepsc.networks.predictor.AttributePredictor`. Images of
    another size are brought to 128 pixels by area averaging, rounded up by half a grey level and
    shifted to the statistics of ImageNet, as in the release.
    """

    mean: Tensor
    deviation: Tensor
    layer1: nn.Module
    layer2: nn.Module
    layer3: nn.Module
    layer4: nn.Module

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        inputs = 64
        for i, (width, blocks) in enumerate(zip((64, 128, 256, 512), (3, 4, 6, 3)), start=1):
            stage = [Bottleneck(inputs, width, 1 if i == 1 else 2)] + [
                Bottleneck(4 * width, width) for _ in range(blocks - 1)
            ]
            setattr(self, f"layer{i}", nn.Sequential(*stage))
            inputs = 4 * width
        self.stem = FullyConnected(inputs, 512)
        self.heads = [
            f"classifier{CELEBA_INDEX[name]:02d}{PUBLISHED_NAMES[name]}" for name in ATTRIBUTES
        ]
        for head in self.heads:
            setattr(self, head, answer_head(512, NUM_DEGREES))
        mean, deviation = torch.tensor(
            [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]], device="cpu"
        )[:, :, None, None]
        self.register_buffer("mean", mean.clone(), persistent=False)
        self.register_buffer("deviation", deviation.clone(), persistent=False)

    def published_logits(self, images: Tensor) -> Tensor:
        """Logits [N, 5, 6] as the release counts degrees: the last attribute is age."""
        levels = ((images.float() + 1) * 127.5 + 0.5).clamp(0, 255) / 255
        x = (_to_face_size(levels) - self.mean) / self.deviation
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        x = self.stem(x.mean((2, 3)))
        return torch.stack([getattr(self, head)(x) for head in self.heads], 1).float()

    def forward(self, images: Tensor) -> Tensor:
        logits = self.published_logits(images)
        return torch.cat([logits[:, :REVERSED], logits[:, REVERSED:].flip(2)], 1)

    def degrees(self, images: Tensor) -> Tensor:
        """Most likely integer degree of every attribute, [N, 5]."""
        return self(images).argmax(-1)


# --- semantic fields -----------------------------------------------------------------------------


class _FieldLayer(nn.Module):
    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.Linear = nn.Linear(inputs, outputs)


class Field(nn.Module):
    """One semantic field: w [N, 512] -> a direction f [N, 512], which the generator's mapping
    network turns into a step of W.
    """

    def __init__(self, layers: int = 8, hidden: int = 512):
        super().__init__()
        sizes = [LATENT] + [hidden] * (layers - 1) + [LATENT]
        self.field = nn.Sequential(*(_FieldLayer(a, b) for a, b in zip(sizes, sizes[1:])))

    def forward(self, w: Tensor) -> Tensor:
        x = w
        for layer in self.field[:-1]:
            x = F.leaky_relu(layer.get_submodule("Linear")(x), 0.2)
        return self.field[-1].get_submodule("Linear")(x)


class SemanticFields(nn.Module):
    """The five published fields and the generator they belong to, with the interface of
    :class:`editable_deepsc.networks.jecc.SemanticFields`: s [N, 512], attribute [N] -> step [N,
    512] towards one degree more.

    A step of W is M(f) - M(0), M being the mapping network without its pixel norm. ``forward``
    gives it in the units of s; :meth:`edit` moves a W+ image by the release's rule, in which only
    the first ``replaced`` layers follow.
    """

    def __init__(self, fields: list[Field], generator: Generator):
        super().__init__()
        self.fields = nn.ModuleList(fields)
        self.generator = generator
        self.replaced = REPLACED_LAYERS.get(generator.resolution)

    def step(self, w: Tensor, attribute: Tensor) -> Tensor:
        """w [N, 512], attribute [N] -> step of W [N, 512] towards one degree more of the attribute
        as we count it.
        """
        mapping = self.generator.style[1:]
        f = torch.zeros_like(w)
        for a in attribute.unique().tolist():
            rows = attribute == a
            f[rows] = self.fields[a](w[rows])
        step = mapping(f) - mapping(torch.zeros_like(w[:1]))
        return torch.where((attribute == REVERSED)[:, None], -step, step)

    def forward(self, s: Tensor, attribute: Tensor) -> Tensor:
        return self.step(self.generator.to_w(s), attribute) / self.generator.w_gain

    def edit(
        self, w: Tensor, w_plus: Tensor, attribute: Tensor, direction: Tensor
    ) -> tuple[Tensor, Tensor]:
        """One step of the release: w [N, 512], w_plus [N, layers, 512], direction [N] of -1 or +1
        -> both moved.

        The field is asked at w, which moves as a whole; of w_plus only the first 8 (128 pixels) or
        10 (1024) layers do. ``ValueError`` for a generator of another resolution, for which no rule
        was published.
        """
        if self.replaced is None:
            raise ValueError(
                (
                    f"the release replaces layers at {' and '.join(map(str, REPLACED_LAYERS))} "
                    f"pixels, not at {self.generator.resolution}"
                )
            )
        step = direction[:, None] * self.step(w, attribute)
        moved = torch.arange(w_plus.shape[1], device=w.device) < self.replaced
        return w + step, w_plus + moved[None, :, None] * step[:, None]


# --- face recogniser -----------------------------------------------------------------------------


class SqueezeExcitation(nn.Module):
    """Channels [N, C, H, W] weighed by a gate computed from their averages (Hu et al. 2018)."""

    def __init__(self, width: int):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(width, width // 16), nn.PReLU(), nn.Linear(width // 16, width), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


class ImprovedResidual(nn.Module):
    """Improved residual block of ArcFace: norm, conv, norm, PReLU, conv /stride, norm, (gate),
    skip, the same PReLU.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, gated: bool):
        super().__init__()
        self.bn0, self.conv1, self.bn1 = (
            nn.BatchNorm2d(inputs),
            nn.Conv2d(inputs, inputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(inputs),
        )
        self.prelu = nn.PReLU()
        self.conv2, self.bn2 = (
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.se = SqueezeExcitation(outputs) if gated else None
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.prelu(self.bn1(self.conv1(self.bn0(x))))
        y = self.bn2(self.conv2(y))
        if self.se is not None:
            y = self.se(y)
        return self.prelu(y + (x if self.downsample is None else self.downsample(x)))


class FaceRecogniser(nn.Module):
    """ArcFace ResNet-18 on grey faces of 128 pixels: images [N, 3, H, W] in [-1, 1] -> unit
    embeddings [N, 512].

    The interface of :class:`editable_deepsc.networks.recogniser.FaceRecogniser`; :meth:`features`
    gives what the release compares, which is not normalised. The released file has no
    squeeze-and-excitation gates; ``gated`` reads one that has.
    """

    layer1: nn.Module
    layer2: nn.Module
    layer3: nn.Module
    layer4: nn.Module

    def __init__(self, gated: bool = False):
        super().__init__()
        self.conv1, self.bn1, self.prelu = (
            nn.Conv2d(1, 64, 3, 1, 1, bias=False),
            nn.BatchNorm2d(64),
            nn.PReLU(),
        )
        inputs = 64
        for i, width in enumerate((64, 128, 256, 512), start=1):
            first = ImprovedResidual(inputs, width, 1 if i == 1 else 2, gated)
            setattr(
                self, f"layer{i}", nn.Sequential(first, ImprovedResidual(width, width, 1, gated))
            )
            inputs = width
        self.bn4 = nn.BatchNorm2d(512)
        self.fc5, self.bn5 = nn.Linear(512 * 8 * 8, 512), nn.BatchNorm1d(512)

    def features(self, images: Tensor) -> Tensor:
        """Embeddings [N, 512] before normalisation."""
        x = _to_face_size(images.float()).mean(1, keepdim=True)
        x = F.max_pool2d(self.prelu(self.bn1(self.conv1(x))), 2)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.bn5(self.fc5(self.bn4(x).flatten(1))).float()

    def forward(self, images: Tensor) -> Tensor:
        return F.normalize(self.features(images), dim=1)
