"""The compiled gradient of eq 8 beside the plain one, and what happens where there is none."""

from __future__ import annotations

import functools
import shutil

import pytest
import torch

from editable_deepsc.data.seeds import seeded
from editable_deepsc.editing import compiled
from editable_deepsc.editing.inversion import InversionRecipe, distortion, invert
from editable_deepsc.networks.perceptual import PerceptualBackbone, lpips_to
from editable_deepsc.networks.precision import choose_precision, precision
from editable_deepsc.networks.stylegan2 import Generator

BATCH, LAMBDA = 2, 0.4
needs_compiler = pytest.mark.skipif(
    not (shutil.which("g++") or shutil.which("clang++")), reason="there is no C++ compiler"
)


@pytest.fixture(scope="module")
def networks():
    torch.manual_seed(0)
    generator = Generator(8, (6, 5, 4), mapping_hidden=12, mapping_layers=3)
    backbone = PerceptualBackbone(3, resolutions=[16], strangers=[0.5])
    for network in (generator, backbone):
        network.eval().requires_grad_(False)
    return generator, functools.partial(lpips_to, backbone)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def on(monkeypatch, cache):
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    compiled.choose_compiled(True)
    yield
    compiled.choose_compiled(False)


@pytest.fixture(scope="module")
def images():
    return torch.rand(5, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1


def gradients(networks, x):
    """Of both paths, at latents by lot."""
    generator, perceptual = networks
    s = torch.randn(BATCH, 8, generator=torch.Generator().manual_seed(2))
    v = s.clone().requires_grad_()
    loss = distortion(v, x, generator, perceptual(x), LAMBDA).sum()
    slope = compiled.compiled_slope(generator, perceptual, LAMBDA, BATCH)
    return torch.autograd.grad(loss, v)[0], slope(x)(s)


@needs_compiler
def test_both_paths_have_the_same_gradient(networks, images, on):
    plain, ours = gradients(networks, images[:BATCH])
    assert torch.cosine_similarity(plain.flatten(), ours.flatten(), 0) > 0.999
    torch.testing.assert_close(ours, plain, rtol=0.05, atol=0.02 * float(plain.abs().max()))


@needs_compiler
def test_it_is_built_once(networks, images, on, monkeypatch):
    first = gradients(networks, images[:BATCH])[1]
    monkeypatch.setattr(compiled, "_build", None)
    compiled._loaded.cache_clear()  # as in another process
    assert torch.equal(gradients(networks, images[:BATCH])[1], first)


@needs_compiler
def test_full_batches_are_compiled_and_the_rest_is_plain(networks, images, on):
    generator, perceptual = networks
    recipe = InversionRecipe(6, 0.1, LAMBDA, batch=BATCH)

    def found():
        return invert(images, generator, perceptual, recipe, seeded("compiled"))[6]

    assert not compiled.compiled_ran()
    ours, again = found(), found()
    assert compiled.compiled_ran()
    compiled.choose_compiled(False)
    plain = found()
    assert not compiled.compiled_ran()
    assert torch.equal(ours, again)
    assert torch.equal(ours[4], plain[4]) and not torch.equal(ours[:4], plain[:4])
    assert torch.cosine_similarity(ours, plain).min() > 0.99


def test_another_network_or_precision_is_another_build(networks, on):
    generator, perceptual = networks
    backbone = perceptual.args[0]
    keys = {compiled._key(generator, backbone, batch) for batch in (2, 3)}
    with torch.no_grad():
        generator.rgb_bias += 1
        keys.add(compiled._key(generator, backbone, 2))
        generator.rgb_bias -= 1
    choose_precision("float32" if precision("cpu") == torch.bfloat16 else "bfloat16")
    keys.add(compiled._key(generator, backbone, 2))
    choose_precision("auto")
    assert len(keys) == 4 and compiled._key(generator, backbone, 2) in keys


def test_without_a_compiler_the_plain_step_runs_and_says_so(networks, images, on, monkeypatch):
    from torch._inductor import cpp_builder
    from torch._inductor.exc import InvalidCxxCompiler

    def none():
        raise InvalidCxxCompiler

    monkeypatch.setattr(cpp_builder, "get_cpp_compiler", none)
    generator, perceptual = networks
    recipe = InversionRecipe(3, 0.1, LAMBDA, batch=4)  # of which none was built
    with pytest.warns(UserWarning, match="no C.. compiler .* the plain step runs"):
        found = invert(images, generator, perceptual, recipe, seeded("compiled"))[3]
    assert not compiled.compiled_ran()
    compiled.choose_compiled(False)
    assert torch.equal(found, invert(images, generator, perceptual, recipe, seeded("compiled"))[3])


def test_a_distance_of_another_kind_is_not_compiled(networks, on):
    generator, _ = networks
    with pytest.warns(UserWarning, match="it is for bundled networks on a processor"):
        assert compiled.compiled_slope(generator, lambda x: None, LAMBDA, BATCH) is None


def test_nothing_is_compiled_unless_asked_for(networks):
    generator, perceptual = networks
    assert compiled.compiled_slope(generator, perceptual, LAMBDA, BATCH) is None
