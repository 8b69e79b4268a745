"""Where the time of a run went, by rule, from the benchmarks of its jobs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from experiment.profile import by_rule, main, read_benchmarks, write_profile

HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def benchmark(folder: Path, job: str, seconds: float, rss: str, cpu: str) -> None:
    path = folder / f"{job}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + f"{seconds}\t0:00:01\t{rss}\t1\t1\t1\t0\t0\t80\t{cpu}\n")


@pytest.fixture
def benchmarks(tmp_path) -> Path:
    folder = tmp_path / "benchmarks"
    benchmark(folder, "invert/faces-test", 30.0, "900.5", "25.0")
    benchmark(folder, "invert/faces-train", 70.0, "1200", "65.0")
    benchmark(folder, "evaluate/faces/editable_deepsc/6dB", 8.0, "700", "8.0")
    benchmark(folder, "metrics", 0.4, "-", "-")  # over before Snakemake looked
    return folder


def test_sums_and_peaks_by_rule_and_of_the_whole(benchmarks):
    table = by_rule(read_benchmarks(benchmarks)).set_index("rule")
    assert list(table.index) == ["invert", "evaluate", "metrics", "all"]
    assert table.jobs.to_dict() == {"invert": 2, "evaluate": 1, "metrics": 1, "all": 4}
    assert table.cpu_s["invert"] == 90 and table.cpu_s["all"] == 98
    assert table.wall_s["all"] == pytest.approx(108.4) and table.longest_s["all"] == 70
    assert table.peak_mib["invert"] == 1200 and table.peak_mib["metrics"] == 0
    assert table.share["invert"] == pytest.approx(90 / 98)


def test_a_table_and_a_picture(benchmarks, tmp_path):
    text = write_profile(benchmarks, tmp_path / "profile")
    assert "invert" in text and "91.8%" in text
    assert len(pd.read_csv(tmp_path / "profile.csv")) == 4
    for kind in ("md", "png", "pdf"):
        assert (tmp_path / f"profile.{kind}").stat().st_size > 200


def test_no_benchmarks_is_one_sentence(tmp_path):
    with pytest.raises(SystemExit, match="has no benchmarks; run the workflow first"):
        main([str(tmp_path), str(tmp_path / "profile")])
