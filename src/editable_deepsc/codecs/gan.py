"""The layered GAN codec on the digital link: integers, a range coder, and then whatever JPEG goes
through.

    stream = levels (1 byte: base in the high half, enhancement in the low) | range-coded symbols of
    the base layer, then of the enhancement layer

The probabilities are integers that were stored with the weights
(:class:`~editable_deepsc.networks.gan_codec.FactorisedPrior`), constants of both ends; no length is
on air, because the number of symbols is fixed by the levels and zeros behind the stream are part of
no code word. Both ends run the
networks only to get from pictures to integers and back: rounding on another machine changes a
pixel, never the decoding of the bits.
"""

from __future__ import annotations

import constriction
import numpy as np
import torch
from torch import Tensor

from ..data.pixels import from_uint8, to_uint8
from ..networks.gan_codec import LARGEST, LEVELS, FactorisedPrior, LayeredCodec
from .base import register
from .digital import Digital

_FAMILY = constriction.stream.model.Categorical(perfect=False)
_WORD = 4  # bytes of the range coder's words


class LayeredSource:
    """A :class:`~editable_deepsc.codecs.source.SourceCoder` of the networks of both layers.

    The base layer gets the finest level that fits ``base_share`` of the bytes (or the coarsest,
    where none does), the enhancement layer the finest that fits the rest. ``base_share`` 1: no
    enhancement layer at all.
    """

    name = "gan_codec"

    def __init__(self, model: LayeredCodec, base_share: float) -> None:
        if not 0 < base_share <= 1:
            raise ValueError(
                (
                    "the base layer's share of the bits must lie above 0 and at most at 1, not "
                    f"at {base_share}"
                )
            )
        self.model, self.base_share = model, base_share

    @torch.inference_mode()
    def encode(self, image: np.ndarray, max_bytes: int) -> bytes | None:
        """Image uint8 [R, R, 3] -> at most ``max_bytes``; None where even the coarsest base layer
        takes more.
        """
        model = self.model
        if image.shape != (model.resolution, model.resolution, 3):
            raise ValueError(
                (
                    f"this layered codec was trained for pictures of {model.resolution} pixels, "
                    f"not for {list(image.shape)}"
                )
            )
        x = (
            from_uint8(torch.from_numpy(image.copy()))
            .permute(2, 0, 1)[None]
            .to(next(model.parameters()).device)
        )
        y = model.analyse_base(x)
        found = _finest(model.base_prior, y, round(self.base_share * max_bytes)) or _finest(
            model.base_prior, y, max_bytes, finest=1
        )
        if found is None:
            return None
        level, symbols, best = found
        if self.base_share == 1:
            return best
        base = model.base_picture(
            _grid(symbols, model.base_prior), torch.tensor([level]).to(x.device)
        )
        found = _finest(
            model.enhancement_prior,
            model.analyse_residual(x, base),
            max_bytes,
            LEVELS,
            level,
            (symbols, model.base_prior.frequencies(level)),
        )
        return best if found is None else found[2]

    @torch.inference_mode()
    def decode(self, stream: bytes, resolution: int) -> np.ndarray:
        """Image uint8 [R, R, 3] of a stream and any number of zero bytes behind it; ValueError if
        it is none.
        """
        model = self.model
        level, enhancement_level = divmod(stream[0] if stream else 0, LEVELS + 1)
        if level == 0 or resolution != model.resolution:
            raise ValueError(
                (
                    "the layered stream does not start with a level of its base layer, or is "
                    "for another resolution"
                )
            )
        frequencies = [model.base_prior.frequencies(level)]
        if enhancement_level:
            frequencies.append(model.enhancement_prior.frequencies(enhancement_level))
        symbols = _range_decode(stream[1:], frequencies)
        device = next(model.parameters()).device
        base_level = torch.tensor([level]).to(device)
        image = base = model.base_picture(_grid(symbols[0], model.base_prior), base_level)
        if enhancement_level:
            image = base + model.residual(
                _grid(symbols[1], model.enhancement_prior),
                torch.tensor([enhancement_level]).to(device),
                base,
            )
        return to_uint8(image)[0].permute(1, 2, 0).cpu().numpy()


def _grid(symbols: np.ndarray, prior: FactorisedPrior) -> Tensor:
    return torch.from_numpy(symbols).to(prior.mean.device).float().reshape(1, *prior.mean.shape)


def _finest(
    prior: FactorisedPrior,
    y: Tensor,
    max_bytes: int,
    finest: int = LEVELS,
    base_level: int = 0,
    before: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[int, np.ndarray, bytes] | None:
    """The finest level, ``finest`` at most, of latents y [1, C, h, w] whose stream, with the layer
    ``before`` it, fits: level, symbols int32 [C h w], stream.
    """
    for level in range(finest, 0, -1):
        symbols = (
            prior.symbols(y, torch.tensor([level]).to(y.device))
            .round()
            .clamp(-LARGEST, LARGEST)
            .flatten()
            .cpu()
            .numpy()
            .astype(np.int32)
        )
        layers = ([before] if before else []) + [(symbols, prior.frequencies(level))]
        if 1 + sum(map(_ideal_bits, layers)) / 8 <= max_bytes:
            stream = bytes(
                [(LEVELS + 1) * (base_level or level) + (level if base_level else 0)]
            ) + _range_encode(layers)
            if len(stream) <= max_bytes:
                return level, symbols, stream
    return None


def _ideal_bits(layer: tuple[np.ndarray, np.ndarray]) -> float:
    """What no coder can go below."""
    symbols, frequencies = layer
    taken = np.take_along_axis(frequencies, symbols[:, None] + LARGEST, 1)[:, 0]
    return float(-np.log2(taken / frequencies.sum(1)).sum())


def _range_encode(layers: list[tuple[np.ndarray, np.ndarray]]) -> bytes:
    """Symbols of every layer, by its frequencies -> the fewest bytes that, with zeros behind them,
    decode to the same symbols.
    """
    coder = constriction.stream.queue.RangeEncoder()
    for symbols, frequencies in layers:
        coder.encode(symbols + LARGEST, _FAMILY, _probabilities(frequencies))
    whole = coder.get_compressed().astype(">u4").tobytes()
    # The coder ends on a word of 4 bytes, as long as a tenth of a small picture; any number in its
    # last interval would do.
    shortest, number = whole, int.from_bytes(whole, "big")
    for cut in range(1, min(_WORD + 1, len(whole)) + 1):
        for head in (number >> 8 * cut, (number >> 8 * cut) + 1):
            if head >> 8 * (len(whole) - cut) == 0 and _decodes_to(
                short := head.to_bytes(len(whole) - cut, "big"), layers
            ):
                shortest = short
    return shortest


def _decodes_to(stream: bytes, layers: list[tuple[np.ndarray, np.ndarray]]) -> bool:
    try:
        decoded = _range_decode(stream, [frequencies for _, frequencies in layers])
    except ValueError:
        return False
    return all(np.array_equal(found, symbols) for found, (symbols, _) in zip(decoded, layers))


def _range_decode(stream: bytes, frequencies: list[np.ndarray]) -> list[np.ndarray]:
    """The symbols of every layer; ValueError where the bytes are no code word."""
    padded = stream + bytes(-len(stream) % _WORD)
    coder = constriction.stream.queue.RangeDecoder(np.frombuffer(padded, ">u4").astype(np.uint32))
    try:
        return [
            np.asarray(coder.decode(_FAMILY, _probabilities(f)), np.int32) - LARGEST
            for f in frequencies
        ]
    except (AssertionError, ValueError) as error:
        raise ValueError(f"the layered stream is corrupted: {error}") from error


def _probabilities(frequencies: np.ndarray) -> np.ndarray:
    """Quotients of integers: the same on every machine."""
    return frequencies / frequencies.sum(1, keepdims=True)


@register("gan_codec")
class GanCodec(Digital):
    """GAN-based image semantic coding over the digital link: the source coder above in a frame of
    ``base_bpp`` + ``enhancement_bpp`` bits per pixel.

    ``channel_code`` and ``code`` are those of :class:`~editable_deepsc.codecs.digital.Digital`, as
    are frame, padding and outage. Moving rate from the enhancement layer to the base layer moves
    the picture from low distortion to good perception; no training is needed for that.
    """

    def __init__(
        self,
        model: LayeredCodec,
        base_bpp: float = 0.2,
        enhancement_bpp: float = 0.15,
        channel_code: str = "5g",
        **code,
    ) -> None:
        if base_bpp <= 0 or enhancement_bpp < 0:
            raise ValueError(
                (
                    "the base layer needs bits and the enhancement layer must not take less "
                    f"than none, not {base_bpp} and {enhancement_bpp} bits per pixel"
                )
            )
        bpp = base_bpp + enhancement_bpp
        super().__init__(
            model.resolution, LayeredSource(model, base_bpp / bpp), channel_code, bpp, **code
        )
