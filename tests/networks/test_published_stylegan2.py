"""The published StyleGAN2 and the fields that move its latents equal slow references."""

from __future__ import annotations

import pytest
import torch

from editable_deepsc.networks.published import read, stylegan2, talk_to_edit

from . import published_files as files
from .published_files import save
from .published_reference import (
    close,
    leaky,
    linear,
    slow_discriminator,
    slow_generator,
    slow_mapping,
    slow_residual,
    slow_rgb,
    slow_styled,
)


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(stylegan2, "DRAWS", 64)


@torch.no_grad()
def test_the_generator_of_128_pixels_is_the_reference_from_z_to_pixels(tmp_path):
    state = files.draw(files.generator(128, 1))
    model = read(*save(tmp_path, "generator", state)[:2], resolution=128, channel_multiplier=1)
    z = torch.randn(2, 512, generator=torch.Generator().manual_seed(1))
    w = slow_mapping(state, z)
    close(model.style(z), w)
    layers = torch.cat([w[:1]] * 6 + [w[1:]] * 6)[
        None
    ]  # W+: a mixture, so that no two layers can be confused for long
    slow = slow_generator(state, layers)
    close(model.synthesis_w(layers), slow)
    close(model.synthesis(model.to_s(layers)), slow)
    assert model.layers == 12 and slow.shape == (1, 3, 128, 128)


@pytest.mark.parametrize(
    "inputs, outputs", [(256, 128), (64, 32)], ids=["128 pixels", "1024 pixels"]
)
@torch.no_grad()
def test_blocks_of_the_generator_at_full_width(inputs, outputs):
    rng = torch.Generator().manual_seed(2)
    shapes = (
        {
            k: v
            for k, v in files.generator(1024, 2).items()
            if k.startswith(("convs.14", "to_rgbs.7"))
        }
        if outputs == 32
        else {
            k: v
            for k, v in files.generator(128, 1).items()
            if k.startswith(("convs.8", "to_rgbs.4"))
        }
    )
    state = files.draw(shapes)
    name, rgb = sorted({".".join(k.split(".")[:2]) for k in shapes})
    x, w = torch.randn(2, inputs, 9, 7, generator=rng), torch.randn(2, 512, generator=rng)
    noise, skip = torch.randn(2, 1, 18, 14, generator=rng), torch.randn(2, 3, 9, 7, generator=rng)
    block, to_rgb = (
        stylegan2.StyledConv(inputs, outputs, 512, up=True),
        stylegan2.ToRGB(outputs, 512),
    )
    for module, prefix in ((block, name), (to_rgb, rgb)):
        module.load_state_dict(
            {k.removeprefix(prefix + "."): v for k, v in state.items() if k.startswith(prefix)}
        )
    y = slow_styled(state, name, x, w, noise, True)
    close(block(x, w, noise), y)
    close(to_rgb(y, w, skip), slow_rgb(state, rgb, y, w, skip))


@pytest.mark.parametrize("resolution, multiplier, inputs", [(128, 1, 128), (1024, 2, 32)])
@torch.no_grad()
def test_blocks_of_the_discriminator_at_full_width(resolution, multiplier, inputs):
    state = files.draw(
        {
            k: v
            for k, v in files.discriminator(resolution, multiplier).items()
            if k.startswith("convs.1.")
        }
    )
    block = stylegan2.ResidualBlock(inputs, 2 * inputs)
    block.load_state_dict({k.removeprefix("convs.1."): v for k, v in state.items()})
    x = torch.randn(1, inputs, 12, 10, generator=torch.Generator().manual_seed(3))
    close(block(x), slow_residual(state, "convs.1", x))


@pytest.mark.parametrize("images", [3, 8])
@torch.no_grad()
def test_a_whole_discriminator(tmp_path, images):
    state = files.draw(files.discriminator(8, 1))
    torch.save({"d": state}, tmp_path / "d.pt")
    model = read(tmp_path / "d.pt", "stylegan2-discriminator", resolution=8, channel_multiplier=1)
    x = torch.randn(images, 3, 8, 8, generator=torch.Generator().manual_seed(4))
    close(model(x), slow_discriminator(state, x, 1))


@pytest.fixture(scope="module")
def small_generator():
    """The published architecture at 8 pixels: the mapping network and the convention are those of
    128 and 1024.
    """
    torch.manual_seed(7)
    patched, stylegan2.DRAWS = stylegan2.DRAWS, 512
    model = stylegan2.Generator(8, 1).eval().requires_grad_(False)
    state = files.draw(
        files.generator(8, 1), seed=20
    )  # not the seed of the latents that calibrate() draws
    model.load_state_dict(state)
    yield model.calibrate()
    stylegan2.DRAWS = patched


@torch.no_grad()
def test_latents_of_the_pipeline_are_an_affine_view_of_w(small_generator, monkeypatch):
    z = torch.randn(256, 512, generator=torch.Generator().manual_seed(8))
    w, s = small_generator.style(z), small_generator.mapping(z)
    torch.testing.assert_close(
        small_generator.to_w(small_generator.to_s(w)), w, atol=1e-4, rtol=1e-4
    )
    torch.testing.assert_close(s.square().mean(1), torch.ones(256), atol=1e-4, rtol=0)
    assert small_generator.to_s(w).square().mean() == pytest.approx(1, rel=0.05)
    assert float(small_generator.to_s(w).mean(0).square().mean()) < 0.02
    torch.testing.assert_close(
        small_generator.synthesis(small_generator.to_s(w[:2])),
        small_generator.synthesis_w(w[:2]),
        atol=1e-4,
        rtol=1e-4,
    )
    monkeypatch.setattr(stylegan2, "DRAWS", 512)
    again = stylegan2.Generator(8, 1)
    again.load_state_dict(small_generator.state_dict())
    assert torch.equal(
        again.calibrate().w_mean, small_generator.w_mean
    )  # both ends of the channel find the same constants


@torch.no_grad()
def test_noise_is_the_checkpoints_unless_given(small_generator):
    s = torch.randn(2, 512)
    noise = small_generator.draw_noise(2, torch.Generator().manual_seed(9))
    fixed = [
        small_generator.noises.noise_0,
        small_generator.noises.noise_1,
        small_generator.noises.noise_2,
    ]
    assert [n.shape[1:] for n in noise] == [n.shape[1:] for n in fixed]
    assert torch.equal(small_generator.synthesis(s), small_generator.synthesis(s, fixed))
    assert (small_generator.synthesis(s) - small_generator.synthesis(s, noise)).abs().max() > 1e-3


@torch.no_grad()
def test_fields_follow_the_rule_of_the_release(tmp_path, small_generator, monkeypatch):
    states = {
        name: files.draw(files.field(), seed) for seed, name in enumerate(files.NAMES.values())
    }
    for name, state in states.items():
        torch.save(
            {k: v * (0.06 if v.ndim > 1 else 1) for k, v in state.items()}, tmp_path / f"{name}.pth"
        )
    fields = read(tmp_path, "talk2edit-fields", generator=small_generator)
    with pytest.raises(ValueError, match="128 and 1024 pixels, not at 8"):
        fields.edit(
            torch.zeros(1, 512), torch.zeros(1, 12, 512), torch.zeros(1).long(), torch.ones(1)
        )
    w = torch.randn(3, 512, generator=torch.Generator().manual_seed(10))
    attribute, s = torch.tensor([0, 4, 2]), small_generator.state_dict()

    def styled(x):  # the mapping network without its pixel norm
        for i in range(1, 9):
            x = leaky(linear(s, f"style.{i}", x, rate=0.01))
        return x

    slow = []
    for row, a in zip(w, attribute):
        state, x = torch.load(tmp_path / f"{list(states)[a]}.pth", weights_only=True), row[None]
        for i in range(8):
            x = x @ state[f"field.{i}.Linear.weight"].T + state[f"field.{i}.Linear.bias"]
            x = torch.where(x > 0, x, 0.2 * x) if i < 7 else x
        slow.append(
            (styled(x) - styled(torch.zeros(1, 512))) * (-1 if a == 4 else 1)
        )  # older is less young
    slow = torch.cat(slow)
    close(fields.step(w, attribute), slow)
    close(fields(small_generator.to_s(w), attribute) * small_generator.w_gain, slow)
    monkeypatch.setattr(fields, "replaced", talk_to_edit.REPLACED_LAYERS[128])
    w_plus = torch.randn(3, 12, 512, generator=torch.Generator().manual_seed(11))
    moved_w, moved = fields.edit(w, w_plus, attribute, torch.tensor([1.0, -1.0, 1.0]))
    signed = slow * torch.tensor([1.0, -1.0, 1.0])[:, None]
    close(moved_w, w + signed)
    close(moved[:, :8], w_plus[:, :8] + signed[:, None])
    assert torch.equal(moved[:, 8:], w_plus[:, 8:])
