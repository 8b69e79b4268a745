"""The published formats as data, written down here independently of our modules: every key with its
shape, and files made of them.
"""

from __future__ import annotations

import argparse
import json

import torch

NAMES = {"06": "Bangs", "16": "Eyeglasses", "25": "No_Beard", "32": "Smiling", "40": "Young"}
HEADS = {
    "start": 1,
    "suggestion": 5,
    "whether_enough": 5,
    "whats_next": 2,
    "attribute": 5,
    "score_change_direction": 2,
    "score_change_value": 5,
    "target_score": 6,
    "request_mode": 4,
}
VOCABULARY = [
    "<NULL>",
    "<START>",
    "<END>",
    "<UNK>",
    "?",
    "bangs",
    "can",
    "longer",
    "make",
    "slightly",
    "the",
    "you",
]


def widths(multiplier):
    return {
        4: 512,
        8: 512,
        16: 512,
        32: 512,
        64: 256 * multiplier,
        128: 128 * multiplier,
        256: 64 * multiplier,
        512: 32 * multiplier,
        1024: 16 * multiplier,
    }


def generator(resolution, multiplier):
    c, s = widths(multiplier), {}
    for i in range(1, 9):
        s |= {f"style.{i}.weight": (512, 512), f"style.{i}.bias": (512,)}
    s["input.input"] = (1, 512, 4, 4)

    def styled(name, a, b, up):
        keys = {
            "conv.weight": (1, b, a, 3, 3),
            "conv.modulation.weight": (a, 512),
            "conv.modulation.bias": (a,),
            "noise.weight": (1,),
            "activate.bias": (b,),
        }
        return {
            f"{name}.{k}": v
            for k, v in (keys | ({"conv.blur.kernel": (4, 4)} if up else {})).items()
        }

    def rgb(name, a, up):
        keys = {
            "bias": (1, 3, 1, 1),
            "conv.weight": (1, 3, a, 1, 1),
            "conv.modulation.weight": (a, 512),
            "conv.modulation.bias": (a,),
        }
        return {
            f"{name}.{k}": v
            for k, v in (keys | ({"upsample.kernel": (4, 4)} if up else {})).items()
        }

    s |= (
        styled("conv1", 512, 512, False)
        | rgb("to_rgb1", 512, False)
        | {"noises.noise_0": (1, 1, 4, 4)}
    )
    size, i = 8, 0
    while size <= resolution:
        s |= styled(f"convs.{2 * i}", c[size // 2], c[size], True) | styled(
            f"convs.{2 * i + 1}", c[size], c[size], False
        )
        s |= rgb(f"to_rgbs.{i}", c[size], True)
        s |= {
            f"noises.noise_{2 * i + 1}": (1, 1, size, size),
            f"noises.noise_{2 * i + 2}": (1, 1, size, size),
        }
        size, i = 2 * size, i + 1
    return s


def discriminator(resolution, multiplier):
    c = widths(multiplier)
    s, size, i = (
        {"convs.0.0.weight": (c[resolution], 3, 1, 1), "convs.0.1.bias": (c[resolution],)},
        resolution,
        1,
    )
    while size > 4:
        a, b = c[size], c[size // 2]
        s |= {
            f"convs.{i}.{k}": v
            for k, v in {
                "conv1.0.weight": (a, a, 3, 3),
                "conv1.1.bias": (a,),
                "conv2.0.kernel": (4, 4),
                "conv2.1.weight": (b, a, 3, 3),
                "conv2.2.bias": (b,),
                "skip.0.kernel": (4, 4),
                "skip.1.weight": (b, a, 1, 1),
            }.items()
        }
        size, i = size // 2, i + 1
    return s | {
        "final_conv.0.weight": (512, 513, 3, 3),
        "final_conv.1.bias": (512,),
        "final_linear.0.weight": (512, 8192),
        "final_linear.0.bias": (512,),
        "final_linear.1.weight": (1, 512),
        "final_linear.1.bias": (1,),
    }


def norm(name, width):
    return {f"{name}.{k}": (width,) for k in ("weight", "bias", "running_mean", "running_var")} | {
        f"{name}.num_batches_tracked": ()
    }


def head(name, inputs, outputs):
    return {
        f"{name}.0.fc.weight": (256, inputs),
        f"{name}.0.fc.bias": (256,),
        f"{name}.1.weight": (outputs, 256),
        f"{name}.1.bias": (outputs,),
    } | norm(f"{name}.0.bn", 256)


def predictor():
    s = {"conv1.weight": (64, 3, 7, 7)} | norm("bn1", 64)
    a = 64
    for layer, (w, blocks) in enumerate(zip((64, 128, 256, 512), (3, 4, 6, 3)), start=1):
        for block in range(blocks):
            p = f"layer{layer}.{block}"
            s |= {
                f"{p}.conv1.weight": (w, a, 1, 1),
                f"{p}.conv2.weight": (w, w, 3, 3),
                f"{p}.conv3.weight": (4 * w, w, 1, 1),
            }
            s |= norm(f"{p}.bn1", w) | norm(f"{p}.bn2", w) | norm(f"{p}.bn3", 4 * w)
            if block == 0:
                s |= {f"{p}.downsample.0.weight": (4 * w, a, 1, 1)} | norm(
                    f"{p}.downsample.1", 4 * w
                )
            a = 4 * w
    s |= {"stem.fc.weight": (512, 2048), "stem.fc.bias": (512,)} | norm("stem.bn", 512)
    for number, name in NAMES.items():
        s |= head(f"classifier{number}{name}", 512, 6)
    return s


def field():
    return {
        f"field.{i}.Linear.{k}": v
        for i in range(8)
        for k, v in (("weight", (512, 512)), ("bias", (512,)))
    }


def recogniser(gated=False):
    s = {"conv1.weight": (64, 1, 3, 3), "prelu.weight": (1,)} | norm("bn1", 64)
    a = 64
    for layer, w in enumerate((64, 128, 256, 512), start=1):
        for block in range(2):
            p = f"layer{layer}.{block}"
            s |= {
                f"{p}.conv1.weight": (a, a, 3, 3),
                f"{p}.conv2.weight": (w, a, 3, 3),
                f"{p}.prelu.weight": (1,),
            }
            s |= norm(f"{p}.bn0", a) | norm(f"{p}.bn1", a) | norm(f"{p}.bn2", w)
            if gated:
                s |= {
                    f"{p}.se.fc.0.weight": (w // 16, w),
                    f"{p}.se.fc.0.bias": (w // 16,),
                    f"{p}.se.fc.1.weight": (1,),
                    f"{p}.se.fc.2.weight": (w, w // 16),
                    f"{p}.se.fc.2.bias": (w,),
                }
            if a != w:
                s |= {f"{p}.downsample.0.weight": (w, a, 1, 1)} | norm(f"{p}.downsample.1", w)
            a = w
    s |= norm("bn4", 512) | norm("bn5", 512) | {"fc5.weight": (512, 512 * 64), "fc5.bias": (512,)}
    return {f"module.{k}": v for k, v in s.items()}


def language(words=len(VOCABULARY)):
    s = {"lstm.word2vec.weight": (words, 300)}
    for layer, inputs in enumerate((300, 1024)):
        s |= {
            f"lstm.rnn.weight_ih_l{layer}": (4096, inputs),
            f"lstm.rnn.weight_hh_l{layer}": (4096, 1024),
            f"lstm.rnn.bias_ih_l{layer}": (4096,),
            f"lstm.rnn.bias_hh_l{layer}": (4096,),
        }
    for name, classes in HEADS.items():
        s |= head(name, 1024, classes)
    return s


def draw(shapes, seed=0):
    """Random tensors of these shapes, at scales that keep activations of the order of 1."""
    rng, state = torch.Generator().manual_seed(seed), {}
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    for key, shape in shapes.items():
        x = torch.randn(shape, generator=rng)
        if key.endswith("kernel"):
            x = torch.outer(taps, taps) / 64 * (1 if "conv2" in key or "skip" in key else 4)
        elif key.endswith("num_batches_tracked"):
            x = torch.tensor(100)
        elif key.endswith("running_var"):
            x = 0.5 + x.abs()
        elif key.endswith("modulation.bias") or len(shape) == 1 and key.endswith("weight"):
            x = 1 + 0.1 * x
        elif key.startswith("style.") and len(shape) == 2:
            x = 100 * x
        elif len(shape) == 1:
            x = 0.1 * x
        state[key] = x
    return state


def hollow(shapes):
    """Tensors of these shapes that take no room on disk: one number, expanded."""
    return {
        k: torch.tensor(7 if k.endswith("num_batches_tracked") else 0.5).expand(v)
        for k, v in shapes.items()
    }


def wrap(kind, state):
    """The checkpoint dictionary that ``kind`` is published in."""
    if kind in ("generator", "discriminator"):
        return {
            {"generator": "g_ema", "discriminator": "d"}[kind]: state,
            "latent_avg": torch.zeros(512),
            "g_optim": {"state": {}},
            "args": argparse.Namespace(size=128, lr=0.002),
        }
    if kind in ("predictor", "language"):
        return {"epoch": 3, "state_dict": state, "optimizer": {"state": {}}, "best_val_acc": 91.5}
    return state


def vocabulary(path):
    path.write_text(
        json.dumps({"text_token_to_idx": {word: i for i, word in enumerate(VOCABULARY)}})
    )
    return path


FORMATS = {  # name -> format, sizes, shapes
    "generator": (
        "stylegan2-generator",
        {"resolution": 128, "channel_multiplier": 1},
        generator(128, 1),
    ),
    "generator-1024": (
        "stylegan2-generator",
        {"resolution": 1024, "channel_multiplier": 2},
        generator(1024, 2),
    ),
    "discriminator": (
        "stylegan2-discriminator",
        {"resolution": 128, "channel_multiplier": 1},
        discriminator(128, 1),
    ),
    "discriminator-1024": (
        "stylegan2-discriminator",
        {"resolution": 1024, "channel_multiplier": 2},
        discriminator(1024, 2),
    ),
    "predictor": ("talk2edit-predictor", {}, predictor()),
    "field": ("talk2edit-field", {}, field()),
    "recogniser": ("talk2edit-recogniser", {}, recogniser()),
    "language": ("talk2edit-language", {"vocabulary": None}, language()),
}


def save(tmp_path, name, state, wrapped=True):
    torch.save(wrap(name, state) if wrapped else state, tmp_path / "published.pt")
    sizes = dict(FORMATS[name][1])
    if "vocabulary" in sizes:
        sizes["vocabulary"] = vocabulary(tmp_path / "vocab.json")
    return tmp_path / "published.pt", FORMATS[name][0], sizes
