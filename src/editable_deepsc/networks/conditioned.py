"""Channel adapters that serve every SNR: one pair, with the SNR as an input (eq 16, 17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .sizes import unusual
from .stylegan2 import rms_normalise

SCALE_DB = 20.0  # SNRs enter a layer divided by this


class ConditionedAdapter(nn.Module):
    """Shape-preserving layers that know the SNR: z [N, k], SNR in dB [N] -> [N, k].

        z, SNR -> B (g(SNR) * (A z + a)) + b + W_2 act(W_1 [z, SNR] + b_1) + b_2

    The gains g(SNR) [k] are learned at ``knots`` dB, linear between them and constant outside.
    Before training A and B are the identity, the gains one, and W_2, b_2, a and b zero.
    """

    knots: Tensor

    def __init__(self, knots: Sequence[float], latent: int = 128, hidden: int = 128):
        super().__init__()
        self.register_buffer("knots", torch.tensor(knots, dtype=torch.float32), persistent=False)
        self.gains = nn.Parameter(torch.ones(len(knots), latent))
        self.before, self.after = nn.Linear(latent, latent), nn.Linear(latent, latent)
        for layer in (self.before, self.after):
            nn.init.eye_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.first = nn.Linear(latent + 1, hidden)
        self.second = nn.Linear(hidden, latent)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def gain(self, snr_db: Tensor) -> Tensor:
        """g(SNR) [N, k] of SNRs [N]."""
        knots = self.knots
        snr = snr_db.to(knots).clamp(knots[0], knots[-1])
        right = torch.searchsorted(knots, snr).clamp(1, len(knots) - 1)
        share = ((snr - knots[right - 1]) / (knots[right] - knots[right - 1]))[:, None]
        return torch.lerp(self.gains[right - 1], self.gains[right], share)

    def forward(self, z: Tensor, snr_db: Tensor) -> Tensor:
        level = (snr_db / SCALE_DB).to(z)[:, None]
        bent = self.second(F.leaky_relu(self.first(torch.cat([z, level], 1)), 0.2))
        return self.after(self.gain(snr_db) * self.before(z)) + bent


class ConditionedAdapters(nn.Module):
    """The pair of adapters of all SNRs. ``knots``: two or more SNRs in dB, rising."""

    def __init__(self, knots: Sequence[float], latent: int = 128, hidden: int = 128):
        super().__init__()
        self.encoder = ConditionedAdapter(knots, latent, hidden)
        self.decoder = ConditionedAdapter(knots, latent, hidden)

    def config(self) -> dict:
        """Constructor arguments, JSON-able: ``ConditionedAdapters(**config)`` fits this state."""
        first = self.encoder.first
        sizes = {"latent": first.in_features - 1, "hidden": first.out_features}
        return {"knots": self.encoder.knots.tolist()} | unusual(type(self), **sizes)

    def transmit(self, z: Tensor, snr_db: Tensor) -> Tensor:
        """z* [N, k], SNRs [N] -> what is sent once its power is normalised (eq 16)."""
        return self.encoder(z, snr_db)

    def receive(self, received: Tensor, snr_db: Tensor) -> Tensor:
        """Channel output [N, k], SNRs [N] -> latents for the generator (eq 17). The received power
        carries no message: it is normalised away.
        """
        return self.decoder(rms_normalise(received), snr_db)

    def at(self, snr_db: float | Tensor) -> ConditionedPair:
        """The pair that serves one SNR in dB, or each row its own [N]."""
        return ConditionedPair(self, snr_db)


@dataclass(frozen=True)
class ConditionedPair:
    """Conditioned adapters at a given SNR, used as a pair that was fine-tuned for it."""

    adapters: ConditionedAdapters
    snr_db: float | Tensor

    def transmit(self, z: Tensor) -> Tensor:
        return self.adapters.transmit(z, self._levels(z))

    def receive(self, received: Tensor) -> Tensor:
        return self.adapters.receive(received, self._levels(received))

    def _levels(self, z: Tensor) -> Tensor:
        return torch.as_tensor(self.snr_db, dtype=z.dtype, device=z.device).expand(len(z))
