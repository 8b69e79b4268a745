"""Attribute editing of Talk-to-Edit's release: whole steps through the target degree.

The walk goes on while the predictor sees the target, and ends when it sees a degree beyond it or an
end of the scale. Of the degree seen last the latent is kept of which the predictor was surest.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...data.attributes import MAX_DEGREE, NUM_DEGREES
from ...networks.jecc import SemanticFields
from ...networks.predictor import AttributePredictor
from ...networks.published.talk_to_edit import AttributePredictor as PublishedPredictor
from ...networks.published.talk_to_edit import SemanticFields as PublishedFields
from .space import Fitted, Space


@dataclass(frozen=True)
class Walked:
    """w [N, k], W+ [N, layers, k] and images [N, 3, R, R] that were kept, degree [N] that the
    predictor sees in them, steps [N] taken.
    """

    w: Tensor
    w_plus: Tensor
    images: Tensor
    degree: Tensor
    steps: Tensor


@dataclass(frozen=True)
class Seen:
    """Images [N, 3, R, R] in [-1, 1], the degree [N] that the predictor sees in them, and its
    probability [N].
    """

    images: Tensor
    degree: Tensor
    confidence: Tensor


@dataclass(frozen=True)
class Walker:
    """What a walk needs. ``most``: steps at one and the same degree before it is given up."""

    space: Space
    predictor: AttributePredictor | PublishedPredictor
    fields: SemanticFields | PublishedFields
    most: int

    def look(self, fitted: Fitted, w_plus: Tensor, attribute: Tensor) -> Seen:
        """W+ [N, layers, k] drawn by its generators, and the attribute [N] in the images."""
        return self.see(self.space.images(w_plus, fitted.parameters).clamp(-1, 1), attribute)

    def see(self, images: Tensor, attribute: Tensor) -> Seen:
        """The attribute [N] in images [N, 3, R, R] in [-1, 1]."""
        logits = self.predictor(images)
        rows = torch.arange(len(images), device=images.device)
        confidence, degree = logits[rows, attribute].float().softmax(1).max(1)
        return Seen(images, degree, confidence)

    @torch.no_grad()
    def walk(
        self, fitted: Fitted, w_plus: Tensor, attribute: Tensor, start: Seen, target: Tensor
    ) -> Walked:
        """From ``fitted.w`` and ``w_plus`` [N, layers, k], which look as ``start``, to the degree
        ``target`` [N].

        A face at its target stays. One that goes past the target in its first change of degree
        keeps that latent, and one whose degree does not change in ``most`` steps and one more its
        first. One that keeps changing without arriving is stopped after six times as many, where
        the release would go on for ever.
        """
        w, w_plus = fitted.w.clone(), w_plus.clone()
        best_w, best_plus, best_degree = w.clone(), w_plus.clone(), start.degree.clone()
        best_images = start.images.clone()
        best_confidence = torch.zeros(len(w), device=w.device)
        heading, seen = torch.sign(target - start.degree), start.degree.clone()
        changed_once = torch.zeros(len(w), dtype=torch.bool, device=w.device)
        tries, steps = torch.zeros_like(target), torch.zeros_like(target)
        going = torch.nonzero(heading).flatten()
        own = fitted[going]  # generators are large: copied only when some have arrived
        while len(going):
            a, d = attribute[going], heading[going]
            w[going], w_plus[going] = self.space.step(self.fields, w[going], w_plus[going], a, d)
            now = self.look(own, w_plus[going], a)
            degree, confidence = now.degree, now.confidence
            steps[going] += 1
            beyond = d * (degree - target[going]) > 0
            change = ~beyond & (degree != seen[going])
            tries[going] = torch.where(change, 0, tries[going] + 1)
            kept = change | (beyond & ~changed_once[going])
            changed_once[going] |= change
            surer = confidence > best_confidence[going]
            kept |= ~beyond & changed_once[going] & surer
            rows = going[kept]
            best_w[rows], best_plus[rows] = w[rows], w_plus[rows]
            best_images[rows] = now.images[kept]
            best_degree[rows], best_confidence[rows] = degree[kept], confidence[kept]
            seen[going] = degree
            at_end = degree == torch.where(d > 0, MAX_DEGREE, 0)
            tired = (tries[going] > self.most) | (steps[going] >= NUM_DEGREES * self.most)
            on = ~(beyond | at_end | tired)
            going = going[on]
            own = own if bool(on.all()) else own[on]
        return Walked(best_w, best_plus, best_images, best_degree, steps)
