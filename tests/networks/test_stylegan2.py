"""The generator against slow references: weights modulated per sample, FIR up-sampling by
zero-stuffing.
"""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from editable_deepsc.networks.stylegan2 import (
    Discriminator,
    Encoder,
    Generator,
    Mapping,
    ModulatedConv,
    StyledConv,
    ToRGB,
    rms_normalise,
)


def tiny_generator(**changes) -> Generator:
    torch.manual_seed(0)
    return Generator(
        **{"latent": 8, "channels": (6, 5, 4), "mapping_hidden": 12, "mapping_layers": 3} | changes
    ).eval()


def slow_modulated_conv(
    layer: ModulatedConv | ToRGB, x: torch.Tensor, w: torch.Tensor, demodulate: bool = True
) -> torch.Tensor:
    """Karras et al. 2020, eq 1 to 3: a kernel for every sample."""
    rows = []
    for image, style in zip(x, layer.affine(w)):
        kernel = layer.weight * layer.scale * style[None, :, None, None]
        if demodulate:
            for out in range(len(kernel)):
                kernel = kernel.clone()
                kernel[out] = kernel[out] / math.sqrt(float(kernel[out].square().sum()) + 1e-8)
        rows.append(F.conv2d(image[None], kernel, padding=kernel.shape[-1] // 2))
    return torch.cat(rows)


@pytest.mark.parametrize("kernel", [3, 1])
@torch.no_grad()
def test_modulated_convolution_equals_one_with_a_kernel_per_sample(kernel):
    torch.manual_seed(1)
    layer = ModulatedConv(5, 7, kernel, 8)
    x, w = torch.randn(4, 5, 6, 6), 3 * torch.randn(4, 8)
    y, demodulation = layer(x, w)
    torch.testing.assert_close(
        y * demodulation[:, :, None, None], slow_modulated_conv(layer, x, w), atol=1e-4, rtol=1e-4
    )


@torch.no_grad()
def test_to_rgb_equals_a_convolution_with_a_kernel_per_sample():
    torch.manual_seed(1)
    layer, x, w = ToRGB(5, 8), torch.randn(4, 5, 6, 6), 3 * torch.randn(4, 8)
    torch.testing.assert_close(
        layer(x, w), slow_modulated_conv(layer, x, w, demodulate=False), atol=1e-4, rtol=1e-4
    )


@torch.no_grad()
def test_a_generator_that_grows_starts_with_the_smaller_picture_enlarged():
    small, large = tiny_generator(), tiny_generator(channels=(6, 5, 4, 3))
    large.grow_from(small)
    w = rms_normalise(torch.randn(2, 8))
    enlarged = F.interpolate(
        small.synthesis(w), scale_factor=2, mode="bilinear", align_corners=False
    )
    torch.testing.assert_close(large.synthesis(w), enlarged, atol=0.1, rtol=0)
    large.freeze_below(1)
    assert {
        name.split(".")[0] + name.split(".")[1]
        for name, p in large.named_parameters()
        if p.requires_grad
    } == {"convs5", "convs6", "to_rgbs3"}


def fir_upsample(x: torch.Tensor) -> torch.Tensor:
    """Zeros between the samples, then the filter [1, 3, 3, 1] (gain 2 per axis), as StyleGAN2's
    upfirdn does.
    """
    n, c, h, w = x.shape
    stuffed = x.new_zeros(n * c, 1, 2 * h, 2 * w)
    stuffed[:, 0, ::2, ::2] = x.flatten(0, 1)
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 4
    return F.conv2d(F.pad(stuffed, (2, 1, 2, 1)), torch.outer(taps, taps)[None, None]).reshape(
        n, c, 2 * h, 2 * w
    )


@torch.no_grad()
def test_upsampling_layer_is_convolution_then_fir_filter_away_from_the_edges():
    torch.manual_seed(2)
    layer = StyledConv(4, 3, 8, up=True)
    layer.bias.normal_()
    x, w = torch.randn(2, 4, 8, 8), torch.randn(2, 8)
    slow = F.leaky_relu(
        fir_upsample(slow_modulated_conv(layer.conv, x, w)) + layer.bias[:, None, None], 0.2
    ) * math.sqrt(2)
    inside = (..., slice(2, -2), slice(2, -2))
    torch.testing.assert_close(layer(x, w, None)[inside], slow[inside], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_frozen_layer_has_the_same_gradients_as_one_that_is_trained(dtype):
    torch.manual_seed(3)
    layer = StyledConv(4, 6, 8, up=True).to(dtype)
    layer.bias.data.normal_()
    x, w = torch.randn(2, 4, 8, 8).to(dtype), torch.randn(2, 8).to(dtype)
    found = []
    for trained in (True, False):
        layer.requires_grad_(trained)
        inputs = [t.clone().requires_grad_() for t in (x, w)]
        y = layer(*inputs, None)
        found.append([y.detach(), *torch.autograd.grad(y.square().sum(), inputs)])
    for plain, ours in zip(*found):
        assert torch.equal(plain, ours)


@pytest.mark.parametrize("channels", [(6,), (6, 4), (8, 6, 4, 2)])
@torch.no_grad()
def test_the_list_of_channels_sets_resolution_and_layers(channels):
    generator = tiny_generator(channels=channels)
    size = 4 * 2 ** (len(channels) - 1)
    assert generator.resolution == size and generator.layers == 2 * len(channels) - 1
    images = generator(torch.randn(3, 8))
    assert images.shape == (3, 3, size, size) and images.dtype == torch.float32
    assert Discriminator(channels)(images).shape == (3,)
    assert Encoder(8, size, width=4)(images).shape == (3, 8)


@torch.no_grad()
def test_noise_comes_from_its_generator_and_from_nowhere_else():
    generator = tiny_generator()
    for conv in generator.convs:
        conv.noise_strength.fill_(0.3)  # zero in a fresh network
    z = torch.randn(2, 8)
    assert torch.equal(generator(z), generator(z))
    noisy = [
        generator(z, generator.draw_noise(2, torch.Generator().manual_seed(seed)))
        for seed in (1, 1, 2)
    ]
    assert torch.equal(noisy[0], noisy[1])
    assert not torch.allclose(noisy[0], noisy[2], atol=1e-2) and not torch.allclose(
        noisy[0], generator(z), atol=1e-2
    )


@torch.no_grad()
def test_style_mixing():
    generator = tiny_generator()
    a, b = rms_normalise(torch.randn(2, 2, 8).flatten(0, 1)).unflatten(0, (2, 2))
    rows = a[:, None].repeat(1, generator.layers, 1)
    torch.testing.assert_close(generator.synthesis(rows), generator.synthesis(a))
    rows[:, 2:] = b[:, None]
    mixed = generator.synthesis(rows)
    assert not torch.allclose(mixed, generator.synthesis(a), atol=1e-2) and not torch.allclose(
        mixed, generator.synthesis(b), atol=1e-2
    )


@torch.no_grad()
def test_latents_have_mean_square_1_whatever_the_length_of_z():
    torch.manual_seed(3)
    mapping = Mapping(16, 24, 3)
    z = torch.randn(5, 16)
    w = mapping(z)
    torch.testing.assert_close(w.square().mean(1), torch.ones(5), atol=1e-5, rtol=0)
    torch.testing.assert_close(mapping(100 * z), w, atol=1e-4, rtol=1e-4)
    assert (w[0] - w[1]).abs().max() > 0.1


@torch.no_grad()
def test_the_discriminator_sees_that_a_batch_is_all_one_image():
    torch.manual_seed(4)
    critic, images = Discriminator((6, 5, 4)), torch.randn(4, 3, 16, 16)
    mixed, collapsed = critic(images), critic(images[:1].expand(4, -1, -1, -1))
    assert (mixed[0] - collapsed[0]).abs() > 1e-2
    torch.testing.assert_close(collapsed, collapsed[:1].expand(4))
    torch.testing.assert_close(
        critic(images[:1]), collapsed[:1]
    )  # alone, an image deviates from nothing


def r1(critic: Discriminator, images: torch.Tensor) -> torch.Tensor:
    images = images.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(critic(images).sum(), images, create_graph=True)
    return slope.square().sum((1, 2, 3)).mean()


def test_the_gradient_penalty_has_the_right_gradient():
    torch.manual_seed(5)
    critic, images = (
        Discriminator((6, 5, 4)).double(),
        torch.randn(4, 3, 16, 16, dtype=torch.double),
    )
    r1(critic, images).backward()
    for weight in (critic.from_rgb.weight, critic.blocks[0]["second"].weight, critic.score.weight):
        gradient, slope = weight.grad, weight.grad / weight.grad.norm()
        values = []
        for sign in (1, -1):
            with torch.no_grad():
                weight += sign * 1e-4 * slope
            values.append(float(r1(critic, images).detach()))
            with torch.no_grad():
                weight -= sign * 1e-4 * slope
        assert (values[0] - values[1]) / 2e-4 == pytest.approx(float(gradient.norm()), rel=0.02)
