"""Each story of ironing is true by the page's own numbers, and is told with them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

import figures
from interface.ironing.picture import compose
from interface.ironing.stories import STORIES
from interface.ironing.view import read, write
from interface.stories import told_by


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_true_by_its_own_numbers_and_told_with_them(name: str):
    story = STORIES[name]
    proof = story.prove(story.experiment)
    assert story.claim(proof)
    text = story.text(proof)
    assert len(re.findall(r"\d", text)) >= 6 and "not finite" not in text
    picture = compose(story.experiment, whole=False)
    assert picture.text == text and picture.proof.numbers == proof.numbers


@pytest.mark.parametrize("name", STORIES)
def test_a_link_opens_a_story(name: str):
    view, notes = read(write(STORIES[name].experiment))
    assert told_by(view, STORIES) == name and notes == ()


def drawn(name: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The curves of a story as they are drawn, by name, and their x."""
    bounds = STORIES[name].prove(STORIES[name].experiment).bounds
    plot = figures.bounds.figure(bounds)
    return {trace.name: np.array(trace.y, float) for trace in plot.data}, bounds.at


def test_the_inequality_of_weak_ironing_is_drawn():
    curves, x = drawn("weak")
    balls = {name: curve for name, curve in curves.items() if name.startswith("ρ")}
    assert len(balls) == 5
    assert all((curve <= curves["sup φ, the upper bound"] + 1e-12).all() for curve in balls.values())
    (bound,) = [name for name in curves if name.startswith("lower bound for ")]
    radius = float(bound.rpartition("= ")[2])
    assert (balls[bound.removeprefix("lower bound for ")] >= curves[bound] - 1e-12).all()
    # Weierstrass has its summits, Σ a^k, at the even numbers.
    away = np.abs(x - 2 * np.round(x / 2))
    highest = 0.25 * sum(0.5**k for k in range(4))
    np.testing.assert_allclose(curves["sup φ, the upper bound"], highest)
    np.testing.assert_allclose(curves[bound], highest - radius + np.sqrt(radius**2 - away**2), atol=1e-9)


def test_the_inequality_of_linear_ironing_is_drawn():
    curves, _ = drawn("linear")
    balls = [curve for name, curve in curves.items() if name.startswith("ρ")]
    low, high = curves["inf φ, the lower bound"], curves["sup φ, the upper bound"]
    assert len(balls) == 5 and all(((low <= c) & (c <= high)).all() for c in balls)


def test_the_rule_of_thumb_is_below_the_truth():
    curves, x = drawn("rule")
    np.testing.assert_allclose(curves["ρ*, computed"], np.sqrt(x**2 + 0.25), atol=1e-6)
    assert (curves["the rule 1/|H|"] <= curves["ρ*, computed"] + 1e-9).all()


def test_a_claim_can_fail():
    """The oracle itself: with other numbers, no story is true."""
    wrong = {
        "weak": {"below upper": -1e-3},
        "linear": {"greatest": 1.0},
        "rule": {"error": 1e-3},
    }
    for name, numbers in wrong.items():
        story = STORIES[name]
        proof = story.prove(story.experiment)
        assert not story.claim(replace(proof, numbers=proof.numbers | numbers))
    small = replace(STORIES["rule"].experiment, radius=0.4)
    assert not STORIES["rule"].claim(STORIES["rule"].prove(small))
