"""GAN inversion: the image semantic encoder (eq 1, 8, 9)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from ..data.storage import whole
from ..networks.published.stylegan2 import channels, octaves
from ..networks.stylegan2 import Generator, rms_normalise

NOISE_SHARE = 0.6  # of the iterations are disturbed

DistanceTo = Callable[
    [Tensor], Callable[[Tensor], Tensor]
]  # target images -> (images -> distances [N])


def invert(
    images: Tensor,  # [N, 3, R, R] in [-1, 1]
    generator: Generator,
    perceptual: DistanceTo,  # LPIPS
    *,
    rng: torch.Generator,  # draws the random start s_0
    iterations: int = 110,  # Q
    rate: float = 0.25,  # alpha
    perceptual_weight: float = 0.1,  # lambda
    # random faces per image to choose s_0 from; all images choose from all, 2048 at most
    candidates: int = 32,
    # of the faces nearest to an image: each is fitted for ``trial`` iterations, the best goes on
    starts: int = 3,
    trial: int = 10,
    # deviation of what is added to the latent, per component; gone after NOISE_SHARE of the
    # iterations
    noise: float = 0.5,
    batch: int
    # images at once; None: 32, or fewer of a published generator where memory asks for it
    | None = None,
    keep: Sequence[int] = (),  # iteration counts whose latents are returned as well
    progress: str | None = None,
    checkpoint: Path | None = None,  # stem of the file that finished batches are kept in
) -> dict[int, Tensor]:
    """Latents s [N, k] of mean square 1 that minimise eq 8, by eq 9 with Adam in the place of plain
    descent.

    Eq 8 has local minima: another mouth, another jaw. Two things keep out of them. Of the random
    faces of the prior the eight nearest in the mean square are compared by eq 8; the ``starts``
    best of them are all fitted for ``trial`` iterations, and the best of these becomes s_0's
    successor. And noise that fades is added to the latent, as StyleGAN2's projector does. The
    generator only ever sees latents of mean square 1, of which v is an unnormalised copy. Returns
    {iterations: latents}, one entry for ``iterations`` and one for each of ``keep``; the trial
    counts among them.

    The random faces, and one noise for all images, are drawn before the first batch, so that the
    size of a batch changes no draw. With ``checkpoint``, a run that was killed continues after its
    last finished batch. The file's name carries the state that ``rng`` starts with and the images,
    so that several inversions of one job do not take each other's. The caller removes it.
    """
    stops = sorted({iterations, *keep})
    if stops[0] < 1 or stops[-1] > iterations:
        raise ValueError(
            (
                f"inversion: the counts to keep {list(keep)} must lie between 1 and "
                f"{iterations} iterations"
            )
        )
    kept: dict[int, list[Tensor]] = {q: [] for q in stops}
    batch = batch or _affordable(generator, images.device)
    firsts = range(0, len(images), batch)
    if checkpoint is not None:
        digest = hashlib.sha256(rng.get_state().numpy())
        digest.update(images.cpu().contiguous().numpy())
        checkpoint = checkpoint.with_name(f"{checkpoint.name}.{digest.hexdigest()[:12]}.inversion")
        if checkpoint.exists():
            state = torch.load(checkpoint, weights_only=True)
            kept = {
                q: [part.to(images.device) for part in parts] for q, parts in state["kept"].items()
            }
            firsts = range(sum(map(len, kept[iterations])), len(images), batch)
    z = torch.randn(min(candidates * len(images), 2048), generator.latent, generator=rng)
    fading = [noise * max(0.0, 1 - i / (NOISE_SHARE * iterations)) ** 2 for i in range(iterations)]
    disturbance = torch.tensor(fading)[:, None] * torch.randn(
        iterations, generator.latent, generator=rng
    )
    disturbance = disturbance.to(images.device)
    tried = min(trial, iterations) if starts > 1 else 0
    nearest = _nearest(images, generator, z, batch, max(8, starts)) if len(firsts) else None
    bar = tqdm(
        total=len(firsts) * (iterations + (starts - 1) * tried),
        desc=progress,
        disable=progress is None,
        mininterval=5,
    )
    for first in firsts:
        x = images[first : first + batch].contiguous(memory_format=torch.channels_last)
        distance = perceptual(x)

        def loss_of(s: Tensor) -> Tensor:
            return distortion(s, x, generator, distance, perceptual_weight)

        def order(latents: Tensor) -> Tensor:
            """Of latents [M, N, k] the indices [M, N] by each image's loss, the lowest first."""
            with torch.no_grad():
                return torch.stack([loss_of(s) for s in latents]).argsort(0)

        def descend(s: Tensor, begin: int, end: int) -> dict[int, Tensor]:
            """The latents after ``end`` iterations, and after those of the ``stops`` that lie
            between.
            """
            v, seen = s.clone().requires_grad_(True), {}
            optimiser = torch.optim.Adam([v], lr=rate, betas=(0.8, 0.99))
            for i in range(begin + 1, end + 1):
                for group in optimiser.param_groups:  # cool down over the last half
                    group["lr"] = rate * min(1.0, 2.2 - 2 * i / iterations)
                (v.grad,) = torch.autograd.grad(
                    loss_of(rms_normalise(rms_normalise(v) + disturbance[i - 1])).sum(), v
                )
                optimiser.step()  # eq 9
                if i in kept or i == end:
                    seen[i] = rms_normalise(v.detach())
                bar.update()
            return seen

        faces, image = nearest[:, first : first + batch], torch.arange(len(x), device=x.device)
        begun, fitted = faces[order(faces)[:starts], image], {}
        if tried:
            trials = [descend(s, 0, tried) for s in begun]
            best = order(torch.stack([t[tried] for t in trials]))[0]
            fitted = {q: torch.stack([t[q] for t in trials])[best, image] for q in trials[0]}
        fitted |= descend(fitted.get(tried, begun[0]), tried, iterations)
        for q in stops:
            kept[q].append(fitted[q])
        if checkpoint is not None:
            with whole(checkpoint) as temporary:
                torch.save({"kept": kept}, temporary)
    bar.close()
    return {
        q: torch.cat(parts) if parts else images.new_zeros(0, generator.latent)
        for q, parts in kept.items()
    }


def distortion(
    s: Tensor,
    x: Tensor,
    generator: Generator,
    distance: Callable[[Tensor], Tensor],
    perceptual_weight: float,
) -> Tensor:
    """Eq 8 for each image [N]: mean square error of G(s) to ``x`` [N, 3, R, R], and lambda times
    its LPIPS ``distance`` to ``x``; latents s [N, k].
    """
    with torch.autocast(x.device.type, torch.bfloat16):
        y = generator.synthesis(s.bfloat16())
        lpips = distance(y)
    return (y.float() - x).square().mean(dim=(1, 2, 3)) + perceptual_weight * lpips.float()


@torch.no_grad()
def _nearest(images: Tensor, generator: Generator, z: Tensor, batch: int, most: int) -> Tensor:
    """Latents [most, N, k] of those of the faces G(z) that are nearest to each image in the mean
    square, in no order of eq 8.
    """
    latents, flat, distances = generator.mapping(z.to(images.device)), images.flatten(1), []
    for part in latents.split(batch):
        with torch.autocast(images.device.type, torch.bfloat16):
            faces = generator.synthesis(part.bfloat16()).float().flatten(1)
        distances.append(
            faces.square().sum(1) - 2 * flat @ faces.T
        )  # less the image's own square, the same for all
    return latents[torch.cat(distances, 1).topk(min(most, len(z)), largest=False).indices.T]


def _affordable(generator: torch.nn.Module, device: torch.device) -> int:
    """A batch that fits: 32 of the embedded generator, which is small, and what memory allows of
    a published one.
    """
    if isinstance(generator, Generator):
        return 32
    free = (
        torch.cuda.mem_get_info(device)[0]
        if device.type == "cuda"
        else os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    )
    return batch_for(generator.resolution, free)


MIB = 2**20
NETWORKS_BYTES = (
    220 * MIB
)  # generator and LPIPS trunk in float32, and the copies that a step makes of them
BYTES_PER_ACTIVATION = (
    20  # what one step keeps for every output of a convolution of the generator, in bfloat16
)


def batch_for(
    resolution: int, bytes_available: int, channel_multiplier: int | None = None, most: int = 32
) -> int:
    """How many images :func:`invert` can take at once in ``bytes_available``, free before the
    networks are loaded: 1 to ``most``.

    For the published StyleGAN2 (multiplier 1 up to 128 pixels and 2 above, unless given) and LPIPS
    on AlexNet. Memory is 220 MiB for the networks and 20 bytes per activation of the generator for
    each image: 146 MiB at 128 pixels, 2,506 MiB at 1024.
    Measured: 139 MiB for each further image at 128 (peak resident memory, CPU, bfloat16); 1024
    follows by the count of activations. The paper's figures for one image, 1,600 and 3,000 MiB on
    its GPU, suffice for 9 images and for 1. ``ValueError`` if not even one image fits.
    """
    width = channels(channel_multiplier or (1 if resolution <= 128 else 2))
    activations = sum(
        width[size] * size**2 * (1 if size == 4 else 2) for size in octaves(resolution)
    )
    per_image = BYTES_PER_ACTIVATION * activations
    fits = (bytes_available - NETWORKS_BYTES) // per_image
    if fits < 1:
        raise ValueError(
            f"inversion: one image of {resolution} pixels takes {(NETWORKS_BYTES + per_image) // MIB + 1} MiB and {bytes_available // MIB} MiB "
            "are free; free some memory, or take a lower resolution"
        )
    return min(most, fits)
