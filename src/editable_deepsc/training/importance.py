"""Semantic importance (Deep JSCC for wireless image transmission with semantic importance, 2023):
which features the task looks at.

f = the predictor's features of an image,  y = its perception of that image
w = |dy / df|, scaled to mean 1             importance weight of every feature
L_sem = mean_i w_i (f_i(x) - f_i(x_hat))^2  semantic loss
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..networks.predictor import AttributePredictor


def importance_weights(predictor: AttributePredictor, features: Tensor) -> Tensor:
    """w [N, F] >= 0 of features f [N, F], mean 1 for every image; ``y`` is the log-probability of
    the degrees that the predictor sees.

    An image whose perception hangs on no feature at all (all gradients 0) has no importance to
    distribute: all its weights are 1.
    """
    features = features.detach().requires_grad_(True)
    with torch.enable_grad():
        logits = predictor.read(features)
        perception = logits.log_softmax(-1).amax(-1).sum()
        (gradient,) = torch.autograd.grad(perception, features)
    weights = gradient.abs()
    mean = weights.mean(1, keepdim=True)
    return torch.where(mean > 0, weights / mean.clamp_min(torch.finfo(weights.dtype).tiny), 1.0)


def semantic_loss(predictor: AttributePredictor, original: Tensor, received: Tensor) -> Tensor:
    """L_sem of images [N, 3, H, W] in [-1, 1]; the weights are those of the original. Gradients
    flow to ``received`` only.
    """
    with torch.no_grad():
        wanted = predictor.features(original).float()
    weights = importance_weights(predictor, wanted)
    return (weights * (predictor.features(received).float() - wanted).square()).mean()
