"""A bad config in the real Snakemake: one sentence, no frames, and what is finished stays.

tests/experiment/test_bad_configs.py has the others by the hundred, without Snakemake.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

BOMB = "\n".join(
    [
        "a: &a [1, 2]",
        *(f"{x}: &{x} [{', '.join(9 * [f'*{y}'])}]" for y, x in zip("abcdefg", "bcdefgh")),
    ]
)
CONFIGS = {
    "seed: 2\nseed: 3\n": "bad.yaml, line 2: the key 'seed' is there twice, first in line 1",
    f"{BOMB}\nsweep: {{snr_db: *h}}\n": "its aliases (*) expand to more than 20,000 values",
    "networks: {evaluator: config.yaml}\n": "networks.evaluator: config.yaml is a text file",
    "codecs: {jpeg_ldpc: {max_block_length: 1000}}\n": "must be a multiple of d_c=12, not 1000",
    "sweep: {snr_db: [6, 6.0000001]}\n": "6.0000001 dB would be called 6 dB",
    "matching: {max_steps: 2.0}\n": "the number 2.0 stands where a whole number belongs; write 2",
}


def digests(folder: Path) -> dict[Path, str]:
    """Every file below a folder and its SHA-256."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("text", CONFIGS, ids=["twice", "bomb", "file", "code", "label", "2.0"])
def test_a_bad_config_is_one_sentence_and_costs_nothing(
    tmp_path, text, snakemake, copy_of_the_workflow
):
    folder = copy_of_the_workflow(tmp_path)
    (folder / "bad.yaml").write_text(text)
    for name in ("cells/faces/editable_deepsc/6dB.csv", "models/faces/jecc.safetensors"):
        (folder / "results" / name).parent.mkdir(parents=True)
        (folder / "results" / name).write_text("finished")
    before = digests(folder / "results")
    run = snakemake(folder, overlays=("bad.yaml",), targets=())  # a dry run would prove less
    assert run.returncode == 1
    said = [line for line in run.stdout.splitlines() if line]
    assert CONFIGS[text] in said[-1] and said[-1].startswith(("config: ", "weights: "))
    frames = ("Traceback", 'File "', "Error", "line 26", ".smk")
    assert not any(word in run.stdout for word in frames), run.stdout
    assert digests(folder / "results") == before
