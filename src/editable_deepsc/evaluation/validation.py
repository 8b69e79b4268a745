"""Held-out figures of the bundled networks, on faces that no training corpus contains."""

from __future__ import annotations

import torch
from torch import Tensor

from ..data.attributes import ATTRIBUTES, MAX_DEGREE
from ..data.faces import Faces, from_uint8
from ..networks.perceptual import FidelityFeatures, PerceptualBackbone
from ..networks.predictor import AttributePredictor
from ..networks.recogniser import FaceRecogniser
from ..networks.stylegan2 import Generator
from .distances import psnr_db


@torch.inference_mode()
def predictor_figures(model: AttributePredictor, images: Tensor, degrees: Tensor) -> dict[str, dict[str, float]]:
    """Share of faces (uint8 [N, 3, R, R]) whose degree is exactly right and within one, for each attribute."""
    predicted = torch.cat([model.degrees(from_uint8(x)) for x in images.split(128)])
    error = (predicted - degrees.round().long()).abs()
    return {name: {"exact": float((error[:, a] == 0).float().mean()), "within_one": float((error[:, a] <= 1).float().mean())}
            for a, name in enumerate(ATTRIBUTES)}


@torch.inference_mode()
def recogniser_figures(model: FaceRecogniser, images: Tensor, identity: Tensor) -> dict[str, float]:
    """Verification AUC: how often a pair of one identity is more alike than a pair of two, over all pairs."""
    embeddings = torch.cat([model(from_uint8(x)) for x in images.split(128)])
    similarity = embeddings @ embeddings.T
    same = identity[:, None] == identity[None]
    off_diagonal = ~torch.eye(len(same), dtype=torch.bool)
    positive, negative = similarity[same & off_diagonal], similarity[~same]
    rank = torch.searchsorted(negative.sort().values, positive) / len(negative)
    return {"auc": float(rank.double().mean()), "similarity_same": float(positive.mean()), "similarity_different": float(negative.mean())}


@torch.inference_mode()
def regression_figures(model: PerceptualBackbone | FidelityFeatures, images: Tensor, faces: Faces) -> dict[str, float]:
    """Mean absolute error of the 39 factors and degrees, each on [0, 1] (guessing the mean gives 0.25)."""
    targets = torch.cat([faces.factors, faces.degrees / MAX_DEGREE], 1)
    predicted = torch.cat([model.head(model(from_uint8(x))) for x in images.split(128)])
    return {"mean_absolute_error": float((predicted - targets).abs().mean())}


@torch.inference_mode()
def generator_figures(model: Generator, z: Tensor, images: Tensor) -> dict[str, float]:
    """PSNR of G(z) to the face that z stands for, and its gradient energy relative to the face's."""
    drawn = torch.cat([model(x).clamp(-1, 1) for x in z.split(128)])
    real = from_uint8(images)
    return {"psnr_db": float(psnr_db(drawn.add(1).mul(127.5).round().to(torch.uint8), images).mean()),
            "gradient_energy_ratio": float(gradient_energy(drawn).mean() / gradient_energy(real).mean())}


def gradient_energy(images: Tensor) -> Tensor:
    """Mean squared horizontal and vertical difference of images [N, 3, H, W], [N]. PSNR alone hides a lost mouth."""
    across = (images[..., 1:] - images[..., :-1]).square().mean((1, 2, 3))
    down = (images[..., 1:, :] - images[..., :-1, :]).square().mean((1, 2, 3))
    return across + down
