from __future__ import annotations

import pytest

from editable_deepsc.editing.memory import MIB, batch_for


def test_the_batch_is_what_fits():
    # The measurement that the rule comes from: at 128 pixels one image 326 MiB with the networks,
    # 139 MiB each further one.
    for images in (1, 4, 16):
        need = (326 + 139 * (images - 1)) * MIB
        assert (
            batch_for(128, int(1.2 * need)) >= images
            and batch_for(128, int(0.95 * need) + 100 * MIB) <= images + 1
        )
    assert (
        batch_for(128, 1600 * MIB) == 9 and batch_for(1024, 3000 * MIB) == 1
    )  # the paper's figures for one image are enough
    assert batch_for(1024, 24_000 * MIB) == 9
    assert batch_for(128, 10**12) == 32 and batch_for(128, 10**12, most=8) == 8
    assert batch_for(128, 1600 * MIB, channel_multiplier=2) < 9  # wider layers, fewer images
    with pytest.raises(ValueError, match="1024 pixels takes 27.. MiB and 1600 MiB are free"):
        batch_for(1024, 1600 * MIB)
