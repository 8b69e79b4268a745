"""Speed, measured side by side (`make bench`): inversion, LDPC decoding beside pyldpc's own
decoder, the renderer.

Absolute figures depend on the machine; the ratios are what to quote.
"""

from __future__ import annotations

import time

import numpy as np
import pyldpc
import torch

from editable_deepsc.channel.link import DigitalLink, _belief_propagation, mother_code
from editable_deepsc.data.faces import render, sample_faces
from editable_deepsc.data.seeds import seeded
from editable_deepsc.editing.inversion import invert
from editable_deepsc.evaluation.distances import embedded_lpips
from editable_deepsc.networks.perceptual import lpips_to
from editable_deepsc.networks.weights import load_bundled


def seconds(work, repeat: int = 3) -> float:
    """Median wall time of ``work()`` after one warm-up call."""
    work()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)[repeat // 2]


def bench_renderer() -> None:
    faces = sample_faces(256, seeded("bench"))
    print(
        (
            f"renderer: {256 / seconds(lambda: render(faces, 64)):.0f} images/s at 64 px, "
            f"{256 / seconds(lambda: render(faces, 128)):.0f} at 128 px"
        )
    )


def bench_inversion() -> None:
    generator, model = load_bundled("generator"), embedded_lpips(load_bundled("perceptual"))
    images = render(sample_faces(32, seeded("bench")), 64)

    def work(batch: int, iterations: int = 10) -> None:
        invert(
            images,
            generator,
            lambda x: lpips_to(model, x),
            rng=seeded(0),
            iterations=iterations,
            candidates=1,
            starts=1,
            batch=batch,
        )

    batched, single = seconds(lambda: work(32)), seconds(lambda: work(1, 2), 1) * 5
    print(
        (
            f"inversion: {320 / batched:.0f} image-iterations/s in a batch of 32, "
            f"{320 / single:.0f} one by one: {single / batched:.1f} times faster"
        )
    )


def bench_ldpc(words: int = 128, singles: int = 16) -> None:
    link = DigitalLink(0.35 * 64**2)
    parity, encode = mother_code(*link._code)
    rng = seeded("bench")
    codewords = (torch.randint(2, (words, len(encode)), generator=rng).float() @ encode) % 2
    sigma = 0.45  # BPSK: well above threshold, where both decoders are right
    observed = 1 - 2 * codewords + sigma * torch.randn(codewords.shape, generator=rng)
    logits, snr_db = -2 * observed / sigma**2, -20 * np.log10(sigma)
    ours = seconds(lambda: _belief_propagation(logits, link._code, 30)) / words
    one_by_one = observed[:singles].double().numpy()
    theirs = (
        seconds(lambda: [pyldpc.decode(parity, y, snr_db, maxiter=30) for y in one_by_one], 1)
        / singles
    )
    print(
        (
            f"LDPC, n = {parity.shape[1]}: {1 / ours:.0f} code words/s, {1 / theirs:.0f} with "
            f"pyldpc's own decoder: {theirs / ours:.1f} times faster"
        )
    )


if __name__ == "__main__":
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    bench_renderer()
    bench_ldpc()
    bench_inversion()
