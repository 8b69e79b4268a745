"""How many bits about the original face survive a stage.

Lower bounds of mutual information, of which a larger one is a tighter one.

Y = (Y_1 … Y_F) are the numbers that a face was drawn from: 34 factors and its degrees over 5, each
uniform on [0, 1] and independent of all others. X is a picture somewhere in a chain. A *reader*,
the same for all chains, predicts Y from X: features of three frozen networks, then one linear map,
fitted on rendered faces that occur in no split (:func:`fit_reader`). Its predictions x become
densities q(y_f | x_f), and with them

    I(Y; X) ≥ Σ_f I(Y_f; X) ≥ Σ_f { h(Y_f) + E log2 q(Y_f | X) } = Σ_f E log2 q(Y_f | X),    h(Y_f)
    = 0 on [0, 1]    (:func:`surviving_bits`)

The first step holds because the Y_f are independent, the second is the bound of Barber and Agakov
(2003, "The IM algorithm"), true for any q that has not seen the y it is asked about. Here q is a
mixture over a grid of 161 densities, uniform and truncated Gaussian, weighted by their likelihood
on all *other* faces of the cell (leave one face out): Bayesian model averaging, three numbers per
factor and no optimiser. A factor that cannot be read falls back on the uniform density and adds 0
bits, or a little less; nothing is clipped.

Beside it InfoNCE (van den Oord et al. 2018) with the critic log q, which cannot exceed log2 of the
number of candidates. Because the marginal of Y is known, its negatives are drawn from it instead of
from the other faces, and for many negatives it tends to the bound above (Poole et al. 2019, "On
variational bounds of mutual information", section 2): an independent check, not a tighter bound
(:func:`infonce_bits`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ...data.attributes import ATTRIBUTES, MAX_DEGREE
from ...data.faces import FACTORS, render, sample_faces
from ...data.pixels import from_uint8, to_uint8
from ...data.seeds import seeded
from ...networks.perceptual import FidelityFeatures
from ...networks.predictor import AttributePredictor
from ...networks.recogniser import FaceRecogniser
from .distortions import PIXELS, STRENGTHS

NUM_FACTORS = len(FACTORS) + len(ATTRIBUTES)
SPOILED = ("blur", "noise", "jpeg", "downsample")  # what channels and codecs do to pictures


@dataclass(frozen=True)
class Eyes:
    """The frozen networks behind the features.

    The predictor, which guides all edits, is not among them; the recogniser helped to train the
    fields of both editors (eq 13), which gives no chain an advantage over another and leaves the
    bounds bounds.

    ``fidelity``: a :class:`~editable_deepsc.networks.perceptual.FidelityFeatures`; ``evaluator``:
    an ``AttributePredictor``; ``recogniser``: a ``FaceRecogniser``. ``ValueError`` where one is
    another network, of which nobody knows where its maps are.
    """

    fidelity: FidelityFeatures
    evaluator: AttributePredictor
    recogniser: FaceRecogniser

    def __post_init__(self) -> None:
        for role, part in (
            ("fidelity", "convolutions"),
            ("evaluator", "features"),
            ("recogniser", "trunk"),
        ):
            if not hasattr(getattr(self, role), part):
                raise ValueError(
                    f"information: networks.{role} must be a network of this package; set it to "
                    "'bundled'"
                )

    @torch.inference_mode()
    def __call__(self, images: Tensor, batch_size: int = 64) -> Tensor:
        """uint8 images [N, 3, R, R] -> features [N, 7680]: four maps averaged to 4 by 4 each.

        The images may be on any device; the features are on the CPU.
        """
        features, device = [], next(self.fidelity.parameters()).device
        for batch in images.split(batch_size):
            x = from_uint8(batch.to(device)).contiguous(memory_format=torch.channels_last)
            maps, y = [], x
            for convolution in self.fidelity.convolutions:
                y = F.relu(convolution(y))
                maps.append(y)
            grids = [F.adaptive_avg_pool2d(m, 4).flatten(1) for m in (maps[1], maps[-1])]
            maps_seen = [*grids, self.evaluator.features(x), self.recogniser.trunk(x)[0]]
            features.append(torch.cat(maps_seen, 1).cpu())
        return torch.cat(features)


@dataclass(frozen=True)
class Reader:
    """Linear map of standardised features [N, D] to predictions of Y [N, F]."""

    mean: Tensor  # [D]
    scale: Tensor  # [D]
    weight: Tensor  # [D, F]

    def __call__(self, features: Tensor) -> Tensor:
        return 0.5 + ((features - self.mean) / self.scale) @ self.weight


def fit_reader(features: Tensor, targets: Tensor, ridge: float) -> Reader:
    """Ridge regression of targets [N, F] in [0, 1] on features [N, D].

    It is solved in the N samples (D is larger).

    ``ridge`` is relative to the mean square of a sample's standardised features. ``ValueError`` if
    rows do not belong together.
    """
    if len(features) != len(targets):
        raise ValueError(
            f"features have {len(features)} rows and targets {len(targets)}; one row for each "
            "face is needed"
        )
    mean, scale = features.mean(0), features.std(0)
    # A feature that is nearly constant here must not be loud elsewhere.
    scale = scale.clamp(min=0.05 * float(scale.median()))
    z = ((features - mean) / scale).double()
    kernel = z @ z.T / z.shape[1]
    kernel.diagonal().add_(ridge)
    weight = z.T @ torch.linalg.solve(kernel, targets.double() - 0.5) / z.shape[1]
    return Reader(mean, scale, weight.float())


def face_targets(factors: Tensor, degrees: Tensor) -> Tensor:
    """factors [N, 34] and degrees [N, 5] in [0, 5] -> Y [N, 39] in [0, 1]."""
    return torch.cat([factors, degrees / MAX_DEGREE], 1)


def train_reader(
    eyes: Eyes, n: int, resolution: int, style: str, ridge: float, *seed: int | str
) -> Reader:
    """A reader from ``n`` rendered faces, each seen clean and spoiled once.

    They are spoiled by a kind and a strength of ``distortions``, in turn.

    It never sees what a chain made of a face: all chains meet the same stranger.
    """
    faces = sample_faces(n, seeded(*seed, "information"))
    clean = render(faces, resolution, style)
    spoiled = clean.clone()
    for i, (kind, strength) in enumerate((k, s) for k in SPOILED for s in STRENGTHS):
        rows = slice(i, None, len(SPOILED) * len(STRENGTHS))
        if len(clean[rows]):
            spoiled[rows] = PIXELS[kind](clean[rows], strength)
    targets = face_targets(faces.factors, faces.degrees)
    return fit_reader(
        torch.cat([eyes(to_uint8(clean)), eyes(to_uint8(spoiled))]),
        torch.cat([targets, targets]),
        ridge,
    )


# --- densities ---------------------------------------------------------------------------------

# share of the uniform density in every member of the grid, so that a single miss costs 5.6 bits and
# not hundreds
_OUTLIERS = 0.02
_BIAS = (-0.16, -0.08, 0.0, 0.08, 0.16)
_SLOPE = (0.35, 0.6, 0.85, 1.1)
_DEVIATION = tuple(
    0.025 * 1.6**i for i in range(8)
)  # 0.025 to 0.67, where the truncated Gaussian is all but uniform
_GRID = torch.cartesian_prod(
    torch.tensor(_BIAS), torch.tensor(_SLOPE), torch.tensor(_DEVIATION)
).double()  # [160, 3]
_LOG_PRIOR = torch.cat(
    [torch.tensor([0.5]).double(), torch.full((len(_GRID),), 0.5 / len(_GRID)).double()]
).log()  # uniform first: as likely as all others


def _densities(predicted: Tensor, y: Tensor) -> Tensor:
    """q_g(y | x) of every member g of the grid, [161, ...].

    The predictions x and y broadcast to [...].
    """
    bias, slope, deviation = (column.view(-1, *[1] * predicted.ndim) for column in _GRID.T)
    mean = (0.5 + bias + slope * (predicted.double() - 0.5)).clamp(0, 1)
    inside = torch.special.ndtr((1 - mean) / deviation) - torch.special.ndtr(-mean / deviation)
    gaussian = torch.exp(-0.5 * ((y.double() - mean) / deviation) ** 2) / (
        deviation * math.sqrt(2 * math.pi) * inside
    )
    return torch.cat([torch.ones_like(gaussian[:1]), (1 - _OUTLIERS) * gaussian + _OUTLIERS])


def _weights_from_others(log_q: Tensor, lost: Tensor) -> Tensor:
    """Log weights [161, N, F] of the grid for every face, from the other faces.

    ``log_q`` [161, S, N, F], of which the mean over the seeds that arrived counts.
    """
    arrived = (~lost).double()[None, :, :, None]
    # A face counts once, whatever the number of seeds.
    each = (log_q * arrived).sum(1) / arrived.sum(1).clamp(min=1)
    return (_LOG_PRIOR[:, None, None] + each.sum(1, keepdim=True) - each).log_softmax(0)


def _checked(predicted: Tensor, targets: Tensor, lost: Tensor) -> None:
    if (
        predicted.ndim != 3
        or predicted.shape[1:] != targets.shape
        or lost.shape != predicted.shape[:2]
    ):
        raise ValueError(
            f"predictions {tuple(predicted.shape)}, targets {tuple(targets.shape)} and outages "
            f"{tuple(lost.shape)} do not belong together; they must be [seeds, faces, factors], "
            "[faces, factors] and [seeds, faces]"
        )
    if len(targets) < 4:
        raise ValueError(
            f"{len(targets)} faces are too few to estimate information from; take at least 4"
        )


def surviving_bits(predicted: Tensor, targets: Tensor, lost: Tensor) -> Tensor:
    """Barber and Agakov's bound by face and factor: log2 q(y_f | x_f) [N, F], means over seeds.

    Its sum over factors, averaged over faces, is the bound.

    ``predicted`` [S, N, F]: the reader's, for S seeds of the channel; ``targets`` [N, F] in [0, 1];
    ``lost`` bool [S, N]: outages, which the receiver knows of and which therefore carry exactly 0
    bits. ``ValueError`` on shapes that do not belong together, or fewer than 4 faces.
    """
    _checked(predicted, targets, lost)
    log_q = _densities(predicted, targets).log()
    bits = (_weights_from_others(log_q, lost)[:, None] + log_q).logsumexp(0) / math.log(2)
    return bits.masked_fill(lost[:, :, None], 0).mean(0)


def infonce_bits(
    predicted: Tensor,
    targets: Tensor,
    lost: Tensor,
    counted: Tensor,
    negatives: int,
    generator: torch.Generator,
    cells: int = 64,
) -> Tensor:
    """InfoNCE by face, [N] in bits, at most log2(negatives + 1).

    E log2 of q(y|x) over its mean among y and ``negatives`` draws of the marginal.

    Arguments as of :func:`surviving_bits`; ``counted`` [N, F] is 1 for the factors that count, 0
    for the others. The densities are tabulated in ``cells`` cells of [0, 1]; InfoNCE is a bound for
    any critic, so this costs tightness only.
    """
    _checked(predicted, targets, lost)
    weights = _weights_from_others(_densities(predicted, targets).log(), lost).exp()
    centres = (torch.arange(cells) + 0.5) / cells
    candidates = torch.rand(negatives, targets.shape[1], generator=generator)
    bits = torch.zeros(len(targets), dtype=torch.double)
    for i in range(len(targets)):
        both = torch.cat([targets[i : i + 1], candidates])  # [1 + M, F]
        index = (both * cells).long().clamp(max=cells - 1)
        for seed in torch.nonzero(~lost[:, i]).flatten().tolist():
            table = torch.einsum(
                "gf,gfc->fc", weights[:, i], _densities(predicted[seed, i, :, None], centres)
            ).log()  # no density is below _OUTLIERS
            scores = (table.gather(1, index.T) * counted[i].double()[:, None]).sum(0)
            bits[i] += (
                (scores[0] - scores.logsumexp(0) + math.log(negatives + 1))
                / math.log(2)
                / len(lost)
            )
    return bits


def counted_factors(attribute: Tensor) -> Tensor:
    """[N, 39], 1 for all factors and the four attributes that nobody asked to change, else 0.

    ``attribute``: long [N], the edited one, which is changed on purpose.
    """
    counted = torch.ones(len(attribute), NUM_FACTORS)
    counted[torch.arange(len(attribute)), len(FACTORS) + attribute] = 0
    return counted
