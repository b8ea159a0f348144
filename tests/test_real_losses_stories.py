"""The stories of real losses are true by the numbers of all seeds, which are those that the page computes."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.stats import binom

import figures
from interface.neural import seeds, shipped, shipping, slicing
from interface.neural.seeds import Measured
from interface.neural.stories import STORIES, Tally, middle, tally, values
from interface.neural.study import read, write
from interface.stories import told_by
from landscapes.neural.course import Course, given
from tests.test_real_losses_page import APP, SCRIPT, few, healthy, session, words  # noqa: F401

FIRST = [("corrupted", 0.4), ("corrupted", 0.0), ("model", "residual")]


@pytest.fixture
def first(request: pytest.FixtureRequest):
    """A network of the first seed with the weights that it had when it was measured: nothing is trained."""
    varied, value = request.param
    study = next(s for s in seeds.studies(varied) if s.seed == 0 and getattr(s, varied) == value)
    course = given(study.training(), seeds.kept(varied, value), "it was measured before")
    _, known = slicing._courses()
    known[study.training(), ""] = course
    yield study
    known.pop((study.training(), ""), None)


@pytest.mark.parametrize("first", FIRST, indirect=True, ids=str)
def test_what_the_file_says_of_a_network_is_what_is_measured_of_it(first):
    found, told = seeds.measure.__wrapped__(first), seeds.known()[first]
    for field in fields(Measured):
        assert getattr(found, field.name) == pytest.approx(getattr(told, field.name), rel=1e-3, abs=1e-4)
    assert found.minima == told.minima


@pytest.mark.parametrize("first", FIRST[:1], indirect=True, ids=str)
def test_the_clean_valley_is_that_of_the_true_labels(first):
    """By a loop over the picture, and nothing of the slices."""
    cut = slicing.cut(slicing.slicing(first))
    data, plane = cut.trained.dataset, cut.exact.plane
    line = torch.linspace(-1, 1, 21)
    losses = {
        (float(a), float(b)): float(
            F.cross_entropy(
                torch.func.functional_call(cut.trained.model, plane.at(torch.stack([a, b])), (data.inputs,)),
                data.clean,
            )
        )
        for a in line
        for b in line
    }
    found = seeds.measure.__wrapped__(first)
    ball, descent = seeds.ends(seeds.usual(slicing.slicing(first))).values()
    lowest = np.array(min(losses, key=losses.get))
    for end, away, clean in (
        (ball, found.ball_away, found.ball_clean),
        (descent, found.descent_away, found.descent_clean),
    ):
        assert away == pytest.approx(float(np.hypot(*(end - lowest))) / 2, abs=0.06)
        assert clean >= 0.9 * min(losses.values())


def test_the_seeds_are_all_there_and_none_is_left_out():
    for varied, count in seeds.SEEDS.items():
        told = [study for study in seeds.known() if study in set(seeds.studies(varied))]
        assert len(told) == count * len(seeds.VALUES[varied])
        assert {(s.seed, s.plane_seed) for s in told} == {(k, k) for k in range(count)}
        assert values(varied, "minima").shape == (len(seeds.VALUES[varied]), count)


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_true_by_the_numbers_of_all_seeds(name: str):
    assert STORIES[name].claim()


@pytest.mark.parametrize("name", STORIES)
def test_a_story_shows_a_network_in_the_middle_and_tells_its_numbers(name: str):
    story = STORIES[name]
    told = story.text(seeds.known()[story.experiment])
    assert len(re.findall(r"\d", told)) >= 6 and "not finite" not in told
    evidence = story.evidence()
    condition, seed = evidence.shown
    assert seed == story.experiment.seed
    if name == "valley":
        apart = evidence.values[0, 0] - evidence.values[0, 1]
    else:
        apart = evidence.values[evidence.names.index("local minima"), condition]
    rank = np.sort(apart).tolist().index(apart[seed])
    assert abs(rank - (len(apart) - 1) / 2) <= 3  # equal numbers share a place
    for mean in evidence.means[0]:
        assert np.isfinite(mean)


@pytest.mark.parametrize("name", STORIES)
def test_the_network_of_a_story_is_shipped_and_the_file_says_what_is_measured_of_it(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    """On any processor: what the text says of it is what the figure rings."""
    monkeypatch.setattr(Course, "advance", lambda self: pytest.fail("something was trained"))
    study = STORIES[name].experiment
    found, told = seeds.measure.__wrapped__(study), seeds.known()[study]
    for field in fields(Measured):
        assert getattr(found, field.name) == pytest.approx(getattr(told, field.name), rel=1e-3, abs=1e-4)


def test_nothing_else_is_shipped():
    files = {shipped.file_of(study.training()) for study in shipping.studies()}
    assert files == set(shipped.FOLDER.iterdir())


@pytest.mark.parametrize("name", STORIES)
def test_a_link_opens_a_story(name: str):
    study, notes = read(write(STORIES[name].experiment))
    assert told_by(study, STORIES) == name and notes == ()


def test_claims_can_fail(monkeypatch: pytest.MonkeyPatch):
    """The oracle itself: with the conditions in the other order, no story is true."""
    known = seeds.known()
    swapped = {}
    for varied in seeds.SEEDS:
        order = seeds.VALUES[varied]
        for study in seeds.studies(varied):
            other = order[len(order) - 1 - order.index(getattr(study, varied))]
            swapped[study] = known[replace(study, **{varied: other})]
    monkeypatch.setattr(seeds, "known", lambda: swapped)
    assert not STORIES["noise"].claim() and not STORIES["skips"].claim()
    near = {study: replace(told, ball_away=0.0, ball_clean=0.0) for study, told in known.items()}
    monkeypatch.setattr(seeds, "known", lambda: near)
    assert not STORIES["valley"].claim()


def test_a_tally_is_judged_by_the_sign_test():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 15))
    found = tally(first, second)
    assert found.more + found.less == found.pairs == 15
    tail = min(found.more, found.less)
    assert found.p == pytest.approx(min(1.0, 2 * binom.cdf(tail, 15, 0.5)))
    assert not Tally(8, 7, 15).tells and Tally(14, 1, 15).tells and not Tally(0, 0, 3).tells


def test_the_middle_is_a_median():
    numbers = np.random.default_rng(1).normal(size=21)
    assert numbers[middle(numbers)] == np.median(numbers)


def test_seeds_are_drawn_as_they_are():
    shown = STORIES["noise"].evidence()
    plot = figures.seeds.figure(shown)
    for k, name in enumerate(shown.names):
        points = [trace for trace in plot.data if trace.name == "a seed"][k]
        drawn = np.array(points.y, float)
        np.testing.assert_allclose(np.sort(drawn[np.isfinite(drawn)]), np.sort(shown.values[k].ravel()))
        bars = [trace for trace in plot.data if trace.name == "their mean"][k]
        np.testing.assert_allclose(np.array(bars.y, float)[::3], shown.values[k].mean(-1))
        ring = [trace for trace in plot.data if trace.name == "the one above"][k]
        assert ring.y[0] == shown.values[k][shown.shown]
        assert name in figures.seeds.describe(shown)
    rows = figures.seeds.numbers(shown)
    assert len(rows) == shown.values[0].size and set(rows[0]) == {"seed", "network", *shown.names}
    with pytest.raises(ValueError, match="values must have shape"):
        replace(shown, values=shown.values[:1])
    with pytest.raises(ValueError, match="shown must be"):
        replace(shown, shown=(9, 0))
