"""``editable-deepsc bench``: speed, measured side by side."""

from __future__ import annotations

import time
from collections.abc import Callable

import typer


def bench() -> None:
    """Measure inversion, LDPC decoding beside pyldpc's own decoder, and the renderer.

    Absolute figures depend on the machine; the ratios are what to quote.
    """
    import torch

    typer.echo(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    bench_renderer()
    bench_ldpc()
    bench_inversion()


def seconds(work: Callable[[], object], repeat: int = 3) -> float:
    """Median wall time of ``work()`` after one warm-up call."""
    work()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)[repeat // 2]


def bench_renderer() -> None:
    """Rendered faces per second."""
    from ..data.faces import render, sample_faces
    from ..data.seeds import seeded

    faces = sample_faces(256, seeded("bench"))
    small, large = (256 / seconds(lambda: render(faces, pixels)) for pixels in (64, 128))
    typer.echo(f"renderer: {small:.0f} images/s at 64 px, {large:.0f} at 128 px")


def bench_inversion() -> None:
    """Iterations of GAN inversion, in a batch and one by one."""
    from functools import partial

    from ..data.faces import render, sample_faces
    from ..data.seeds import seeded
    from ..editing.inversion import InversionRecipe, invert
    from ..networks.perceptual import lpips_to
    from ..networks.weights import load_bundled

    generator, perceptual = load_bundled("generator"), partial(lpips_to, load_bundled("perceptual"))
    images = render(sample_faces(32, seeded("bench")), 64)

    def work(batch: int, iterations: int = 10) -> None:
        recipe = InversionRecipe(
            iterations=iterations, rate=0.25, perceptual_weight=0.1, starts=1, trial=0, noise=0.5
        )
        invert(images, generator, perceptual, recipe, seeded(0), batch=batch)

    batched, single = seconds(lambda: work(32)), seconds(lambda: work(1, 2), 1) * 5
    typer.echo(
        f"inversion: {320 / batched:.0f} image-iterations/s in a batch of 32, {320 / single:.0f} "
        f"one by one: {single / batched:.1f} times faster"
    )


def bench_ldpc(words: int = 128, singles: int = 16) -> None:
    """Code words per second of the default LDPC code, beside pyldpc's decoder if it is there."""
    import math

    import torch

    from ..channel.gallager import belief_propagation, mother_code
    from ..channel.link import DigitalLink
    from ..data.seeds import seeded

    link = DigitalLink(0.35 * 64**2)
    parity, encode = mother_code(*link.code)
    rng = seeded("bench")
    codewords = (torch.randint(2, (words, len(encode)), generator=rng).float() @ encode) % 2
    sigma = 0.45  # BPSK: well above threshold, where both decoders are right
    observed = 1 - 2 * codewords + sigma * torch.randn(codewords.shape, generator=rng)
    logits, snr_db = -2 * observed / sigma**2, -20 * math.log10(sigma)
    ours = seconds(lambda: belief_propagation(logits, link.code, 30)) / words
    typer.echo(f"LDPC, n = {parity.shape[1]}: {1 / ours:.0f} code words/s", nl=False)
    try:
        import pyldpc
    except ImportError:
        typer.echo("; pyldpc is not installed, nothing to compare with")
        return
    rows = observed[:singles].double().numpy()
    theirs = seconds(lambda: [pyldpc.decode(parity, y, snr_db, maxiter=30) for y in rows], 1)
    theirs /= singles
    typer.echo(f", {1 / theirs:.0f} with pyldpc's own decoder: {theirs / ours:.1f} times faster")
