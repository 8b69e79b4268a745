"""Published formats: right files load, bad ones are refused in one sentence, outputs equal slow
references in plain tensor algebra.
"""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from editable_deepsc.networks.published import read, stylegan2, talk_to_edit
from editable_deepsc.networks.published.checkpoint import read_checkpoint
from editable_deepsc.networks.weights import WeightsError

_spec = importlib.util.spec_from_file_location(
    "published_files", Path(__file__).parent / "published_files.py"
)
files = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(files)

FORMATS = {  # name -> format, sizes, shapes
    "generator": (
        "stylegan2-generator",
        {"resolution": 128, "channel_multiplier": 1},
        files.generator(128, 1),
    ),
    "generator-1024": (
        "stylegan2-generator",
        {"resolution": 1024, "channel_multiplier": 2},
        files.generator(1024, 2),
    ),
    "discriminator": (
        "stylegan2-discriminator",
        {"resolution": 128, "channel_multiplier": 1},
        files.discriminator(128, 1),
    ),
    "discriminator-1024": (
        "stylegan2-discriminator",
        {"resolution": 1024, "channel_multiplier": 2},
        files.discriminator(1024, 2),
    ),
    "predictor": ("talk2edit-predictor", {}, files.predictor()),
    "field": ("talk2edit-field", {}, files.field()),
    "recogniser": ("talk2edit-recogniser", {}, files.recogniser()),
    "language": ("talk2edit-language", {"vocabulary": None}, files.language()),
}


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(stylegan2, "DRAWS", 64)


def save(tmp_path, name, state, wrapped=True):
    torch.save(files.wrap(name, state) if wrapped else state, tmp_path / "published.pt")
    sizes = dict(FORMATS[name][1])
    if "vocabulary" in sizes:
        sizes["vocabulary"] = files.vocabulary(tmp_path / "vocab.json")
    return tmp_path / "published.pt", FORMATS[name][0], sizes


# --- what loads, and what does not ---------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_with_the_published_keys_and_shapes_loads(tmp_path, name):
    shapes = FORMATS[name][2]
    path, kind, sizes = save(
        tmp_path, name, files.hollow(shapes)
    )  # the 1024 files of the release are bare state dicts
    model = read(path, kind, **sizes)
    found = {k: tuple(v.shape) for k, v in model.state_dict().items()}
    assert found == {k.removeprefix("module."): v for k, v in shapes.items()}
    assert not model.training and not any(p.requires_grad for p in model.parameters())
    assert all(p.device.type == "cpu" and float(p.flatten()[-1]) == 0.5 for p in model.parameters())


def refusal(path, kind, **sizes):
    with pytest.raises(WeightsError) as error:
        read(path, kind, **sizes)
    message = str(error.value)
    assert str(path) in message and "\n" not in message
    return message


@pytest.mark.parametrize("name", FORMATS)
def test_one_missing_key_one_wrong_shape_one_unknown_key_are_named(tmp_path, name):
    shapes = FORMATS[name][2]
    victim = [k for k in shapes if k.endswith("weight")][len(shapes) // 9]
    shown = victim.removeprefix("module.")
    whole = files.hollow(shapes)
    lacking = {k: v for k, v in whole.items() if k != victim}
    path, kind, sizes = save(tmp_path, name, lacking)
    assert "lacks" in (m := refusal(path, kind, **sizes)) and repr(shown) in m
    path, *_ = save(tmp_path, name, whole | {victim: torch.zeros(3, 5)})
    assert (
        "[3, 5]" in (m := refusal(path, kind, **sizes))
        and repr(shown) in m
        and str(list(shapes[victim])) in m
    )
    path, *_ = save(tmp_path, name, whole | {"surprise.weight": torch.zeros(1)})
    assert "'surprise.weight'" in refusal(path, kind, **sizes)


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
@pytest.mark.parametrize("keep", [0, 10, 0.5, -1])
def test_a_truncated_file_is_refused(tmp_path, keep, legacy):
    path = tmp_path / "field.pth"
    torch.save(files.hollow(files.field()), path, _use_new_zipfile_serialization=not legacy)
    assert isinstance(read(path, "talk2edit-field"), talk_to_edit.Field)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep) if isinstance(keep, float) else keep])
    assert "not a whole PyTorch checkpoint" in refusal(path, "talk2edit-field")


class Bomb:
    def __reduce__(self):
        return (Path.touch, (Path("exploded"),))


@pytest.mark.parametrize("name", FORMATS)
def test_a_pickle_with_code_is_refused_and_not_run(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    path, kind, sizes = save(tmp_path, name, files.hollow(FORMATS[name][2]) | {"code": Bomb()})
    assert "code" in refusal(path, kind, **sizes)
    assert not (tmp_path / "exploded").exists()


def test_missing_file_unknown_format_wrong_sizes(tmp_path):
    assert "does not exist" in refusal(tmp_path / "no.pt", "talk2edit-field")
    with pytest.raises(WeightsError, match="'oracle'.*stylegan2-generator"):
        read(tmp_path / "no.pt", "oracle")
    assert "not given: channel_multiplier" in refusal(
        tmp_path / "no.pt", "stylegan2-generator", resolution=128
    )
    assert "unknown: size" in refusal(tmp_path / "no.pt", "talk2edit-predictor", size=128)
    assert "100 pixels" in refusal(
        tmp_path / "no.pt", "stylegan2-generator", resolution=100, channel_multiplier=1
    )


def test_what_lies_beside_the_weights(tmp_path):
    state = files.hollow(files.predictor())
    torch.save(
        {"state_dict": state, "best_acc": np.float64(0.5)}, tmp_path / "a.pt"
    )  # numpy's numbers are data
    read(tmp_path / "a.pt", "talk2edit-predictor")
    old = {k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}
    torch.save({"state_dict": old}, tmp_path / "b.pt")
    read(tmp_path / "b.pt", "talk2edit-predictor")
    torch.save({"state_dict": state, "teacher": state}, tmp_path / "c.pt")
    assert "'teacher'" in refusal(tmp_path / "c.pt", "talk2edit-predictor")
    torch.save([1, 2], tmp_path / "d.pt")
    assert "list" in refusal(tmp_path / "d.pt", "talk2edit-predictor")
    torch.save({"g": state}, tmp_path / "e.pt")
    assert "no 'g_ema'; it has 'g'" in refusal(
        tmp_path / "e.pt", "stylegan2-generator", resolution=128, channel_multiplier=1
    )


def test_a_bare_state_dict_and_a_wrapped_one_are_the_same(tmp_path):
    state = files.draw(files.field())
    torch.save(state, tmp_path / "a.pt")
    torch.save({"state_dict": state}, tmp_path / "b.pt")
    a, b = (read(tmp_path / name, "talk2edit-field").state_dict() for name in ("a.pt", "b.pt"))
    assert all(torch.equal(a[k], state[k]) and torch.equal(b[k], state[k]) for k in state)


def test_a_language_encoder_needs_its_vocabulary(tmp_path):
    path, kind, sizes = save(tmp_path, "language", files.hollow(files.language(words=9)))
    assert "12 words" in refusal(path, kind, **sizes)  # the file has 9
    for content, complaint in (
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"text_token_to_idx": {"a": 5}}', "text_token_to_idx"),
        ('{"text_token_to_idx": {"a": 0}}', "<NULL>"),
    ):
        sizes["vocabulary"].write_text(content)
        with pytest.raises(WeightsError, match=complaint):
            read(path, kind, **sizes)


# --- slow references -----------------------------------------------------------------------------


def conv(x, weight, stride=1, pad=0, bias=None):
    """Convolution as a sum over kernel positions."""
    n, c, h, w = x.shape
    out, _, k, _ = weight.shape
    padded = x.new_zeros(n, c, h + 2 * pad, w + 2 * pad)
    padded[:, :, pad : pad + h, pad : pad + w] = x
    rows, columns = (h + 2 * pad - k) // stride + 1, (w + 2 * pad - k) // stride + 1
    y = x.new_zeros(n, out, rows, columns)
    for i in range(k):
        for j in range(k):
            part = padded[
                :,
                :,
                i : i + stride * (rows - 1) + 1 : stride,
                j : j + stride * (columns - 1) + 1 : stride,
            ]
            y += torch.einsum("oc,nchw->nohw", weight[:, :, i, j], part)
    return y if bias is None else y + bias[None, :, None, None]


def stuffed(x):
    """Zeros between the samples: [.., H, W] -> [.., 2H, 2W]."""
    y = x.new_zeros(*x.shape[:2], 2 * x.shape[2], 2 * x.shape[3])
    y[:, :, ::2, ::2] = x
    return y


def fir(x, before, after, gain=1.0):
    """[1, 3, 3, 1] along both axes, between ``before`` and ``after`` zeros."""
    for axis in (2, 3):
        size = x.shape[axis] + before + after
        padded = x.new_zeros(*[size if a == axis else n for a, n in enumerate(x.shape)])
        padded.narrow(axis, before, x.shape[axis]).copy_(x)
        x = sum(
            tap * padded.narrow(axis, i, size - 3)
            for i, tap in enumerate((0.125, 0.375, 0.375, 0.125))
        )
    return x * gain


def leaky(x):
    return torch.where(x > 0, x, 0.2 * x) * math.sqrt(2)


def linear(s, name, x, rate=1.0):
    weight = s[f"{name}.weight"]
    return x @ weight.T * rate / math.sqrt(weight.shape[1]) + rate * s[f"{name}.bias"]


def slow_modulated(s, name, x, w, demodulate=True, up=False):
    """A kernel for every sample; up-sampling is zero insertion, convolution with the turned kernel,
    FIR filter.
    """
    style = linear(s, f"{name}.modulation", w)
    rows = []
    for image, modulation in zip(x, style):
        kernel = s[f"{name}.weight"][0]
        kernel = kernel / math.sqrt(kernel[0].numel()) * modulation[None, :, None, None]
        if demodulate:
            kernel = kernel / (kernel.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        if up:
            full = conv(stuffed(image[None]), kernel.flip(2, 3), pad=2)[
                :, :, : 2 * image.shape[1] + 1, : 2 * image.shape[2] + 1
            ]
            rows.append(fir(full, 1, 1, gain=4))
        else:
            rows.append(conv(image[None], kernel, pad=kernel.shape[-1] // 2))
    return torch.cat(rows)


def slow_styled(s, name, x, w, noise, up):
    y = slow_modulated(s, f"{name}.conv", x, w, up=up) + s[f"{name}.noise.weight"] * noise
    return leaky(y + s[f"{name}.activate.bias"][None, :, None, None])


def slow_rgb(s, name, x, w, skip=None):
    y = slow_modulated(s, f"{name}.conv", x, w, demodulate=False) + s[f"{name}.bias"]
    return y if skip is None else y + fir(stuffed(skip), 2, 1, gain=4)


def slow_mapping(s, z):
    x = z / (z.square().mean(1, keepdim=True) + 1e-8).sqrt()
    for i in range(1, 9):
        x = leaky(linear(s, f"style.{i}", x, rate=0.01))
    return x


def slow_generator(s, w_plus):
    x = slow_styled(
        s,
        "conv1",
        s["input.input"].repeat(len(w_plus), 1, 1, 1),
        w_plus[:, 0],
        s["noises.noise_0"],
        False,
    )
    rgb = slow_rgb(s, "to_rgb1", x, w_plus[:, 1])
    for i in range((w_plus.shape[1] - 2) // 2):
        x = slow_styled(
            s, f"convs.{2 * i}", x, w_plus[:, 2 * i + 1], s[f"noises.noise_{2 * i + 1}"], True
        )
        x = slow_styled(
            s, f"convs.{2 * i + 1}", x, w_plus[:, 2 * i + 2], s[f"noises.noise_{2 * i + 2}"], False
        )
        rgb = slow_rgb(s, f"to_rgbs.{i}", x, w_plus[:, 2 * i + 3], rgb)
    return rgb


def slow_residual(s, p, x):
    def scaled(key):
        return s[f"{p}.{key}.weight"] / math.sqrt(s[f"{p}.{key}.weight"][0].numel())

    y = leaky(conv(x, scaled("conv1.0"), pad=1) + s[f"{p}.conv1.1.bias"][None, :, None, None])
    y = leaky(
        conv(fir(y, 2, 2), scaled("conv2.1"), stride=2)
        + s[f"{p}.conv2.2.bias"][None, :, None, None]
    )
    return (y + conv(fir(x, 1, 1), scaled("skip.1"), stride=2)) / math.sqrt(2)


def slow_discriminator(s, images, blocks):
    first = s["convs.0.0.weight"] / math.sqrt(3)
    x = leaky(conv(images, first) + s["convs.0.1.bias"][None, :, None, None])
    for i in range(1, blocks + 1):
        x = slow_residual(s, f"convs.{i}", x)
    n, deviation = len(x), torch.zeros(len(x))
    group = min(n, 4)
    for i in range(n // group):  # image j of group i is row j * (n / group) + i
        members = torch.arange(group) * (n // group) + i
        spread = (x[members] - x[members].mean(0)).square().mean(0)
        deviation[members] = (spread + 1e-8).sqrt().mean()
    x = torch.cat([x, deviation[:, None, None, None].expand(-1, 1, 4, 4)], 1)
    last = s["final_conv.0.weight"] / math.sqrt(513 * 9)
    x = leaky(conv(x, last, pad=1) + s["final_conv.1.bias"][None, :, None, None]).reshape(n, -1)
    return linear(s, "final_linear.1", leaky(linear(s, "final_linear.0", x)))[:, 0]


def bn(s, name, x):
    shape = (1, -1) + (1,) * (x.ndim - 2)
    mean, var, weight, bias = (
        s[f"{name}.{k}"].reshape(shape) for k in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / (var + 1e-5).sqrt() * weight + bias


def close(fast, slow):
    assert fast.shape == slow.shape and slow.std() > 1e-3  # a constant would be equal for nothing
    scale = max(1.0, float(slow.abs().max()))
    torch.testing.assert_close(fast / scale, slow / scale, atol=1e-4, rtol=0)


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


@torch.no_grad()
def test_the_predictor_is_the_reference_and_counts_degrees_as_we_do(tmp_path):
    state = files.draw(files.predictor())
    for key, value in state.items():  # He et al., so that 50 layers neither vanish nor explode
        if value.ndim > 1:
            state[key] = value * math.sqrt(1 / value[0].numel())
    model = read(*save(tmp_path, "predictor", state)[:2])
    images = torch.rand(2, 3, 256, 256, generator=torch.Generator().manual_seed(5)) * 2.2 - 1.1
    x = (
        (((images + 1) * 255 / 2 + 0.5).clamp(0, 255) / 255)
        .unflatten(2, (128, 2))
        .unflatten(4, (128, 2))
        .mean((3, 5))
    )
    x = (x - torch.tensor([0.485, 0.456, 0.406])[:, None, None]) / torch.tensor(
        [0.229, 0.224, 0.225]
    )[:, None, None]
    x = bn(state, "bn1", conv(x, state["conv1.weight"], 2, 3)).clamp(min=0)
    x = F.pad(x, (1, 1, 1, 1), value=-math.inf).unfold(2, 3, 2).unfold(3, 3, 2).amax((4, 5))
    for layer, blocks in enumerate((3, 4, 6, 3), start=1):
        for block in range(blocks):
            p, stride = f"layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1
            y = bn(state, f"{p}.bn1", conv(x, state[f"{p}.conv1.weight"])).clamp(min=0)
            y = bn(state, f"{p}.bn2", conv(y, state[f"{p}.conv2.weight"], stride, 1)).clamp(min=0)
            y = bn(state, f"{p}.bn3", conv(y, state[f"{p}.conv3.weight"]))
            if block == 0:
                x = bn(
                    state, f"{p}.downsample.1", conv(x, state[f"{p}.downsample.0.weight"], stride)
                )
            x = (y + x).clamp(min=0)
    x = slow_connected(state, "stem", x.mean((2, 3)))
    slow = torch.stack(
        [slow_head(state, f"classifier{number}{name}", x) for number, name in files.NAMES.items()],
        1,
    )
    close(model.published_logits(images), slow)
    close(model(images)[:, :4], slow[:, :4])
    close(model(images)[:, 4], slow[:, 4].flip(1))  # age, counted from old to young
    assert torch.equal(model.degrees(images)[:, 4], 5 - slow[:, 4].argmax(1))


def slow_connected(s, p, x):
    return bn(s, f"{p}.bn", x @ s[f"{p}.fc.weight"].T + s[f"{p}.fc.bias"]).clamp(min=0)


def slow_head(s, p, x):
    return slow_connected(s, f"{p}.0", x) @ s[f"{p}.1.weight"].T + s[f"{p}.1.bias"]


@pytest.mark.parametrize("gated", [False, True])
@torch.no_grad()
def test_the_recogniser_is_the_reference(tmp_path, gated):
    state = files.draw(files.recogniser(gated))
    for key, value in state.items():
        if value.ndim > 1:
            state[key] = value * math.sqrt(1 / value[0].numel())
        elif "prelu" in key or ".fc.1." in key:
            state[key] = torch.tensor([0.25])
    torch.save(state, tmp_path / "a.pt")
    model = read(tmp_path / "a.pt", "talk2edit-recogniser", gated=gated)
    images = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(6)) * 2 - 1
    s = {k.removeprefix("module."): v for k, v in state.items()}

    def prelu(x, slope):
        return torch.where(x > 0, x, slope * x)

    x = prelu(
        bn(s, "bn1", conv(images.mean(1, keepdim=True), s["conv1.weight"], 1, 1)), s["prelu.weight"]
    )
    x = x.unflatten(2, (64, 2)).unflatten(4, (64, 2)).amax((3, 5))
    for layer in range(1, 5):
        for block in range(2):
            p, stride = f"layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1
            y = prelu(
                bn(s, f"{p}.bn1", conv(bn(s, f"{p}.bn0", x), s[f"{p}.conv1.weight"], 1, 1)),
                s[f"{p}.prelu.weight"],
            )
            y = bn(s, f"{p}.bn2", conv(y, s[f"{p}.conv2.weight"], stride, 1))
            if gated:
                gate = prelu(
                    y.mean((2, 3)) @ s[f"{p}.se.fc.0.weight"].T + s[f"{p}.se.fc.0.bias"],
                    s[f"{p}.se.fc.1.weight"],
                )
                y = (
                    y
                    * (
                        1
                        / (
                            1
                            + (-(gate @ s[f"{p}.se.fc.2.weight"].T + s[f"{p}.se.fc.2.bias"])).exp()
                        )
                    )[:, :, None, None]
                )
            if layer > 1 and block == 0:
                x = bn(s, f"{p}.downsample.1", conv(x, s[f"{p}.downsample.0.weight"], stride))
            x = prelu(y + x, s[f"{p}.prelu.weight"])
    slow = bn(s, "bn5", bn(s, "bn4", x).flatten(1) @ s["fc5.weight"].T + s["fc5.bias"])
    close(model.features(images), slow)
    close(model(images), slow / slow.norm(dim=1, keepdim=True))
    doubled = images.repeat_interleave(2, 2).repeat_interleave(
        2, 3
    )  # 256 pixels, whose areas average to the same face
    close(model.features(doubled), slow)


@torch.no_grad()
def test_the_language_encoder_is_the_reference_and_reads_changes(tmp_path):
    state = {
        k: v * (0.05 if v.ndim > 1 and "word2vec" not in k else 1)
        for k, v in files.draw(files.language()).items()
    }
    path, kind, sizes = save(tmp_path, "language", state)
    model = read(path, kind, **sizes)
    texts = ["Make the bangs slightly longer.", "Can you, the bangs?"]
    tokens = model.tokenize(texts)
    assert tokens.tolist() == [[8, 10, 5, 9, 7], [6, 11, 10, 5, 4]]
    padded = torch.cat([tokens, torch.zeros(2, 2, dtype=torch.long)], 1)
    rows = []
    for row in tokens:
        sequence = list(state["lstm.word2vec.weight"][row])
        for layer in (0, 1):
            h = c = torch.zeros(1024)
            outputs = []
            for x in sequence:
                gates = (
                    state[f"lstm.rnn.weight_ih_l{layer}"] @ x
                    + state[f"lstm.rnn.bias_ih_l{layer}"]
                    + state[f"lstm.rnn.weight_hh_l{layer}"] @ h
                    + state[f"lstm.rnn.bias_hh_l{layer}"]
                )
                i, f, g, o = gates.chunk(4)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
                outputs.append(h)
            sequence = outputs
        rows.append(sequence[-1])
    for name, logits in model(padded).items():
        close(logits, slow_head(state, name, torch.stack(rows)))


def answers(model, monkeypatch, **classes):
    """What the encoder makes of one sentence to whose questions it would answer ``classes``."""
    logits = {name: torch.zeros(1, n) for name, n in files.HEADS.items()}
    for name, index in classes.items():
        logits[name][0, index] = 1
    monkeypatch.setattr(model, "forward", lambda tokens: logits)
    return model.read(["make the bangs longer"])[0]


def test_published_answers_in_our_terms(tmp_path, monkeypatch):
    path, kind, sizes = save(tmp_path, "language", files.hollow(files.language()))
    model = read(path, kind, **sizes)
    definite = answers(
        model,
        monkeypatch,
        request_mode=0,
        attribute=2,
        score_change_direction=1,
        score_change_value=3,
    )
    assert (definite.attribute, definite.direction, definite.degree) == (
        2,
        1,
        4,
    )  # four degrees more beard
    older = answers(
        model,
        monkeypatch,
        request_mode=1,
        attribute=4,
        score_change_direction=1,
        score_change_value=3,
    )
    assert (older.attribute, older.direction, older.degree) == (
        4,
        -1,
        1,
    )  # older is less young, an unstated amount one degree
    assert answers(model, monkeypatch, request_mode=2, attribute=0) is None
    assert answers(model, monkeypatch, request_mode=3, attribute=0) is None
    monkeypatch.undo()
    assert model.read(["colourless green ideas sleep", ""]) == [None, None]


# --- fields and the latent's convention ----------------------------------------------------------


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


def test_a_published_file_is_never_opened_with_code_allowed(tmp_path, monkeypatch):
    allowed = []
    original = torch.load
    monkeypatch.setattr(
        torch, "load", lambda *a, **k: allowed.append(k.get("weights_only")) or original(*a, **k)
    )
    torch.save(files.hollow(files.field()), tmp_path / "f.pt")
    read_checkpoint(tmp_path / "f.pt")
    assert allowed == [True]
