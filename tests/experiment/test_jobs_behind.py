"""Which jobs a file comes from, by the provenance next to the files."""

from __future__ import annotations

import json
from pathlib import Path

from experiment.provenance import jobs_behind


def told(path: Path, rule: str, inputs: list[Path], **wildcards: str) -> Path:
    facts = {"rule": rule, "wildcards": wildcards, "inputs": {str(p): "" for p in inputs}}
    Path(f"{path}.provenance.json").write_text(json.dumps(facts))
    return path


def test_every_job_behind_a_file_counts_once(tmp_path):
    bundled = tmp_path / "generator.safetensors"  # no job wrote it
    data = told(tmp_path / "data", "dataset", [], dataset="faces")
    cells = [
        told(tmp_path / f"{snr}{kind}", "transmit", [data, bundled], snr=snr)
        for snr in ("6", "12")
        for kind in (".csv", ".images.csv")
    ]
    table = told(tmp_path / "table", "metrics", cells)
    jobs = jobs_behind([table, data, bundled])
    assert sorted(job["rule"] for job in jobs) == ["dataset", "metrics", "transmit", "transmit"]


def test_a_file_that_no_job_wrote_has_none(tmp_path):
    assert jobs_behind([tmp_path / "nowhere"]) == []
