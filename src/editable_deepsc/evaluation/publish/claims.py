"""The paper's claims, each with the rule that decides whether it held here.

The rules were written before the run that they judge; docs/notes.md has what changed and why.

Every comparison is paired over faces, a face's channel draws averaged first, with a 95 % interval
(:func:`~..measure.statistics.paired_difference`) and Holm's correction for all comparisons of a
claim (:func:`.evidence.weigh`). Nothing is decided by an interval that contains 0: what is neither
clearly so nor clearly not so is "undecided". A claim about what was not run is "not tested".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ...systems.names import RELEASED
from .evidence import NO, UNDECIDED, YES, Claim, Evidence, decide, verdict, weigh
from .sweep_claims import (
    OURS,
    bandwidth,
    best_quality,
    cliff,
    high_resolution,
    rivals,
    small_bandwidth,
)

SHARED_STAGES = ("inversion", "editing")  # the same code in every system


def judge_claims(e: Evidence) -> list[Claim]:
    """All twelve claims, in the paper's order; the fourth and the tenth in two parts each."""
    return [
        bandwidth(e),
        best_quality(e, "2", e.main, "the main data set", "Fig. 4"),
        cliff(e),
        small_bandwidth(e),
        high_resolution(e),
        best_quality(e, "5", e.out_of_distribution, "faces out of distribution", "Fig. 8"),
        _iterations(e),
        _matching(e),
        _finetuning(e),
        _amount(e),
        _time(e),
        _time_as_released(e),
        _parameters(e),
        _information(e),
    ]


def claims_table(claims: list[Claim]) -> pd.DataFrame:
    """The claims as they are printed, a row each, all cells text."""
    return pd.DataFrame(
        [
            {
                "No.": c.number,
                "Claim": c.claim,
                "What was measured": c.quantity,
                "In the paper": c.paper,
                "Here": c.ours,
                "95 % interval": "" if np.isnan(c.low) else f"{c.low:.3g} to {c.high:.3g}",
                "Holds here": c.holds,
            }
            for c in claims
        ]
    )


# --- the ablations --------------------------------------------------------------------------------


def _by_variant(e: Evidence, dataset: str, kind: str, column: str, *values: int) -> pd.DataFrame:
    """``column`` of an ablation's variants: a row per SNR and face, a column per value of
    ``values``.

    Without columns where a variant was not run or not measured.
    """
    rows = e.ablations[(e.ablations.dataset == dataset) & (e.ablations.kind == kind)]
    table = rows.pivot_table(index=["snr_db", "image"], columns="value", values=column)
    return table[list(values)] if set(values) <= set(table) else pd.DataFrame(index=table.index)


def _flattens(e: Evidence, claim: Claim, kind: str, few: int, adopted: int, many: int) -> Claim:
    """Whether LPIPS falls from ``few`` to ``adopted`` and hardly from there to ``many``.

    Two comparisons over faces at every SNR that was run: the gain LPIPS(few) - LPIPS(adopted), and
    a tenth of it minus the further gain LPIPS(adopted) - LPIPS(many). "Brings nothing" needs such a
    margin: an interval can show that a gain is small, never that it is 0. Yes if all are clearly
    above 0, no if one is clearly below. The claim has the interval of the gain at the highest SNR.
    """
    table = _by_variant(e, e.main, kind, "lpips", few, adopted, many)
    if table.empty:
        return claim
    compared, said = [], []
    for snr_db, faces in table.groupby(level="snr_db"):
        first, further = faces[few] - faces[adopted], faces[adopted] - faces[many]
        compared += [first.to_numpy(), (0.1 * first - further).to_numpy()]
        said.append(f"{first.mean():.4f}, {further.mean():.4f} at {snr_db:g} dB")
    family = weigh(compared)
    gain = family.differences[-2]
    return replace(
        claim,
        ours="; ".join(said),
        low=gain.low,
        high=gain.high,
        holds=decide(family.signs),
    )


def _iterations(e: Evidence) -> Claim:
    """Claim 6. :func:`_flattens` at 70, 110 and 150 iterations from one random start, the paper's
    recipe, which is Table III's; at the lowest SNR, as in the paper, and at the highest.
    """
    claim = Claim(
        "6",
        "More iterations of the inversion help up to about 110, then only cost time (Table III)",
        "LPIPS at 70 iterations minus LPIPS at 110; LPIPS at 110 minus LPIPS at 150; the paper's "
        "inversion, at the lowest SNR and at the highest. Interval: of the first, at the highest",
        "0.0153; -0.0008",
    )
    return _flattens(e, claim, "iterations", 70, 110, 150)


def _matching(e: Evidence) -> Claim:
    """Claim 7. Edits with matching against edits by whole steps, over faces.

    Success; LPIPS to the true edit, where that is known; and exactness of edits whose expected
    degree is 1 to 4. At an end of the scale a step too far costs nothing, so exactness there says
    nothing about fine grains. Yes if one of the three is clearly better and none clearly worse, no
    if one is clearly worse.
    """
    middle = [image for image, degree in enumerate(e.expected_degrees) if 1 <= degree <= 4]
    claim = Claim(
        "7",
        "Iterative attributes matching makes an edit fine-grained (Fig. 10)",
        "gains by matching, at the SNR of the grids: share of successful edits; LPIPS to the true "
        "edit; share of edits with exactly the expected degree, where that is 1 to 4",
        "qualitative",
    )
    gains: dict[str, np.ndarray | None] = {}
    for place, column, better in (
        ("first", "edit_success", 1),
        ("second", "lpips_truth", -1),
        ("third", "edit_exact", 1),
    ):
        table = _by_variant(e, e.main, "matching", column, 0, 1)
        if column == "edit_exact":
            table = table[table.index.get_level_values("image").isin(middle)]
        known = len(table.columns) and len(table)
        gains[place] = better * (table[1] - table[0]).to_numpy() if known else None
    measured = {place: gain for place, gain in gains.items() if gain is not None}
    if "first" not in measured:
        return claim
    family = weigh(list(measured.values()))
    means = dict(zip(measured, family.differences))
    clear = [place for place, sign in zip(measured, family.signs) if sign]
    shown = next(iter(clear), "first")
    won = 1 in family.signs and -1 not in family.signs
    return replace(
        claim,
        quantity=f"{claim.quantity}. Interval: of the {shown}",
        ours="; ".join(f"{means[p].mean:+.3f}" if p in means else "not known" for p in gains),
        low=means[shown].low,
        high=means[shown].high,
        holds=YES if won else NO if -1 in family.signs else UNDECIDED,
    )


def _finetuning(e: Evidence) -> Claim:
    """Claim 8. LPIPS without minus LPIPS with, over faces, on every data set that was run.

    Yes if clearly above 0 on all of them, no if clearly below on one.
    """
    claim = Claim(
        "8",
        "Fine-tuning for the lowest SNR improves the received images (Table IV, Fig. 11)",
        "LPIPS without fine-tuning minus LPIPS with, at the lowest SNR",
        "0.1489",
    )
    tables = {
        name: _by_variant(e, name, "finetune", "lpips", 0, 1)
        for name in dict.fromkeys([e.main, *e.ablations.dataset])
    }
    if tables[e.main].empty:
        return claim
    measured = {name: table for name, table in tables.items() if not table.empty}
    family = weigh([(table[0] - table[1]).to_numpy() for table in measured.values()])
    gain = family.differences[0]
    return replace(
        claim,
        claim=f"{claim.claim}, on {' and on '.join(measured)}",
        quantity=f"{claim.quantity}, on {e.main}",
        ours=f"{gain.mean:.4f}",
        low=gain.low,
        high=gain.high,
        holds=decide(family.signs),
    )


def _amount(e: Evidence) -> Claim:
    """Claim 9. :func:`_flattens` at no steps, which is the closed form, the adopted number of
    steps, and twice as many.
    """
    claim = Claim(
        "9",
        "Too little fine-tuning is worse, and more than the adopted amount brings nothing "
        "(Table V)",
        "LPIPS of the closed form alone minus LPIPS after the adopted steps, which has the "
        "interval; LPIPS after these minus LPIPS after twice as many; at the lowest SNR",
        "0.0494; -0.0029, between amounts of 2, 6 and 10 whose unit is lost",
    )
    return _flattens(e, claim, "amount", 0, e.adopted_steps, 2 * e.adopted_steps)


# --- costs and information ------------------------------------------------------------------------


def _time(e: Evidence) -> Claim:
    """Claim 10a. Seconds per image beside inversion and editing, one image at a time.

    All chains invert and edit by the same code, so only what is left can differ: coding, channel,
    decoding, generation. Yes if every rival takes at least a fifth more than Editable-DeepSC, no if
    one takes at least a fifth less, else undecided: on milliseconds a clock's noise makes a fifth.
    """
    claim = Claim(
        "10a",
        "With one editor in all systems, Editable-DeepSC needs the fewest seconds per image "
        "(Table VI)",
        "rivals that are slower than Editable-DeepSC, faster, and the same by a fifth, in all "
        "stages but inversion and editing, which are the same work in every system (the seconds, "
        "which differ from run to run, are in Table VI)",
        "all slower, by a factor of 3.3, with another editor",
    )
    seconds = {
        system: sum(taken for stage, taken in stages.items() if stage not in SHARED_STAGES)
        for system, stages in e.timings.items()
    }
    return _slower(claim, seconds, rivals(e.timings), 1.2)


def _time_as_released(e: Evidence) -> Claim:
    """Claim 10b. Seconds per image of chains that edit with Talk-to-Edit as released.

    Yes if every rival takes at least a twentieth more than Editable-DeepSC, no if one takes at
    least a twentieth less, else undecided.
    """
    claim = Claim(
        "10b",
        "Beside Talk-to-Edit as its authors released it, Editable-DeepSC needs the fewest seconds "
        "per image (Table VI)",
        "chains with the released Talk-to-Edit that are slower than Editable-DeepSC, faster, and "
        "the same by a twentieth, in all stages",
        "all slower, by a factor of 3.3",
    )
    seconds = {system: sum(stages.values()) for system, stages in e.timings.items()}
    return _slower(claim, seconds, rivals(e.timings, RELEASED), 1.05)


def _slower(claim: Claim, seconds: Mapping[str, float], others: list[str], by: float) -> Claim:
    """Whether all ``others`` take ``by`` times the seconds of Editable-DeepSC, or more."""
    if OURS not in seconds or not others:
        return claim
    slower = sum(seconds[other] >= by * seconds[OURS] for other in others)
    faster = sum(seconds[OURS] >= by * seconds[other] for other in others)
    same = len(others) - slower - faster
    return replace(
        claim,
        ours=f"{slower} slower, {faster} faster, {same} the same",
        holds=decide([1] * slower + [-1] * faster + [0] * same),
    )


def _parameters(e: Evidence) -> Claim:
    """Claim 11. Yes if the adapters are under 5 % of all parameters."""
    claim = Claim(
        "11",
        "The fine-tuned parameters are a small share of all (Table VII)",
        "share of Editable-DeepSC's parameters that are fine-tuned for an SNR",
        "lost in our copy of the paper",
    )
    if not e.parameters:
        return claim
    share = e.parameters["tuned"] / (e.parameters["tuned"] + e.parameters["frozen"])
    return replace(claim, ours=f"{share:.2%}", holds=verdict(share < 0.05))


def _information(e: Evidence) -> Claim:
    """Claim 12. What the paper concludes for systems of more stages.

    The inequality itself is proven, so no measurement decides on it. How often the estimate clearly
    rises from one stage to the next is stated: it says how far the estimate can be trusted.
    Compared over faces is what Editable-DeepSC keeps minus what a rival keeps, for every rival and
    SNR. Yes if it clearly keeps more in all of them, no if clearly less in one, else undecided.
    """
    claim = Claim(
        "12",
        "Stages of processing can only lose information about the original (Theorem 1), so the "
        "system with the fewest stages keeps most",
        "comparisons of what is kept, one for each rival and SNR, which decide; steps from stage "
        "to stage at which the estimate clearly rises, which the theorem rules out for the "
        "information itself. Interval: bits that Editable-DeepSC keeps minus bits that the rival "
        "keeps, at the rival and SNR where this is lowest",
        "all better; 0",
    )
    bits = e.information[e.information.dataset == e.main] if len(e.information) else e.information
    if bits.empty or OURS not in set(bits.system) or not rivals(bits.system):
        return claim
    steps = weigh([earlier - later for earlier, later in _stage_pairs(bits)])
    received = bits[bits.stage == "received"].pivot_table(
        index="image", columns=["snr_db", "system"], values="bits"
    )
    kept = weigh(
        [
            (received[snr_db, OURS] - received[snr_db, system]).to_numpy()
            for snr_db, system in received.columns
            if system in rivals(bits.system)
        ]
    )
    return replace(
        claim,
        ours=f"{kept.counts()}; {steps.signs.count(-1)} of {len(steps.signs)}",
        low=kept.worst.low,
        high=kept.worst.high,
        holds=decide(kept.signs),
    )


def _stage_pairs(bits: pd.DataFrame) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Bits of neighbouring stages, earlier and later, [N] each with faces in the same order.

    Once for stages before the channel, then for every SNR.
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
