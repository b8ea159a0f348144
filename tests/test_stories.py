"""Each story is true by its own numbers, is told with them, and opens from a link."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from interface import address, compute
from interface.report import Report, report
from interface.stories import STORIES, told_by


def numbers(name: str) -> tuple[Report, Report | None]:
    story = STORIES[name]
    other = report(story.other, *compute.film(story.other, whole=False)) if story.other else None
    return report(story.experiment, *compute.film(story.experiment, whole=False)), other


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_true_by_its_own_numbers(name: str):
    assert STORIES[name].claim(*numbers(name))


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_two_or_three_sentences_with_numbers(name: str):
    text = STORIES[name].text(*numbers(name))
    assert 2 <= len(re.findall(r"[.:] [A-Z]|\.$", text)) <= 4
    assert len(re.findall(r"\d", text)) >= 3 and "not finite" not in text


@pytest.mark.parametrize("name", STORIES)
def test_a_link_opens_a_story(name: str):
    experiment, notes = address.read(address.write(STORIES[name].experiment))
    assert told_by(experiment) == name and notes == ()


def test_a_claim_can_fail():
    """The oracle itself: where the ball is small, the first story is not true."""
    there, none = numbers("wrinkle")
    far = replace(there, from_start=0.7)  # another wrinkle than the first
    assert STORIES["wrinkle"].claim(there, none) and not STORIES["wrinkle"].claim(far, none)
    small = STORIES["limit"].experiment
    assert not STORIES["wrinkle"].claim(report(small, *compute.film(small, whole=False)), None)
