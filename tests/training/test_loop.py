"""The loop: schedule, checkpoints, and a killed run that ends like one that was left alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from editable_deepsc.training.loop import cool_down, fit


def test_the_rate_rises_stays_and_falls_to_zero():
    rates = [cool_down(i, 1000) for i in range(1001)]
    assert rates[0] == pytest.approx(1 / 50) and rates[24] == pytest.approx(1 / 2)
    assert rates[49:400] == pytest.approx([1.0] * 351)
    assert rates[700] == pytest.approx(0.5) and rates[1000] == pytest.approx(0, abs=1e-12)
    assert all(a > b for a, b in zip(rates[401:], rates[402:]))
    assert all(0 <= r <= 1 for r in rates)
    short = [cool_down(i, 60) for i in range(60)]
    assert short[14:24] == pytest.approx([1.0] * 10)  # fifty steps of warm-up would be most of it
    assert cool_down(0, 1) == 1


class Run:
    """A regression by Adam on noisy draws, whose step can be killed."""

    def __init__(self):
        torch.manual_seed(0)
        self.model = nn.Linear(4, 2)
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=0.05)
        self.steps_taken: list[int] = []

    def __call__(
        self,
        checkpoint=None,
        kill_at: int | None = None,
        steps: int = 23,
        seed: int = 1,
        every: int = 5,
        **more,
    ) -> dict:
        def step(i, generator):
            if i == kill_at:
                raise KeyboardInterrupt
            x = torch.randn(8, 4, generator=generator)
            loss = (self.model(x) - x[:, :2].sin()).square().mean()
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            self.steps_taken.append(i)
            return {"loss": loss.detach()}

        parts = {"model": self.model, "optimiser": self.optimiser, **more.pop("parts", {})}
        fit(step, parts, [self.optimiser], steps, seed, "run", checkpoint, every, **more)
        return self.model.state_dict()


def same(a: dict, b: dict) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)


def test_a_killed_run_ends_with_the_weights_of_one_that_was_left_alone(tmp_path):
    expected = Run()()
    with pytest.raises(KeyboardInterrupt):
        Run()(tmp_path / "c.pt", kill_at=13)
    resumed = Run()
    assert same(resumed(tmp_path / "c.pt"), expected)
    assert resumed.steps_taken == list(
        range(10, 23)
    )  # from the last checkpoint, not from the start
    assert not same(Run()(seed=2), expected)


def test_a_finished_run_is_not_run_again(tmp_path):
    expected = Run()(tmp_path / "c.pt")
    again = Run()
    assert same(again(tmp_path / "c.pt"), expected) and again.steps_taken == []


class Torn:
    """A part that cannot be written the second time: the disk is full, or the power goes."""

    def __init__(self):
        self.writes = 0

    def __reduce__(self):
        raise OSError("no space left on device")

    def state_dict(self):
        self.writes += 1
        return {"step": torch.zeros(1)} if self.writes == 1 else {"step": self}

    def load_state_dict(self, state):
        pass


def test_a_checkpoint_is_whole_or_the_one_before(tmp_path):
    with pytest.raises(OSError):
        Run()(
            tmp_path / "c.pt", parts={"torn": Torn()}
        )  # dies while it writes the checkpoint of step 10
    assert torch.load(tmp_path / "c.pt", weights_only=True)["step"] == 5
    resumed = Run()
    assert same(resumed(tmp_path / "c.pt"), Run()()) and resumed.steps_taken[0] == 5


def test_samples_are_drawn_with_the_checkpoints():
    moments: list[int] = []
    Run()(steps=12, sample=moments.append)
    assert moments == [5, 10, 12]
