"""``editable-deepsc bench``: speed, measured side by side."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer

LAMBDA = 0.372  # of eq 8, as in config.yaml
PLAIN_ITERATIONS = 2  # of the plain loop, which is slow
WORDS, SINGLE_WORDS = 128, 16  # LDPC code words in a batch, and one by one
PEAK = {"channels": 192, "side": 32}  # of the convolution that stands for the machine's peak


def bench(
    batch: Annotated[int, typer.Option(help="Images at once.", min=1, max=256)] = 32,
    repeat: Annotated[int, typer.Option(help="Runs, of which the median counts.", min=1)] = 3,
) -> None:
    """Measure inversion, edits, LDPC decoding and the renderer, each beside another way to do it.

    Absolute figures depend on the machine; the ratios are what to quote. With
    ONEDNN_MAX_CPU_ISA=AVX2 before the command it computes like an ordinary laptop.
    """
    import torch

    from .options import MACHINE

    device = torch.device(MACHINE.get().device)
    typer.echo(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {device}")
    bench_renderer(repeat)
    bench_ldpc(repeat)
    bench_inversion(device, batch, repeat)
    bench_edits(device, min(batch, 16), repeat)


def seconds(work: Callable[[], object], repeat: int = 3) -> float:
    """Median wall time of ``work()`` after one warm-up call."""
    import torch

    work()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return sorted(times)[repeat // 2]


def line(what: str, value: str, ratio: float | None = None, other: str = "") -> None:
    """One line of the report; ``ratio``: how many times faster than ``other``."""
    typer.echo(f"{what:<44} {value:>18}" + (f"   {ratio:.2f} x {other}" if ratio else ""))


def bench_renderer(repeat: int) -> None:
    """Rendered faces per second."""
    from ..data.faces import render, sample_faces
    from ..data.seeds import seeded

    faces = sample_faces(256, seeded("bench"))
    small, large = (256 / seconds(lambda: render(faces, p), repeat) for p in (64, 128))
    line("renderer, 64 pixels", f"{small:.0f} images/s")
    line("renderer, 128 pixels", f"{large:.0f} images/s")


def bench_inversion(device, batch: int, repeat: int) -> None:
    """Iterations of eq 9: in a batch, in both precisions, beside a plain loop, the peak of the
    machine's convolutions and the compiled step.
    """
    from ..data.faces import render, sample_faces
    from ..data.seeds import seeded
    from ..editing.compiled import choose_compiled, compiled_slope
    from ..editing.inversion import InversionRecipe, invert
    from ..networks.perceptual import lpips_to
    from ..networks.precision import choose_precision, precision
    from ..networks.weights import load_bundled

    generator = load_bundled("generator").to(device)
    perceptual = partial(lpips_to, load_bundled("perceptual").to(device))
    images = render(sample_faces(batch, seeded("bench")), 64).to(device)

    def took(n: int, iterations: int) -> float:
        recipe = InversionRecipe(
            iterations=iterations, rate=0.25, perceptual_weight=LAMBDA, batch=batch
        )
        work = partial(invert, images[:n], generator, perceptual, recipe, seeded(0))
        return seconds(work, repeat)

    def rate(n: int, iterations: int) -> float:
        return n * iterations / took(n, iterations)

    def step() -> float:
        """Seconds of an iteration of the batch, without what an inversion does once."""
        return (took(batch, 24) - took(batch, 8)) / 16

    rates = {}
    for name in ("float32", "bfloat16"):
        choose_precision(name)
        rates[name] = rate(batch, 8)
    choose_precision("auto")
    chosen = str(precision(device)).removeprefix("torch.")
    other = next(name for name in rates if name != chosen)
    auto, single = rate(batch, 8), rate(1, 8)
    plain = plain_rate(images[0], generator, perceptual, repeat)
    unit = "image-iterations/s"
    line(f"inversion, batch {batch}, auto ({chosen})", f"{auto:.0f} {unit}")
    line(f"  the same in {chosen}", f"{rates[chosen]:.0f}", auto / rates[chosen], chosen)
    line(f"  the same in {other}", f"{rates[other]:.0f}", auto / rates[other], other)
    line("  one image at a time", f"{single:.0f}", auto / single, "one at a time")
    line("  a plain loop, one image, float32, NCHW", f"{plain:.0f}", auto / plain, "the plain loop")
    flops, peak = step_flops(images, generator, perceptual), convolution_peak(device, batch, repeat)
    usual = step()
    line(f"an iteration of {batch} images", f"{usual:.4f} s")
    share = f"{flops / usual / peak:.0%} of {peak / 1e9:.0f} GFLOP/s"
    line("  its share of the peak of convolutions", share)
    choose_compiled(True)
    if compiled_slope(generator, perceptual, LAMBDA, batch) is not None:
        compiled = step()
        line("  the same, compiled", f"{compiled:.4f} s", usual / compiled, "the plain one")
        line("  its share of the peak", f"{flops / compiled / peak:.0%}")
    choose_compiled(False)


def plain_rate(image, generator, perceptual, repeat: int) -> float:
    """Iterations per second of an inversion as public projectors write it: one image, float32, the
    layout of PyTorch's default, LPIPS of both pictures in every step.
    """
    import torch

    from ..networks.stylegan2 import rms_normalise

    def work() -> None:
        v = torch.randn(1, generator.latent, device=image.device, requires_grad=True)
        optimiser = torch.optim.Adam([v], lr=0.25)
        for _ in range(PLAIN_ITERATIONS):
            y = generator.synthesis(rms_normalise(v)).contiguous()
            x = image[None].contiguous()
            loss = (y - x).square().mean() + LAMBDA * perceptual(x)(y).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()

    return PLAIN_ITERATIONS / seconds(work, repeat)


def step_flops(images, generator, perceptual) -> int:
    """Floating-point operations of the convolutions and products of one step of eq 9."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from ..editing.inversion import distortion
    from ..networks.stylegan2 import rms_normalise

    v = torch.randn(len(images), generator.latent, device=images.device, requires_grad=True)
    distance = perceptual(images)
    with FlopCounterMode(display=False) as counter:
        loss = distortion(rms_normalise(v), images, generator, distance, 0.1).sum()
        torch.autograd.grad(loss, v)
    return counter.get_total_flops()


def convolution_peak(device, batch: int, repeat: int) -> float:
    """Operations per second of a large convolution in the device's precision."""
    import torch
    import torch.nn.functional as F

    from ..networks.precision import precision

    c, side, kind = PEAK["channels"], PEAK["side"], precision(device)
    x = torch.randn(batch, c, side, side, device=device, dtype=kind)
    x = x.contiguous(memory_format=torch.channels_last)
    kernel = torch.randn(c, c, 3, 3, device=device, dtype=kind)
    kernel = kernel.contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        took = seconds(lambda: [F.conv2d(x, kernel, padding=1) for _ in range(4)], max(repeat, 3))
    return 4 * 2 * batch * side**2 * c * c * 9 / took


def bench_edits(device, batch: int, repeat: int) -> None:
    """A whole edit over the channel with each recipe of inversion, one image and a batch; and its
    parts that do not invert.
    """
    from ..data.faces import render, sample_faces
    from ..data.seeds import seeded
    from ..editing.editor import Editor
    from ..editing.recipes import RECIPES
    from ..zoo import load_system

    images = render(sample_faces(batch, seeded("bench")), 64)
    sentence = "add a wide smile"
    took = {}
    for recipe in RECIPES:
        system = load_system(snr_db=6, device=str(device), inversion=recipe)
        one, many = (
            seconds(lambda: system.deliver(images[:n], sentence), repeat) / n for n in (1, batch)
        )
        took[recipe] = many
        line(f"a whole edit, inversion {recipe!r}, one", f"{one:.3f} s")
        ratio = took["paper"] / many if recipe != "paper" else None
        line(f"a whole edit, inversion {recipe!r}, batch {batch}", f"{many:.3f} s", ratio, "paper")
    system = load_system(snr_db=6, device=str(device), inversion="encoder")
    latents = system.deliver(images, sentence).latents
    x, editor = system.images(images), system.editor
    assert isinstance(editor, Editor)
    matching = seconds(lambda: editor.match(latents, x, [sentence] * batch), repeat) / batch
    one = seconds(lambda: editor.match(latents[:1], x[:1], [sentence]), repeat)
    line(
        f"attributes matching, batch {batch}", f"{1 / matching:.0f} images/s", one / matching, "one"
    )
    encoder = editor.encoder
    assert encoder is not None
    alone = seconds(lambda: encoder(x), repeat) / batch
    line(f"encoder, batch {batch}", f"{1 / alone:.0f} images/s")


def bench_ldpc(repeat: int) -> None:
    """Code words per second of the default LDPC code, beside Sionna's decoder without an early end,
    and pyldpc's if it is there.
    """
    import math

    import torch

    from ..channel.gallager import belief_propagation, mother_code
    from ..channel.link import DigitalLink
    from ..channel.qam import sionna
    from ..data.seeds import seeded

    link = DigitalLink(0.35 * 64**2)
    parity, encode = mother_code(*link.code)
    rng = seeded("bench")
    codewords = (torch.randint(2, (WORDS, len(encode)), generator=rng).float() @ encode) % 2
    sigma = 0.45  # BPSK: well above threshold, where all decoders are right
    observed = 1 - 2 * codewords + sigma * torch.randn(codewords.shape, generator=rng)
    logits, snr_db = -2 * observed / sigma**2, -20 * math.log10(sigma)
    ours = seconds(lambda: belief_propagation(logits, link.code, 30), repeat) / WORDS
    line(f"LDPC, n = {parity.shape[1]}", f"{1 / ours:.0f} code words/s")
    decoder = sionna("fec.ldpc").LDPCBPDecoder(parity, num_iter=30)
    theirs = seconds(lambda: decoder(logits), repeat) / WORDS
    line("  Sionna's decoder, all 30 iterations", f"{1 / theirs:.0f}", theirs / ours, "Sionna")
    try:
        import pyldpc
    except ImportError:
        typer.echo("  pyldpc is not installed, nothing to compare with")
        return
    rows = observed[:SINGLE_WORDS].double().numpy()
    theirs = seconds(lambda: [pyldpc.decode(parity, y, snr_db, maxiter=30) for y in rows], 1)
    theirs /= SINGLE_WORDS
    line("  pyldpc's decoder", f"{1 / theirs:.0f}", theirs / ours, "pyldpc")
