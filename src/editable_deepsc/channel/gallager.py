"""Gallager's regular LDPC codes: bundled or drawn, and decoded by belief propagation."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ..data.storage import write_tensors
from ..networks.manifest import BUNDLED, codes, sha256
from .qam import MAX_LLR, sionna

# Codes drawn at most, in search of one without codewords of weight 2.
CODE_DRAWS = 100
# Iterations between two looks at the parity checks; words that satisfy them all are finished.
ITERATIONS_PER_LOOK = 5


class GallagerCode(NamedTuple):
    """What fixes a code: coded bits, column and row weight of H, seed of the draw."""

    length: int
    d_v: int
    d_c: int
    seed: int

    @property
    def name(self) -> str:
        """Its key among the bundled codes of the manifest, and the stem of its file."""
        return f"gallager-{self.length}-{self.d_v}-{self.d_c}-{self.seed}"


@functools.cache
def mother_code(length: int, d_v: int, d_c: int, seed: int) -> tuple[np.ndarray, Tensor]:
    """Parity checks H [m, length] of 0/1 int64 and generator [k, length] float32 = [I_k | A].

    A bundled code is read; any other is drawn by pyldpc, an optional package. Both give the same.
    ``ValueError`` where a bundled file is damaged, or pyldpc is needed and not installed.
    """
    code = GallagerCode(length, d_v, d_c, seed)
    entry = codes().get(code.name)
    if entry is None:
        return draw_code(code)
    return read_code(BUNDLED / entry["file"], entry["sha256"])


def draw_code(code: GallagerCode) -> tuple[np.ndarray, Tensor]:
    """Of the codes drawn with the seed, the first without equal columns in H, or the one with the
    fewest.

    Two equal columns make a codeword of weight 2, and decoding errors that pass all checks. At
    length 1000 every second draw has a pair; below about 250 hardly any draw has none.
    """
    try:
        # with scipy.stats and numba behind it two seconds, which chains without LDPC need not spend
        import pyldpc
    except ImportError:
        raise ValueError(
            f"channel: the Gallager code of length {code.length}, d_v={code.d_v}, d_c={code.d_c}, "
            f"seed={code.seed} is not bundled, and pyldpc, which draws it, is missing; "
            'pip install "editable-deepsc[gallager]" (pyldpc builds against an installed numpy: '
            "install numpy and setuptools first, and add --no-build-isolation)"
        ) from None
    random = np.random.RandomState(code.seed)
    checks, different = None, 0
    for _ in range(CODE_DRAWS):
        draw = pyldpc.parity_check_matrix(code.length, code.d_v, code.d_c, seed=random)
        columns = len(np.unique(draw, axis=1).T)
        if columns > different:
            checks, different = draw, columns
        if different == code.length:
            break
    checks, generator_matrix = pyldpc.coding_matrix_systematic(checks)
    return checks, torch.from_numpy(generator_matrix.T.astype(np.float32))


def save_code(path: Path, checks: np.ndarray, generator_matrix: Tensor) -> None:
    """Write a code compactly: where the ones of every row of H are [m, d_c], and A in bits."""
    information, length = generator_matrix.shape
    ones = np.nonzero(checks)[1].reshape(len(checks), -1)
    parity = np.packbits(generator_matrix[:, information:].numpy().astype(np.uint8), axis=1)
    tensors = {"ones": torch.from_numpy(ones.astype(np.int32)), "parity": torch.from_numpy(parity)}
    write_tensors(path, tensors, {"kind": "GallagerCode", "length": str(length)})


def read_code(path: Path, expected_sha256: str) -> tuple[np.ndarray, Tensor]:
    """Read what :func:`save_code` wrote; ``ValueError`` if the file is not the expected one."""
    damaged = f"weights: {path} is missing, truncated or altered; restore or reinstall it"
    if not path.is_file() or sha256(path) != expected_sha256:
        raise ValueError(damaged)
    try:
        with safe_open(path, "pt") as file:
            ones, parity = file.get_tensor("ones").long(), file.get_tensor("parity").numpy()
            length = int(file.metadata()["length"])
    except SafetensorError:
        raise ValueError(damaged) from None
    checks = torch.zeros(len(ones), length, dtype=torch.int64).scatter_(1, ones, 1)
    information = len(parity)
    bits = np.unpackbits(parity, axis=1, count=length - information).astype(np.float32)
    return checks.numpy(), torch.cat([torch.eye(information), torch.from_numpy(bits)], dim=1)


@functools.cache
def _decoder(code: GallagerCode, device: str):
    checks, _ = mother_code(*code)
    return sionna("fec.ldpc").LDPCBPDecoder(
        checks, llr_max=MAX_LLR, return_state=True, device=device
    )


def belief_propagation(
    logits: Tensor, code: GallagerCode, iterations: int
) -> tuple[Tensor, Tensor]:
    """Log-odds ln P(1)/P(0) [W, n] -> hard decisions [W, n] of 0/1, and [W] bool.

    The bool says whether all parity checks hold. A word that satisfies them is finished early.
    """
    decoder = _decoder(code, str(logits.device))
    checks = torch.from_numpy(mother_code(*code)[0]).to(logits)
    words = torch.empty_like(logits)
    pending, messages = torch.arange(len(logits), device=logits.device), None
    for done in range(0, iterations, ITERATIONS_PER_LOOK):
        steps = min(ITERATIONS_PER_LOOK, iterations - done)
        words[pending], messages = decoder(logits[pending], num_iter=steps, msg_v2c=messages)
        unsatisfied = (words[pending] @ checks.T).remainder(2).any(1)
        pending, messages = pending[unsatisfied], messages[unsatisfied]
        if not len(pending):
            break
    valid = torch.ones(len(logits), dtype=torch.bool, device=logits.device)
    valid[pending] = False
    return words, valid
