"""What another training of the same thing changes, beside what separates systems."""

from __future__ import annotations

import pandas as pd

from ..measure.statistics import paired_difference
from .names import system_name, system_order

REFERENCE = "editable_deepsc"
MEASURE = "lpips_truth"  # or, where no true edit is known, LPIPS to the original
OTHER = "lpips"


def training_noise_rows(images: pd.DataFrame, main: str) -> pd.DataFrame:
    """One row for each SNR and system.

    ``images``: rows of single images, columns ``dataset``, ``system``, ``snr_db``, ``image`` and
    :data:`MEASURE`; ``main``: the data set of the first training, every other one is the same faces
    with another training. A system's value by each training; how much the second is more than the
    first; and how much each is more than Editable-DeepSC of the same training.
    """
    column = OTHER if images[MEASURE].isna().all() else MEASURE
    faces = images.groupby(["dataset", "system", "snr_db", "image"])[column].mean()
    datasets = [main, *sorted(set(images.dataset) - {main})]
    rows = []
    for snr_db in sorted(images.snr_db.unique()):
        for system in system_order(images.system):
            by = {name: faces[name, system, snr_db] for name in datasets}
            row = {"SNR (dB)": f"{snr_db:g}", "Method": system_name(system)}
            row |= {f"Training {i + 1}": f"{by[n].mean():.4f}" for i, n in enumerate(datasets)}
            for i, name in enumerate(datasets[1:], 2):
                row[f"Training {i} − training 1"] = _difference(by[name] - by[main])
            for i, name in enumerate(datasets, 1):
                apart = by[name] - faces[name, REFERENCE, snr_db]
                row[f"More than Editable-DeepSC's, training {i}"] = (
                    "–" if system == REFERENCE else _difference(apart)
                )
            rows.append(row)
    return pd.DataFrame(rows)


def _difference(values: pd.Series) -> str:
    found = paired_difference(values.to_numpy())
    return f"{found.mean:+.4f} ({found.low:+.4f} to {found.high:+.4f})".replace("-", "−")
