"""Small tables as the studies of the codecs make them, with known verdicts."""

from __future__ import annotations

import numpy as np
import pandas as pd


def rates_table() -> pd.DataFrame:
    """GAN better than JPEG at 0.2, worse at 0.1, where JPEG does not fit all images."""
    rows = [
        ("gan_codec", 0.1, 0.4, 0.2, 9.0, 24.0, 0.0, True),
        ("jpeg_5g", 0.1, np.nan, 0.1, 5.0, 24.0, 0.2, True),
        ("gan_codec", 0.2, 0.4, 0.2, 4.0, 26.0, 0.0, True),
        ("gan_codec", 0.2, 1.0, 0.1, 3.0, 25.0, 0.0, False),
        ("jpeg_5g", 0.2, np.nan, 0.5, 12.0, 24.0, 0.0, True),
    ]
    return pd.DataFrame(
        rows, columns=["codec", "bpp", "base_share", "lpips", "fid", "psnr_db", "outage", "default"]
    )


def hits_table(gain: float, n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    plain = rng.integers(0, 6, n) / 5
    better = np.clip(plain + gain, 0, 1)
    parts = [
        pd.DataFrame(
            {
                "codec": name,
                "snr_db": 6.0,
                "image": range(n),
                "accuracy": values,
                "psnr_db": 25.0,
                "outage": 0.0,
                "real_dims": 1024,
            }
        )
        for name, values in (("semantic_jscc", better), ("deepjscc", plain))
    ]
    return pd.concat(parts)


def mismatch_table(loss: float) -> pd.DataFrame:
    rows = [
        (t, s, 25.0 + 0.1 * s - (loss if t != s else 0), loss if t != s else 0.0)
        for t in (3.0, 6.0, 9.0)
        for s in (3.0, 6.0, 9.0)
    ] + [(3.0, -6.0, 20.0, np.nan)]
    return pd.DataFrame(
        [("deepjscc_matched", *row) for row in rows],
        columns=["codec", "trained_db", "snr_db", "psnr_db", "loss_db"],
    )
