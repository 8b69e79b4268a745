"""Held-out figures of the bundled networks, on faces that no training corpus contains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import lpips
import torch
from torch import Tensor, nn

from ...channel.noise import awgn
from ...codecs.learned import LearnedCodec
from ...data.attributes import ATTRIBUTES, MAX_DEGREE
from ...data.faces import Faces, another_light, another_person, render, sample_faces
from ...data.instructions import DIRECTIONS, expected_degree
from ...data.pixels import from_uint8, to_uint8
from ...editing.matching import MatchingRecipe, match, synthesise
from ...networks.encoder import LatentEncoder
from ...networks.jecc import SemanticFields
from ...networks.jscc import DeepSC
from ...networks.perceptual import FidelityFeatures, PerceptualBackbone
from ...networks.predictor import AttributePredictor
from ...networks.recogniser import FaceRecogniser, JudgeRecogniser
from ...networks.stylegan2 import Discriminator, Generator
from ..measure.distances import lpips_of_sets, psnr_db, ssim
from ..measure.distortions import PIXELS, STRENGTHS, latent_perturbation
from ..measure.fid_kid import features_of, fid
from ..measure.metrics import edit_outcomes


@torch.inference_mode()
def predictor_figures(
    model: AttributePredictor, images: Tensor, degrees: Tensor
) -> dict[str, dict[str, float]]:
    """Share of faces whose degree is exactly right and within one, for each attribute.

    ``images``: uint8 [N, 3, R, R]; ``degrees``: the true ones, [N, 5].
    """
    predicted = _seen(model, images, model.degrees)
    error = (predicted - degrees.round().long()).abs()
    return {
        name: {
            "exact": float((error[:, a] == 0).float().mean()),
            "within_one": float((error[:, a] <= 1).float().mean()),
        }
        for a, name in enumerate(ATTRIBUTES)
    }


@torch.inference_mode()
def recogniser_figures(
    model: FaceRecogniser | JudgeRecogniser, images: Tensor, identity: Tensor
) -> dict[str, float]:
    """Verification AUC: how often a pair of one identity is more alike than a pair of two.

    ``images``: uint8 [N, 3, R, R]; ``identity`` [N]. Over all pairs.
    """
    embeddings = _seen(model, images)
    similarity = embeddings @ embeddings.T
    same = identity[:, None] == identity[None]
    off_diagonal = ~torch.eye(len(same), dtype=torch.bool)
    positive, negative = similarity[same & off_diagonal], similarity[~same]
    rank = torch.searchsorted(negative.sort().values, positive) / len(negative)
    return {
        "auc": float(rank.double().mean()),
        "similarity_same": float(positive.mean()),
        "similarity_different": float(negative.mean()),
    }


@torch.inference_mode()
def regression_figures(
    model: PerceptualBackbone | FidelityFeatures, images: Tensor, faces: Faces
) -> dict[str, float]:
    """Mean absolute error of the 39 factors and degrees, each on [0, 1].

    Guessing the mean gives 0.25.
    """
    targets = torch.cat([faces.factors, faces.degrees / MAX_DEGREE], 1)
    predicted = _seen(model, images, lambda x: model.head(model(x)))
    return {"mean_absolute_error": float((predicted - targets).abs().mean())}


@torch.inference_mode()
def generator_figures(model: Generator, z: Tensor, images: Tensor) -> dict[str, float]:
    """PSNR of G(z) to the face that z stands for, and gradient energy relative to the face's."""
    drawn = _batched(model, z).clamp(-1, 1)
    real = from_uint8(images)
    return {
        "psnr_db": float(psnr_db(to_uint8(drawn), images).mean()),
        "gradient_energy_ratio": float(
            gradient_energy(drawn).mean() / gradient_energy(real).mean()
        ),
    }


@torch.no_grad()
def encoder_figures(
    encoder: LatentEncoder, generator: Generator, images: Tensor
) -> dict[str, float]:
    """PSNR of G(E(x)) to the faces ``images`` uint8 [N, 3, R, R] themselves, in dB."""
    drawn = _seen(generator, images, lambda x: generator.synthesis(encoder(x)).clamp(-1, 1))
    return {"psnr_db": float(psnr_db(to_uint8(drawn), images).mean())}


@torch.inference_mode()
def codec_figures(network: DeepSC, images: Tensor, snr_db: float = 12.0) -> dict[str, float]:
    """PSNR in dB of images uint8 [N, 3, R, R] that were sent at ``snr_db``."""
    codec, rng = LearnedCodec(network), torch.Generator().manual_seed(0)

    def sent(x: Tensor) -> Tensor:
        return codec.decode(awgn(codec.encode(x, snr_db), snr_db, rng), snr_db).images

    delivered = to_uint8(_seen(network, images, sent))
    return {f"psnr_db_at_{snr_db:g}_db": float(psnr_db(delivered, images).mean())}


def gradient_energy(images: Tensor) -> Tensor:
    """Mean squared horizontal and vertical difference of images [N, 3, H, W], [N].

    PSNR alone hides a lost mouth.
    """
    across = (images[..., 1:] - images[..., :-1]).square().mean((1, 2, 3))
    down = (images[..., 1:, :] - images[..., :-1, :]).square().mean((1, 2, 3))
    return across + down


# --- all networks together ------------------------------------------------------------------------


@torch.inference_mode()
def inversion_figures(
    images: Tensor, latents: Tensor, generator: Generator, predictor: AttributePredictor
) -> dict:
    """How faithful G(latents) is to ``images`` uint8 [N, 3, R, R].

    PSNR, SSIM, gradient energy, attribute degrees.

    ``within_one``: share of faces, per attribute, whose predicted degree moved by one at most.
    """
    drawn = _drawn(generator, latents)
    inverted = to_uint8(drawn)
    after = _batched(predictor, drawn, predictor.degrees)
    before = _seen(predictor, images, predictor.degrees)
    moved = (after - before).abs()
    return {
        "psnr_db": float(psnr_db(inverted, images).mean()),
        "ssim": float(ssim(inverted, images).mean()),
        "gradient_energy_ratio": float(
            gradient_energy(drawn).mean() / gradient_energy(from_uint8(images)).mean()
        ),
        "within_one": {
            name: float((moved[:, a] <= 1).float().mean()) for a, name in enumerate(ATTRIBUTES)
        },
    }


@torch.inference_mode()
def prior_figures(
    generator: Generator,
    fidelity: FidelityFeatures,
    recogniser: FaceRecogniser,
    n: int,
    rng: torch.Generator,
) -> dict[str, float]:
    """G(z) for n random z beside two disjoint sets of n faces.

    FID, and how alike nearest neighbours are.

    ``neighbour`` figures are median distances (1 - cosine similarity of identity embeddings) to the
    nearest other image of
    the same set: a collapsed prior has near neighbours.
    """
    resolution = generator.resolution
    real, other = (to_uint8(render(sample_faces(n, rng), resolution)) for _ in range(2))
    z = torch.randn(n, generator.latent, generator=rng)
    drawn = to_uint8(_batched(generator, z))
    figures = {"fid": _fid(fidelity, drawn, real), "fid_real": _fid(fidelity, other, real)}
    for name, images in (("neighbour", drawn), ("neighbour_real", real)):
        embeddings = _seen(recogniser, images)
        similarity = (embeddings @ embeddings.T).fill_diagonal_(-1)
        figures[name] = float((1 - similarity.max(1).values).median())
    return figures


@dataclass(frozen=True)
class EditedFaces:
    """Every face edited in every attribute, both ways: arrays of [N * 10], face by face.

    ``images`` are uint8.
    """

    images: Tensor
    attribute: Tensor
    direction: Tensor
    expected: Tensor
    reached: Tensor
    asked: Tensor  # bool: the face was not at that end of the scale already


@torch.inference_mode()
def edit_everything(
    images: Tensor,
    latents: Tensor,
    generator: Generator,
    predictor: AttributePredictor,
    fields: SemanticFields,
    rng: torch.Generator,
    recipe: MatchingRecipe,
) -> EditedFaces:
    """Edit each face up and down in each attribute, by 1 to 4 degrees drawn from ``rng``.

    ``images``: uint8 [N, 3, R, R]; ``latents`` [N, k]: the same faces inverted.
    """
    n, ways = len(images), len(ATTRIBUTES) * len(DIRECTIONS)
    attribute = torch.arange(len(ATTRIBUTES)).repeat_interleave(len(DIRECTIONS)).repeat(n)
    direction = torch.tensor(DIRECTIONS).repeat(n * len(ATTRIBUTES))
    degree = torch.randint(1, MAX_DEGREE, (n * ways,), generator=rng)
    degrees = _seen(predictor, images, predictor.degrees).repeat_interleave(ways, 0)
    device = _device_of(generator)
    wishes = (attribute.to(device), direction.to(device), degree.to(device))
    matched = match(
        latents.to(device).repeat_interleave(ways, 0),
        degrees.to(device),
        wishes,
        generator,
        predictor,
        fields,
        recipe,
    )
    current = degrees[torch.arange(n * ways), attribute]
    asked = expected_degree(current, direction, degree) != current
    return EditedFaces(
        to_uint8(_drawn(generator, matched.latents)),
        attribute,
        direction,
        matched.expected.cpu(),
        matched.reached.cpu(),
        asked,
    )


@torch.inference_mode()
def editing_figures(
    edited: EditedFaces,
    images: Tensor,
    latents: Tensor,
    generator: Generator,
    discriminator: Discriminator,
    evaluator: AttributePredictor,
    recogniser: JudgeRecogniser,
    identity_threshold: float,
) -> dict:
    """How well edits are made, per attribute and direction ("smiling+"), and over all.

    By edit: degree ``reached`` (the guiding predictor's word), ``success`` (the evaluator's degree
    within one, and still that face). Over all: ``drift`` of the four other attributes, in degrees,
    and ``unreal``, the share of edits whose discriminator score lies outside the range of the
    inverted faces'.

    ``latents`` [M, k]: inverted faces, more of them than ``images`` if possible. Of edits as real
    as they are, 2 / (M + 1) lie outside the range of M.
    """
    ways = len(ATTRIBUTES) * len(DIRECTIONS)
    embeddings, originals = (
        _seen(recogniser, edited.images),
        _seen(recogniser, images).repeat_interleave(ways, 0),
    )
    same = (embeddings * originals).sum(1) >= identity_threshold
    outcomes = edit_outcomes(
        _seen(evaluator, images).repeat_interleave(ways, 0),
        _seen(evaluator, edited.images),
        same,
        edited.attribute,
        edited.expected,
        edited.asked,
    )
    inverted = from_uint8(to_uint8(_drawn(generator, latents)))
    real, fake = (
        _scores(discriminator, y, inverted[:3]) for y in (inverted, from_uint8(edited.images))
    )
    # The same latent in another batch differs by as much, which at an end of the range counts.
    rounding = 1e-3 * (real.max() - real.min())
    unreal = (fake < real.min() - rounding) | (fake > real.max() + rounding)
    table = {}
    for a, name in enumerate(ATTRIBUTES):
        for d in DIRECTIONS:
            chosen = edited.asked & (edited.attribute == a) & (edited.direction == d)
            table[f"{name}{'+' if d > 0 else '-'}"] = {
                "edits": int(chosen.sum()),
                "reached": float(edited.reached[chosen].float().mean()),
                "success": float((outcomes["edit_within_one"] * same)[chosen].mean()),
            }
    return {
        "by_edit": table,
        "drift": float(outcomes["drift"][edited.asked].mean()),
        "unreal": float(unreal[edited.asked].float().mean()),
    }


@torch.inference_mode()
def distance_figures(
    model: lpips.LPIPS,
    fidelity: FidelityFeatures,
    faces: Faces,
    generator: Generator,
    latents: Tensor,
) -> dict:
    """LPIPS and FID of ``faces`` under every distortion, strength 1 to 5.

    Also LPIPS to the same faces in another light, to other persons in the same scene, and to other
    persons in other scenes (``strangers``), which is its unit.

    ``latents`` [len(faces), k]: the latent perturbation is measured from G(latents).
    ``light_below_identity``: share of faces where another light is nearer than another person in
    the same scene.
    """
    clean = to_uint8(render(faces, generator.resolution))
    drawn = to_uint8(_drawn(generator, latents))
    table = {}
    for name, distort in (PIXELS | {"latent": latent_perturbation(generator, latents)}).items():
        start = drawn if name == "latent" else clean
        rows = [to_uint8(distort(from_uint8(start), s).clamp(-1, 1)) for s in STRENGTHS]
        table[name] = {
            "lpips": [float(lpips_of_sets(model, start, r).mean()) for r in rows],
            "fid": [_fid(fidelity, start, r) for r in rows],
        }
    other = sample_faces(len(faces), torch.Generator().manual_seed(0))
    to_light, to_person, to_stranger = (
        lpips_of_sets(model, clean, to_uint8(render(f, generator.resolution)))
        for f in (another_light(faces, other), another_person(faces, other), other)
    )
    return {
        "distortions": table,
        "light": float(to_light.mean()),
        "identity": float(to_person.mean()),
        "strangers": float(to_stranger.mean()),
        "light_below_identity": float((to_light < to_person).float().mean()),
    }


def _device_of(network: nn.Module) -> torch.device:
    return next(network.parameters()).device


def _batched(
    network: nn.Module, x: Tensor, function: Callable[[Tensor], Tensor] | None = None
) -> Tensor:
    """``function`` of x, the network itself without one: on its device, and back to the CPU."""
    device, function = _device_of(network), function or network
    return torch.cat([function(part.to(device)).cpu() for part in x.split(128)])


def _seen(
    network: nn.Module, images: Tensor, function: Callable[[Tensor], Tensor] | None = None
) -> Tensor:
    """The same of uint8 images [N, 3, R, R]; only a batch at a time becomes floats."""
    function = function or network
    return _batched(network, images, lambda x: function(from_uint8(x)))


def _drawn(generator: Generator, latents: Tensor) -> Tensor:
    """G(latents) [N, 3, R, R], clamped to [-1, 1], on the CPU."""
    return synthesise(generator, latents.to(_device_of(generator))).cpu()


def _scores(discriminator: Discriminator, images: Tensor, companions: Tensor) -> Tensor:
    """Scores [N] of images, each in a group of four with the three ``companions``.

    The discriminator also looks at the deviation within such groups, so that a score depends on the
    images it is given with.
    """
    device, scores = _device_of(discriminator), []
    for x in images.split(32):
        groups = torch.cat([x, companions.repeat_interleave(len(x), 0)]).to(device)
        scores.append(discriminator(groups)[: len(x)].cpu())
    return torch.cat(scores)


def _fid(fidelity: FidelityFeatures, a: Tensor, b: Tensor) -> float:
    return fid(features_of(fidelity, a), features_of(fidelity, b))
