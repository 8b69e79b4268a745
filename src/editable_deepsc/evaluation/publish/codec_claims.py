"""What the sources of the codecs claim, and whether it held here: rules written before the run."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .evidence import NOT_TESTED, verdict


@dataclass(frozen=True)
class CodecClaim:
    """One row of the table of the codecs' claims."""

    claim: str
    rule: str
    measured: str
    holds: str


def codec_claims(
    rates: pd.DataFrame, tasks: pd.DataFrame, mismatch: pd.DataFrame, layered: str, jpeg: str
) -> list[CodecClaim]:
    """The claims about codecs, by rules written before the run.

    ``rates``: of :func:`rate_rows` with ``codec``, ``bpp`` and ``base_share``; ``tasks``: of
    :func:`with_intervals`; ``mismatch``: ``trained_db``, ``snr_db``, ``loss_db``; ``layered`` and
    ``jpeg``: names of codecs in ``rates``.
    """
    return [_better_than_jpeg(rates, layered, jpeg), _importance(tasks), _graceful(mismatch)]


def _better_than_jpeg(rates: pd.DataFrame, layered: str, jpeg: str) -> CodecClaim:
    claim = "The GAN codec is better than JPEG in LPIPS and FID at the lowest common rate"
    rule = (
        "LPIPS and FID both lower, at the lowest rate of the study at which every image fits "
        "with both, at the split of the config"
    )
    bpp = lowest_common_rate(rates, [layered, jpeg])
    if bpp is None:
        return CodecClaim(claim, rule, "", NOT_TESTED)
    at = rates[(rates.bpp == bpp) & rates.default].set_index("codec")
    measured = "; ".join(
        f"{name.upper()} {at[name][layered]:.3f} against {at[name][jpeg]:.3f}"
        for name in ("lpips", "fid")
    )
    held = all(at[name][layered] < at[name][jpeg] for name in ("lpips", "fid"))
    return CodecClaim(claim, rule, f"{bpp:g} bits per pixel: {measured}", verdict(held))


def _importance(tasks: pd.DataFrame) -> CodecClaim:
    claim = (
        "Semantic weighting improves attribute accuracy over the unweighted codec at equal CBR "
        "and SNR"
    )
    rule = "the paired 95 % interval of the gain lies above 0, at every SNR"
    rows = tasks.dropna(subset="gain").sort_values("snr_db")
    if rows.empty:
        return CodecClaim(claim, rule, "", NOT_TESTED)
    measured = "; ".join(
        (
            f"{r.snr_db:g} dB: {100 * r.gain:+.1f} points ({100 * r.gain_low:+.1f} to "
            f"{100 * r.gain_high:+.1f})"
        )
        for r in rows.itertuples()
    )
    return CodecClaim(claim, rule, measured, verdict((rows.gain_low > 0).all()))


def _graceful(mismatch: pd.DataFrame) -> CodecClaim:
    claim = "DeepJSCC is within 1 dB PSNR of its matched version when the SNR is off by 3 dB"
    rule = "loss of at most 1 dB wherever training and channel are 3 dB apart"
    off = mismatch[(mismatch.trained_db - mismatch.snr_db).abs() == 3].dropna(subset="loss_db")
    if off.empty:
        return CodecClaim(claim, rule, "", NOT_TESTED)
    measured = "; ".join(
        f"trained at {r.trained_db:g}, sent at {r.snr_db:g} dB: {r.loss_db:.2f} dB"
        for r in off.itertuples()
    )
    return CodecClaim(claim, rule, measured, verdict((off.loss_db <= 1).all()))


def lowest_common_rate(rates: pd.DataFrame, codecs: list[str]) -> float | None:
    """The lowest ``bpp`` at which every image fits with each of ``codecs``, or None."""
    fits = rates[rates.codec.isin(codecs)].groupby(["bpp", "codec"]).outage.min().eq(0).unstack()
    common = fits.index[fits.reindex(columns=codecs).eq(True).all(axis=1)]
    return float(common.min()) if len(common) else None
