"""The rules of the claims that the sweep decides: bandwidth, quality against SNR, the cliff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from ...systems.names import EDITOR
from ..measure.statistics import bootstrap_interval
from .evidence import NO, UNDECIDED, YES, Claim, Evidence, decide, verdict, weigh
from .names import system_name

OURS = "editable_deepsc"
PAPER_CBR = {  # Table I
    "deepsc+talk2edit": 0.0833,
    "jpeg_ldpc+talk2edit": 0.0389,
    "talk2edit+deepsc": 0.0833,
    "talk2edit+jpeg_ldpc": 0.0389,
    OURS: 0.0104,
}


def rivals(systems: Iterable[str], editor: str = EDITOR) -> list[str]:
    """The systems that Editable-DeepSC is compared with: of a codec and another ``editor``."""
    return sorted({system for system in systems if editor in system.split("+")})


def bandwidth(e: Evidence) -> Claim:
    """Claim 1. Yes if the CBR of every system of Table I is the paper's, to four digits."""
    ours = e.metrics[e.metrics.dataset == e.main].groupby("system").cbr.mean()
    claim = Claim(
        "1",
        "Every system uses the channel bandwidth ratio (CBR) that the paper gives (Tables I, II)",
        f"CBR of {', '.join(system_name(s) for s in PAPER_CBR)}",
        ", ".join(f"{cbr:.4f}" for cbr in PAPER_CBR.values()),
        ", ".join(f"{ours[s]:.4f}" if s in ours else "not run" for s in PAPER_CBR),
    )
    if not set(PAPER_CBR) <= set(ours.index):
        return claim
    equal = all(f"{ours[s]:.4f}" == f"{PAPER_CBR[s]:.4f}" for s in PAPER_CBR)
    return replace(claim, holds=verdict(equal))


def best_quality(e: Evidence, number: str, dataset: str | None, role: str, where: str) -> Claim:
    """Claims 2 and 5. LPIPS of every rival at every SNR, minus ours, over faces.

    Yes if ours is clearly better in every comparison, no if clearly worse in one.

    FID and KID are of sets of faces. No face has a value of its own, so they have no interval over
    faces; how often ours are lowest is stated, and decides nothing.
    """
    name = role if dataset is None else f"{role}, {dataset}"
    claim = Claim(
        number,
        f"Editable-DeepSC has the lowest LPIPS, FID and KID of all systems at every SNR on {name} "
        f"({where})",
        "comparisons of LPIPS, one for each rival and SNR, which decide; SNRs at which FID and KID "
        "are lowest, which do not. Interval: LPIPS of the rival minus ours, at the rival and SNR "
        "where this is lowest",
        "all",
    )
    differences = _lpips_differences(e, dataset)
    if not differences:
        return claim
    family = weigh(list(differences.values()))
    lowest = "; ".join(
        f"{metric.upper()} {_lowest(e, dataset, metric)}" for metric in ("fid", "kid")
    )
    return replace(
        claim,
        ours=f"LPIPS {family.counts()}; {lowest}",
        low=family.worst.low,
        high=family.worst.high,
        holds=decide(family.signs),
    )


def cliff(e: Evidence) -> Claim:
    """Claim 3. JPEG+LDPC fails within one step of the SNR, Editable-DeepSC does not.

    The largest share of its images that each JPEG+LDPC system loses between two neighbouring SNRs
    must be half or more. The largest share of its LPIPS range that Editable-DeepSC loses so must be
    60 % or less, with no outage. Percentile intervals over faces, at 95 % for all of them together
    (Bonferroni). Yes if all lie on the claim's side, no if one lies on the other, or with an outage
    of Editable-DeepSC.
    """
    claim = Claim(
        "3",
        "With falling SNR, JPEG+LDPC fails suddenly and Editable-DeepSC degrades gracefully",
        "largest share of its LPIPS range that Editable-DeepSC loses between two neighbouring SNRs "
        "(0.6 at most, to hold), and of their images that JPEG+LDPC systems lose (0.5 at least)",
        "qualitative",
    )
    rows = e.images[e.images.dataset == e.main]
    digital = [system for system in rivals(rows.system) if "jpeg_ldpc" in system.split("+")]
    mine = rows[rows.system == OURS]
    if not digital or mine.snr_db.nunique() < 3:
        return claim
    level = 1 - 0.05 / (1 + len(digital))
    share, *interval = _over_faces(mine, "lpips", level, _largest_share)
    drops = [
        _over_faces(rows[rows.system == system], "outage", level, _largest_drop)
        for system in digital
    ]
    outages = mine.outage.any()
    if outages or interval[0] > 0.6 or any(high < 0.5 for _, _, high in drops):
        holds = NO
    elif interval[1] <= 0.6 and all(low >= 0.5 for _, low, _ in drops):
        holds = YES
    else:
        holds = UNDECIDED
    lost = ", ".join(f"{drop:.2f}" for drop, _, _ in drops)
    return replace(
        claim, ours=f"{share:.2f}; {lost}", low=interval[0], high=interval[1], holds=holds
    )


def small_bandwidth(e: Evidence) -> Claim:
    """Claim 4a. Yes if ours is under 2 % of every rival's CBR at the paper's 1,024 pixels.

    Counted on the wire of the paper's systems, of the sizes of the paper's experiment.
    """
    claim = Claim(
        "4a",
        "At high resolution, Editable-DeepSC needs less than 2 % of every baseline's CBR "
        "(Table II)",
        "its CBR as a share of each baseline's, lowest and highest, counted for images of 1,024 "
        "pixels and a latent of 512 reals",
        "0.2 to 1.8 %",
    )
    if not e.paper_cbr:
        return claim
    shares = [e.paper_cbr[OURS] / e.paper_cbr[rival] for rival in rivals(e.paper_cbr)]
    ours = f"{100 * min(shares):.1f} to {100 * max(shares):.1f} %"
    return replace(claim, ours=ours, holds=verdict(max(shares) < 0.02))


def high_resolution(e: Evidence) -> Claim:
    """Claim 4b. LPIPS of every rival minus ours, over faces, at every SNR.

    An SNR is won if ours is clearly better than every rival, lost if clearly worse than one. Yes if
    80 % of the SNRs are won ("almost all"), no if more than 20 % are lost, else undecided.
    """
    name = "" if e.high_resolution is None else f" ({e.high_resolution})"
    claim = Claim(
        "4b",
        f"At high resolution{name}, Editable-DeepSC has the lowest LPIPS in almost all cases "
        "(Fig. 6)",
        "SNRs at which Editable-DeepSC has the lowest LPIPS. Interval: LPIPS of the rival minus "
        "ours, at the rival and SNR where this is lowest",
        "almost all",
    )
    differences = _lpips_differences(e, e.high_resolution)
    if not differences:
        return claim
    family = weigh(list(differences.values()))
    signs: dict[float, list[int]] = {}
    for (snr_db, _), sign in zip(differences, family.signs):
        signs.setdefault(snr_db, []).append(sign)
    verdicts = [decide(each) for each in signs.values()]
    won, lost, n = verdicts.count(YES), verdicts.count(NO), len(verdicts)
    holds = YES if won >= 0.8 * n else NO if lost > 0.2 * n else UNDECIDED
    return replace(
        claim,
        ours=f"{won} won, {lost} lost, {n - won - lost} undecided of {n}",
        low=family.worst.low,
        high=family.worst.high,
        holds=holds,
    )


def _lpips_differences(e: Evidence, dataset: str | None) -> dict[tuple[float, str], np.ndarray]:
    """(SNR, rival) -> LPIPS of the rival minus ours, of each face [N]; channel draws averaged."""
    rows = e.images[e.images.dataset == dataset]
    faces = rows.pivot_table(index="image", columns=["snr_db", "system"], values="lpips")
    return {
        (snr_db, system): (faces[snr_db, system] - faces[snr_db, OURS]).to_numpy()
        for snr_db in sorted(rows.snr_db.unique())
        for system in rivals(rows.system)
        if (snr_db, system) in faces and (snr_db, OURS) in faces
    }


def _lowest(e: Evidence, dataset: str | None, metric: str) -> str:
    """At how many SNRs ours is the lowest of all systems, such as "lowest at 3 of 5"."""
    rows = e.metrics[e.metrics.dataset == dataset]
    means = rows.pivot_table(index="snr_db", columns="system", values=metric)
    others = means[[system for system in rivals(rows.system) if system in means]].min(axis=1)
    return f"lowest at {(means[OURS] < others).sum()} of {len(means)}"


def _over_faces(rows: pd.DataFrame, column: str, level: float, statistic) -> tuple[float, ...]:
    """``statistic`` of the curve of ``column`` against ascending SNR, and its interval over faces.

    ``rows``: those of one system.
    """
    table = rows.pivot_table(index="image", columns="snr_db", values=column).dropna().to_numpy()

    def of(faces: np.ndarray) -> float:
        return float(statistic(table[faces.astype(int)].mean(0)))

    faces = np.arange(len(table))
    return of(faces), *bootstrap_interval(faces, of, level=level)


def _largest_share(curve: np.ndarray) -> float:
    """The largest step of a curve as a share of its range; 0 for a flat curve."""
    return np.abs(np.diff(curve)).max() / max(np.ptp(curve), np.finfo(float).tiny)


def _largest_drop(curve: np.ndarray) -> float:
    """The largest fall of a curve from one value to the next."""
    return (-np.diff(curve)).max()
