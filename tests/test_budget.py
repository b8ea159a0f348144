"""A computation that would not end for long ends with a sentence; all others are as they were."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch

from interface import budget, own, pool, rolling
from interface.experiment import usual
from interface.pool import Lane, Task


def alone(experiment) -> rolling.Alone:
    how = rolling.Steps(experiment.start, experiment.lr, experiment.steps, experiment.scale)
    return experiment.surface(), how, experiment.radius


def test_within_its_budget_a_surface_is_itself():
    plain = usual("wrinkled_bowl").surface()
    one, theta = budget.within(plain, 9.0), torch.rand(5, 2, dtype=torch.float64)
    for many, same in zip((one(theta), *one.jet(theta)), (plain(theta), *plain.jet(theta)), strict=True):
        assert torch.equal(many, same)
    assert torch.equal(one.gradient(theta), plain.gradient(theta))
    axes = [torch.linspace(-1, 1, 7, dtype=torch.float64)] * 2
    assert torch.equal(one.grid(axes), plain.grid(axes))


def test_what_is_beyond_it_is_refused_in_words_of_ours(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(budget, "ALONE", 0.3)
    monkeypatch.setattr(budget, "FAMILY", 0.4)
    pole = alone(usual(own.NAME, {"formula": "tan(5*x)"}))
    began = time.thread_time()
    (end,) = pool.perform(rolling.roll_alike, [pole], True)
    assert end.ours and str(end.error).startswith("it takes more than 0.3 s") and end.value is None
    assert time.thread_time() - began < 2
    (end,) = pool.perform(rolling.roll, [(*pole[:2], (0.3, 0.6))], False)
    assert end.ours and "it takes more than 0.4 s" in str(end.error)


def test_who_waits_is_not_cut_off():
    """The clock of the wall goes on while others compute."""
    surface = budget.within(usual("plane").surface(), 0.5)
    time.sleep(0.7)
    assert np.isfinite(surface(torch.zeros(2, dtype=torch.float64)).item())


def test_one_that_takes_too_long_does_not_spoil_those_beside_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(budget, "ALONE", 0.5)
    good, bad = usual("plane", steps=4), usual(own.NAME, {"formula": "tan(5*x)"})
    crew = pool.Crew((Lane.SHOWN,), 0, 0)
    tasks = [Task(rolling.roll_alike, alone(one), Lane.SHOWN, str(k), k) for k, one in enumerate((bad, good))]
    ends = [crew.submit(task).result(60) for task in tasks]
    assert ends[0].ours and ends[1].error is None and np.isfinite(ends[1].value.losses).all()
