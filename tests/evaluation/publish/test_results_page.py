"""The page of results, from small data frames."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from editable_deepsc.evaluation.publish.results_page import (
    BEGIN,
    END,
    METRICS,
    Figure,
    Run,
    claims_sentence,
    how_it_was_made,
    metric_table,
    put_between_markers,
    read_reasons,
    readme_block,
    results_page,
    why_not,
)

REASONS = (
    "<!-- a comment -->\n\n## 2\n\nToo few symbols.\n\n## 10\n\nOne inversion.\nEach.\n\n"
    "## 4b undecided\n\nFew.\n"
)


def cells() -> pd.DataFrame:
    """Two systems at two SNRs, two draws each; LPIPS of ours is lower at 18 dB only."""
    lpips = {
        ("editable_deepsc", -6): (1.0, 1.2),
        ("editable_deepsc", 18): (0.2, 0.4),
        ("deepsc+talk2edit", -6): (0.9, 0.9),
        ("deepsc+talk2edit", 18): (0.5, 0.5),
    }
    rows = [
        {"dataset": "faces", "system": system, "snr_db": snr_db, "seed": seed, "n_images": 7}
        | dict.fromkeys(METRICS, 0.25)
        | {"lpips": value, "cbr": 0.0104 if system == "editable_deepsc" else 0.0833}
        for (system, snr_db), values in lpips.items()
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def job(**changes) -> dict:
    return {
        "git_commit": "abc",
        "processor": "P",
        "device": "cpu",
        "versions": {"torch": "2.0"},
        "seconds": 30.0,
        "finished": "2026-01-02T03:04:05+0000",
    } | changes


def small_run(**changes) -> Run:
    entry = {
        "resolution": 64,
        "source": "embedded",
        "style": "photo",
        "role": "main",
        "images": {"train": 5, "finetune": 6, "test": 7},
    }
    claims = pd.DataFrame({"number": ["1", "2", "3"], "holds": ["yes", "no", "not tested"]})
    unknown = float("nan")
    quality = pd.DataFrame({"editor": ["jecc", "no edit"], "reached": [0.5, unknown]}).assign(
        **dict.fromkeys(METRICS, 0.125) | {"psnr_db": float("inf"), "lpips": 0.0}
    )
    fields = {
        "metrics": cells(),
        "claims": claims,
        "claims_table": "| claim | holds |\n",
        "datasets": {"faces": entry},
        "tables": ["Table I: bandwidth.\n\n| a |\n"],
        "figures": {"faces": [Figure("figure4.png", "Figure 4")]},
        "quality": {"faces": quality},
        "jobs": [job()],
    }
    return Run(**fields | changes)


def test_a_metric_table_has_means_over_draws_and_the_best_of_each_column_in_bold():
    table = metric_table(cells(), "lpips")
    assert table.columns.tolist() == ["Method", "−6 dB", "18 dB"]
    assert table.Method.tolist() == ["DeepSC+Talk2Edit", "Editable-DeepSC"]
    assert table["−6 dB"].tolist() == ["**0.900**", "1.100"]
    assert table["18 dB"].tolist() == ["0.500", "**0.300**"]


def test_the_better_end_is_the_larger_one_where_the_metric_says_so():
    rows = cells()
    rows["edit_success"] = rows.lpips
    assert metric_table(rows, "edit_success")["−6 dB"].tolist() == ["0.900", "**1.100**"]
    rows["outage"] = rows.lpips
    assert not any("*" in text for text in metric_table(rows, "outage")["−6 dB"])


def test_a_metric_that_one_system_lacks_leaves_its_cell_empty():
    rows = cells()
    rows.loc[rows.system == "editable_deepsc", "lpips_truth"] = float("nan")
    assert metric_table(rows, "lpips_truth")["18 dB"].tolist() == ["**0.250**", ""]


def test_no_edit_and_the_true_edit_are_rows_that_are_never_best():
    ends = pd.DataFrame({"editor": ["jecc", "no edit", "true edit"], "lpips": [0.3, 0.0, 0.2]})
    table = metric_table(cells(), "lpips", ends.assign(psnr_db=float("inf")))
    assert table.Method.tolist()[2:] == ["No edit", "True edit"]
    assert table["18 dB"].tolist() == ["0.500", "**0.300**", "0.000", "0.200"]
    assert metric_table(cells(), "psnr_db", ends.assign(psnr_db=float("inf")))["18 dB"][2] == "∞"
    assert len(metric_table(cells(), "dists", ends)) == 2


def test_the_placeholder_is_explained_where_all_was_lost():
    rows = cells()
    assert "placeholder" not in results_page(small_run(metrics=rows.assign(outage=0.5)), {})
    lost = rows.assign(outage=(rows.snr_db == -6).astype(float), lpips=1.75)
    page = results_page(small_run(metrics=lost), {})
    assert "LPIPS 1.75 is that of the placeholder" in page


def test_dialogues_have_a_section_where_there_are_any():
    assert "## Dialogues" not in results_page(small_run(), {})
    figures = {"dialogue": [Figure.of("dialogue", "turns")]}
    page = results_page(small_run(dialogue="By turn.\n\n| t |\n", figures=figures), {})
    section = page.split("## Dialogues\n")[1]
    assert "By turn." in section and "![Turns](dialogue.png)" in section


def test_the_page_has_every_part_of_a_run():
    page = results_page(small_run(), read_reasons(REASONS))
    assert page.startswith("# Results\n")
    for text in ("![Figure 4](figure4.png)", "Table I: bandwidth.", "| claim | holds |", "`faces`"):
        assert text in page
    for title, _, _ in METRICS.values():
        assert title in page
    assert "7 test images of 64 pixels, channel draws per image: 2" in page
    assert "| 5 | 6 | 7 | 2 |" in " ".join(page.split())
    assert "nan" not in page and "Information about" not in page


def test_a_metric_that_was_not_measured_has_no_table():
    rows = cells().assign(lpips_truth=float("nan"), psnr_truth_db=float("nan"))
    page = results_page(small_run(metrics=rows), {})
    assert "\nPSNR to the true edit, dB (higher" not in page and "SSIM to the original" in page


def test_information_is_shown_by_snr_where_it_was_measured():
    rows = {
        "dataset": "faces",
        "system": "editable_deepsc",
        "snr_db": [-6.0, 18.0, 18.0, None],
        "stage": ["received", "received", "received", "original"],
        "bits": [1.0, 30.0, 12.0, 40.0],
        "method": ["barber-agakov", "barber-agakov", "infonce", "barber-agakov"],
    }
    page = results_page(small_run(information=pd.DataFrame(rows)), {})
    table = page.split("## Information about the original")[1]
    assert "30.0" in table and "12.0" not in table and "40.0" not in table


def test_only_claims_that_fail_or_are_undecided_are_explained():
    claims = pd.DataFrame(
        {
            "number": ["2", "4a", "4b", "10", "12", "5"],
            "holds": ["no", "not tested", "undecided", "yes", "no", "undecided"],
        }
    )
    text = why_not(claims, read_reasons(REASONS))
    assert "**Why claim 2 does not hold:** Too few symbols." in text
    assert "**Why claim 4b is undecided:** Few." in text
    assert "One inversion." not in text and "4a" not in text
    assert "claim 12 does not hold:** not explained yet" in text
    assert "claim 5 is undecided:** not explained yet" in text


def test_the_reasons_of_the_repository_are_read():
    page = (Path(__file__).parents[3] / "workflow/report/why.md").read_text()
    reasons = read_reasons(page)
    numbers = {"1", "2", "3", "4a", "4b", *map(str, range(5, 10)), "10a", "10b", "11", "12"}
    without_noise = {"1", "4a", "11"}  # counts: nothing of them can be undecided
    undecided = {f"{number} undecided" for number in numbers - without_noise}
    assert undecided | {"2", "4b", "5", "6", "7", "9", "10a", "12"} <= set(reasons)
    assert set(reasons) <= numbers | undecided
    assert all(len(text) > 40 for text in reasons.values())
    assert read_reasons(REASONS) == {
        "2": "Too few symbols.",
        "10": "One inversion.\nEach.",
        "4b undecided": "Few.",
    }


def test_how_a_run_was_made_adds_up_its_jobs():
    text = how_it_was_made([job(), job(seconds=70.0, finished="2026-01-02T04:04:05+0000")])
    assert "Jobs: 2, which took 100 s" in text and "torch 2.0" in text and "Commit: abc" in text
    assert "First job started: 2026-01-02 03:03:35" in text
    assert "Last job ended: 2026-01-02 04:04:05" in text
    assert "Config: `config.yaml`\n" in text
    assert "Config: `config.yaml`, `more.yaml`\n" in how_it_was_made([job()], ["more.yaml"])


def test_the_readme_gets_one_table_and_the_claims():
    block = readme_block(small_run(overlays=["evidence.yaml"]))
    head = " ".join(block.split())
    assert "7 test faces of 64 pixels, channel draws per face: 2" in head
    assert "per face: 2; the run of `config.yaml`, `evidence.yaml`. |" in head
    row = next(line for line in block.splitlines() if "Editable-DeepSC" in line)
    assert [cell.strip() for cell in row.split("|")[1:-1]] == [
        "Editable-DeepSC",
        "0.0104",
        "1.100",
        "**0.300**",
    ]
    assert "No edit" not in block  # of no use beside a distance to the original
    assert "Of the paper's claims 1 held here; 2 did not; 3 was not tested" in " ".join(
        block.split()
    )


def test_the_sentence_names_every_claim_by_its_verdict():
    claims = pd.DataFrame(
        {
            "number": ["1", "2", "3", "4a", "4b", "5"],
            "holds": ["yes", "undecided", "yes", "yes", "undecided", "no"],
        }
    )
    assert claims_sentence(claims) == (
        "Of the paper's claims 1, 3 and 4a held here; 5 did not; 2 and 4b are undecided "
        "([all tables, and why](docs/results.md))."
    )


def test_a_figure_of_the_paper_has_its_number():
    assert Figure.of("figure10", "edits").markdown().startswith("![Figure 10: edits](figure10.png)")
    assert Figure.of("mine/grid", "edits of `mine`") == Figure("mine-grid.png", "Edits of `mine`")


def test_a_block_replaces_what_stood_between_the_markers():
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    once = put_between_markers(text, "new")
    assert once == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert put_between_markers(once, "new") == once


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}\n{BEGIN}\n{END}"])
def test_a_page_without_its_markers_is_refused(text):
    with pytest.raises(ValueError, match="results: begin"):
        put_between_markers(text, "new")


def test_the_comparison_by_bandwidth_has_a_paragraph_for_every_snr():
    rows = [("Editable-DeepSC", "0.0104", "0.300", "–"), ("DeepSC", "0.0833", "0.250", "−0.050")]
    table = pd.DataFrame(
        [
            {"SNR (dB)": snr, "Method": method, "CBR": cbr}
            | {"LPIPS to the true edit": lpips, "Difference from Editable-DeepSC": apart}
            for snr in ("-6", "6")
            for method, cbr, lpips, apart in rows
        ]
    )
    figures = {"bandwidth": [Figure.of("equal_bandwidth", "quality against bandwidth")]}
    run = small_run(bandwidth=table, bandwidth_tables=["Every system.\n\n| a |\n"], figures=figures)
    page = results_page(run, {})
    section = page.split("## Equal bandwidth")[1]
    assert "At −6 dB Editable-DeepSC reaches" in section and "At 6 dB" in section
    assert "with 0.250: a difference of −0.050" in " ".join(section.split())
    assert "![Quality against bandwidth](equal_bandwidth.png)" in section and "| a |" in section
    assert "## Equal bandwidth" not in results_page(small_run(), {})
