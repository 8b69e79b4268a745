"""The paper's claims, each with the rule that decides whether it held here. The rules were written
before any run.

A claim is decided from ``metrics`` (metrics.csv), ``images`` (images.csv, the same figures of
single images) and ``ablations`` (rows ``kind``, ``value`` and the columns of images.csv, all of
Editable-DeepSC at the lowest SNR). Intervals are 95 % percentile bootstraps over images, paired
where two variants are compared on the same images.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np
import pandas as pd

from .metrics import bootstrap_interval
from .tables import system_name

YES, NO, NOT_TESTED = "yes", "no", "not tested"
OURS = "editable_deepsc"
DISTANCES = ("lpips", "fid", "kid")


@dataclass(frozen=True)
class Claim:
    """One row of claims.csv. ``low`` and ``high`` bound ``ours`` where single images allow an
    interval, else NaN.
    """

    number: int
    claim: str
    quantity: str
    paper: str
    ours: str
    low: float = float("nan")
    high: float = float("nan")
    holds: str = NOT_TESTED


@dataclass(frozen=True)
class Evidence:
    """Everything a rule may look at. ``timings``: seconds per image by system and stage, batch size
    1; ``parameters``: counts by part.

    ``information``: bits about the original, a row per system, SNR, stage and face
    (``information_images.csv``), or nothing.
    """

    metrics: pd.DataFrame
    images: pd.DataFrame
    ablations: pd.DataFrame
    timings: dict[str, dict[str, float]]
    parameters: dict[str, int]
    main: str
    hq: str = "faces-hq"
    ood: str = "faces-ood"
    information: pd.DataFrame = field(default_factory=pd.DataFrame)


def judge_claims(e: Evidence) -> list[Claim]:
    """All twelve claims, in the paper's order."""
    return [
        _cbr(e),
        _best(e, 2, e.main, "Fig. 4"),
        _cliff(e),
        _high_resolution(e),
        _best(e, 5, e.ood, "Fig. 8"),
        _iterations(e),
        _matching(e),
        _finetuning(e),
        _amount(e),
        _time(e),
        _parameters(e),
        _information(e),
    ]


def _verdict(held: bool) -> str:
    return YES if held else NO


def _cell_means(e: Evidence, dataset: str) -> pd.DataFrame:
    """Means over seeds: index (system, snr_db)."""
    return (
        e.metrics[e.metrics.dataset == dataset]
        .groupby(["system", "snr_db"])[[*DISTANCES, "cbr", "outage"]]
        .mean()
    )


def _comparable(means: pd.DataFrame) -> bool:
    systems = set(means.index.get_level_values("system"))
    return OURS in systems and len(systems) > 1


def _cbr(e: Evidence) -> Claim:
    paper = {
        "deepsc+talk2edit": 0.0833,
        "jpeg_ldpc+talk2edit": 0.0389,
        "talk2edit+deepsc": 0.0833,
        "talk2edit+jpeg_ldpc": 0.0389,
        OURS: 0.0104,
    }
    ours = e.metrics[e.metrics.dataset == e.main].groupby("system").cbr.mean()
    present = [s for s in paper if s in ours]
    text = "Channel bandwidth ratio of every chain (Tables I, II)"
    return Claim(
        1,
        text,
        "CBR, in the order of Table I",
        ", ".join(f"{paper[s]:.4f}" for s in paper),
        ", ".join(f"{ours[s]:.4f}" for s in present),
        holds=_verdict(all(f"{ours[s]:.4f}" == f"{paper[s]:.4f}" for s in present))
        if len(present) == len(paper)
        else NOT_TESTED,
    )


def _best(e: Evidence, number: int, dataset: str, where: str) -> Claim:
    """Held if no baseline has a lower mean LPIPS, FID or KID at any SNR."""
    text = f"Best LPIPS, FID and KID at every SNR on {dataset} ({where})"
    quantity = "comparisons won (metric x SNR)"
    means = _cell_means(e, dataset)
    if not _comparable(means):
        return Claim(number, text, quantity, "all", "")
    ours = means.loc[OURS]
    others = means.drop(OURS, level="system").groupby("snr_db").min()
    won = (ours[list(DISTANCES)] < others[list(DISTANCES)]).to_numpy()
    return Claim(
        number, text, quantity, "all", f"{won.sum()} of {won.size}", holds=_verdict(bool(won.all()))
    )


def _cliff(e: Evidence) -> Claim:
    """Held if every JPEG+LDPC chain loses at least half of its images between two neighbouring
    SNRs, and Editable-DeepSC loses at most 60 % of its whole range of LPIPS there, with no outage
    at all.
    """
    text = "JPEG+LDPC falls off a cliff, Editable-DeepSC degrades gracefully"
    quantity = (
        "largest share of its LPIPS range that Editable-DeepSC loses between two neighbouring SNRs"
    )
    means = _cell_means(e, e.main)
    chains = [s for s in means.index.get_level_values("system").unique() if "jpeg_ldpc" in s]
    mine = e.images[(e.images.dataset == e.main) & (e.images.system == OURS)]
    if not chains or mine.snr_db.nunique() < 3:
        return Claim(3, text, quantity, "qualitative", "")
    drops = [means.loc[s].outage.sort_index().diff().min() for s in chains]
    table = mine.groupby(["image", "snr_db"]).lpips.mean().unstack()  # image x SNR, ascending

    def share(rows: np.ndarray) -> float:
        curve = table.to_numpy()[rows.astype(int)].mean(0)
        return float(np.abs(np.diff(curve)).max() / (curve.max() - curve.min()))

    rows = np.arange(len(table))
    low, high = bootstrap_interval(rows, share)
    graceful = share(rows) <= 0.6 and means.loc[OURS].outage.max() == 0
    return Claim(
        3,
        text,
        quantity,
        "qualitative",
        f"{share(rows):.2f}",
        low,
        high,
        _verdict(bool(max(drops) <= -0.5) and graceful),
    )


def _high_resolution(e: Evidence) -> Claim:
    """Held if LPIPS is best at 80 % of the SNRs at least, with under 2 % of every baseline's
    CBR.
    """
    text, quantity = (
        (
            "High resolution: best LPIPS in almost all cases at under 2 % of the baselines' "
            "CBR (Fig. 6, Table II)"
        ),
        "SNRs won; largest share of a baseline's CBR",
    )
    means = _cell_means(e, e.hq)
    if not _comparable(means):
        return Claim(4, text, quantity, "almost all; 0.2 to 1.8 %", "")
    others = means.drop(OURS, level="system")
    won = (means.loc[OURS].lpips < others.groupby("snr_db").lpips.min()).to_numpy()
    share = means.loc[OURS].cbr.mean() / others.cbr.min()
    return Claim(
        4,
        text,
        quantity,
        "almost all; 0.2 to 1.8 %",
        f"{won.sum()} of {won.size}; {share:.1%}",
        holds=_verdict(won.mean() >= 0.8 and share < 0.02),
    )


def _paired(
    e: Evidence, kind: str, a, b, column: str = "lpips"
) -> tuple[float, float, float] | None:
    """Mean and interval of column(a) - column(b) over the images of the main data set, for two
    variants of an ablation.
    """
    rows = e.ablations[(e.ablations.dataset == e.main) & (e.ablations.kind == kind)]
    if not {a, b} <= set(rows.value):
        return None
    table = rows.pivot_table(index="image", columns="value", values=column)
    difference = (table[a] - table[b]).to_numpy()
    return float(difference.mean()), *bootstrap_interval(difference)


def _iterations(e: Evidence) -> Claim:
    """Held if 70 iterations are worse than 110 outside the interval, and 150 are not better than
    110 by more than a tenth of that.
    """
    text, quantity = (
        "More inversion iterations help up to about 110, then only cost time (Table III)",
        "LPIPS at 70 less LPIPS at 110 iterations",
    )
    early, late = _paired(e, "iterations", 70, 110), _paired(e, "iterations", 110, 150)
    if early is None or late is None:
        return Claim(6, text, quantity, "0.0153", "")
    return Claim(
        6,
        text,
        quantity,
        "0.0153",
        f"{early[0]:.4f}",
        early[1],
        early[2],
        _verdict(early[1] > 0 and late[0] <= 0.1 * early[0]),
    )


def _matching(e: Evidence) -> Claim:
    """Held if the expected degree is met exactly more often with iterative matching, outside the
    interval.
    """
    text, quantity = (
        "Iterative matching makes an edit fine-grained (Fig. 10)",
        "share of exactly right degrees, with less without",
    )
    gain = _paired(e, "matching", 1, 0, "edit_exact")
    if gain is None:
        return Claim(7, text, quantity, "qualitative", "")
    return Claim(
        7, text, quantity, "qualitative", f"{gain[0]:+.3f}", gain[1], gain[2], _verdict(gain[1] > 0)
    )


def _finetuning(e: Evidence) -> Claim:
    """Held if LPIPS falls outside the interval, on every data set that was run."""
    text, quantity = (
        "Fine-tuning at the lowest SNR improves the received images (Table IV, Fig. 11)",
        "LPIPS without less LPIPS with",
    )
    gain = _paired(e, "finetune", 0, 1)
    if gain is None:
        return Claim(8, text, quantity, "0.1489", "")
    datasets = e.ablations.dataset.unique()
    everywhere = [_paired(replace(e, main=name), "finetune", 0, 1)[1] > 0 for name in datasets]
    return Claim(
        8,
        f"{text}: {', '.join(datasets)}",
        quantity,
        "0.1489",
        f"{gain[0]:.4f}",
        gain[1],
        gain[2],
        _verdict(all(everywhere)),
    )


def _amount(e: Evidence) -> Claim:
    """Held if the amount 2 is worse than 6 outside the interval, and 10 is not better than 6
    outside the interval.
    """
    text, quantity = (
        "Too little fine-tuning is worse, more than 6 brings nothing (Table V)",
        "LPIPS at 2 less LPIPS at 6",
    )
    early, late = _paired(e, "amount", 2, 6), _paired(e, "amount", 6, 10)
    if early is None or late is None:
        return Claim(9, text, quantity, "0.0494", "")
    return Claim(
        9,
        text,
        quantity,
        "0.0494",
        f"{early[0]:.4f}",
        early[1],
        early[2],
        _verdict(early[1] > 0 and late[1] <= 0),
    )


def _time(e: Evidence) -> Claim:
    """Held if every baseline takes at least a twentieth more seconds per image, one image at a
    time, than Editable-DeepSC.

    Inversion is the same work in every chain: its median over the chains stands for all of them, so
    that the noise of a clock decides nothing.
    """
    text, quantity = (
        "Fewest seconds per image of all chains (Table VI)",
        (
            "fastest chain by a twentieth or more; the seconds, which differ from run to run, "
            "are in Table VI"
        ),
    )
    if OURS not in e.timings or len(e.timings) < 2:
        return Claim(10, text, quantity, "Editable-DeepSC, by a factor of 3.3", "")
    inversion = median(stages["inversion"] for stages in e.timings.values())
    (fastest, least), (_, second), *_ = sorted(
        (
            (system, inversion + sum(stages.values()) - stages["inversion"])
            for system, stages in e.timings.items()
        ),
        key=lambda pair: pair[1],
    )
    clear = second >= 1.05 * least
    return Claim(
        10,
        text,
        quantity,
        "Editable-DeepSC, by a factor of 3.3",
        system_name(fastest) if clear else "none",
        holds=_verdict(clear and fastest == OURS),
    )


def _parameters(e: Evidence) -> Claim:
    """Held if the adapters are under 5 % of all parameters."""
    text, quantity = (
        "Fine-tuned parameters are a small share of the total (Table VII)",
        "tuned share",
    )
    if not e.parameters:
        return Claim(11, text, quantity, "lost", "")
    share = e.parameters["tuned"] / (e.parameters["tuned"] + e.parameters["frozen"])
    return Claim(11, text, quantity, "lost", f"{share:.2%}", holds=_verdict(share < 0.05))


def _information(e: Evidence) -> Claim:
    """Held if no stage of any chain, at any SNR, raises the estimate outside the interval, and no
    baseline keeps more than Editable-DeepSC
    outside the interval at any SNR: the inequality, and what the paper concludes from it for chains
    with more stages.
    """
    text = (
        "Every extra processing stage can only lose mutual information about the original "
        "(Theorem 1), so the chain with the fewest keeps most"
    )
    quantity = (
        "steps between stages that raise the estimate; SNRs at which ours keeps most; "
        "interval: bits, ours less the best baseline, at its worst SNR"
    )
    bits = e.information[e.information.dataset == e.main] if len(e.information) else e.information
    if bits.empty or OURS not in set(bits.system) or bits.system.nunique() < 2:
        return Claim(12, text, quantity, "0; all", "")
    steps = [later - earlier for earlier, later in stage_pairs(bits)]
    raised = sum(bootstrap_interval(step)[0] > 0 for step in steps)
    received = bits[bits.stage == "received"].pivot_table(
        index="image", columns=["snr_db", "system"], values="bits"
    )
    leads = []
    for snr in received.columns.unique("snr_db"):
        at = received[snr]
        best = at.drop(columns=OURS).mean().idxmax()
        leads.append((at[OURS] - at[best]).to_numpy())
    worst = bootstrap_interval(min(leads, key=np.mean))
    held = raised == 0 and all(bootstrap_interval(lead)[1] >= 0 for lead in leads)
    return Claim(
        12,
        text,
        quantity,
        "0; all",
        f"{raised} of {len(steps)}; {sum(lead.mean() > 0 for lead in leads)} of {len(leads)}",
        *worst,
        _verdict(held),
    )


def stage_pairs(bits: pd.DataFrame) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Bits of neighbouring stages, earlier and later, [N] each with faces in the same order: once
    for stages before the channel, then for every SNR.
    """
    for _, chain in bits.groupby("system", sort=False):
        tables = {
            key: part.set_index("image").bits.sort_index().to_numpy()
            for key, part in chain.groupby(["stage", "snr_db"], dropna=False, sort=False)
        }
        before = [bits_ for (_, snr), bits_ in tables.items() if pd.isna(snr)]
        yield from itertools.pairwise(before)
        for snr in chain.snr_db.dropna().unique():
            yield from itertools.pairwise(
                [before[-1], *(bits_ for (_, at), bits_ in tables.items() if at == snr)]
            )
