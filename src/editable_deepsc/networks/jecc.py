"""Joint editing-channel coding: one field of fully connected layers per attribute (F_a of eq 11),
and the channel adapters (eq 16, 17).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..data.attributes import ATTRIBUTES
from .sizes import unusual
from .stylegan2 import rms_normalise


class SemanticFields(nn.Module):
    """F_a for all five attributes: z [N, k], attribute [N] -> step [N, k].

    The five stacks are stored as one batched weight per layer, so that a batch of mixed attributes
    is three matrix products. The same class serves Editable-DeepSC (trained through the channel)
    and Talk-to-Edit (trained without one).
    """

    def __init__(self, latent: int = 128, hidden: int = 192, layers: int = 3):
        super().__init__()
        sizes = [latent] + [hidden] * (layers - 1) + [latent]
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
            gain = 0.1 if i == layers - 1 else 1.0  # the first steps are small
            self.weights.append(
                nn.Parameter(torch.randn(len(ATTRIBUTES), b, a) * gain * (2 / a) ** 0.5)
            )
            self.biases.append(nn.Parameter(torch.zeros(len(ATTRIBUTES), b)))

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``SemanticFields(**config)`` fits this state dict."""
        _, hidden, latent = self.weights[0].shape
        return {"latent": latent} | unusual(type(self), hidden=hidden, layers=len(self.weights))

    def forward(self, z: Tensor, attribute: Tensor) -> Tensor:
        x = z
        last = len(self.weights) - 1
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            x = torch.baddbmm(bias[attribute, :, None], weight[attribute], x[:, :, None])[:, :, 0]
            if i < last:
                x = F.leaky_relu(x, 0.2)
        return x


class Adapter(nn.Module):
    """Shape-preserving fully connected layers: [N, k] -> [N, k] (eq 16, 17).

        z -> A z + b + W_2 act(W_1 z + b_1) + b_2

    A is the identity and b zero, or with ``affine`` an own layer; W_2 and b_2 are zero before
    training.
    """

    def __init__(self, latent: int = 128, hidden: int = 128, affine: bool = False):
        super().__init__()
        self.first = nn.Linear(latent, hidden)
        self.second = nn.Linear(hidden, latent)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)
        self.skip = nn.Linear(latent, latent) if affine else nn.Identity()
        if isinstance(self.skip, nn.Linear):
            nn.init.eye_(self.skip.weight)
            nn.init.zeros_(self.skip.bias)

    def forward(self, z: Tensor) -> Tensor:
        return self.skip(z) + self.second(F.leaky_relu(self.first(z), 0.2))


class ChannelAdapters(nn.Module):
    """The pair of adapters that is fine-tuned for one SNR; everything else stays frozen (eq 18)."""

    def __init__(self, latent: int = 128, hidden: int = 128, affine: bool = False):
        super().__init__()
        self.encoder = Adapter(latent, hidden, affine)
        self.decoder = Adapter(latent, hidden, affine)

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``ChannelAdapters(**config)`` fits this state dict."""
        hidden, latent = self.encoder.first.weight.shape
        affine = isinstance(self.encoder.skip, nn.Linear)
        return {"latent": latent} | unusual(type(self), hidden=hidden, affine=affine)

    def transmit(self, z: Tensor) -> Tensor:
        """z* -> what is sent once its power is normalised (eq 16)."""
        return self.encoder(z)

    def receive(self, received: Tensor) -> Tensor:
        """Channel output -> latent for the generator (eq 17). The received power carries no
        message: it is normalised away.
        """
        return self.decoder(rms_normalise(received))
