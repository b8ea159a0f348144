"""Whether a value answers the question of a lesson, by what is computed there and at the next value.

Asked is always for an end: the largest, or the smallest, value that does something. It is right if it does
it and the next one does not. The values are the radii of the film, with the reader's own, or the slider's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace

from interface import compute
from interface.lessons.lesson import Trial
from interface.lessons.picture import tried
from interface.lessons.sitting import Sitting, sit
from interface.report import report
from interface.wording import setting


@dataclass(frozen=True)
class Verdict:
    """What is said to an answer."""

    right: bool
    text: str


def judge(sitting: Sitting) -> Verdict:
    """Judge the place of the control."""
    lesson = sitting.lesson
    values, trial = stops(sitting)
    k = values.index(sitting.answer)
    mine = trial(k)
    if not lesson.holds(mine):
        return Verdict(False, f"Not this one: {lesson.short(mine)}")
    n = k + 1 if lesson.largest else k - 1
    if not 0 <= n < len(values):
        raise ValueError(f"there is nothing beyond {setting(values[k])} to compare with")
    beyond = trial(n)
    if lesson.holds(beyond):
        return Verdict(
            False,
            f"It does, but {setting(values[k])} is not the end: {setting(beyond.value)} does it, too. Go on.",
        )
    return Verdict(True, f"Right. {lesson.why(mine, beyond)}")


def answer(name: str) -> float:
    """The right value, by bisection: all values up to it, or from it on, do what is asked for."""
    sitting = sit(name)
    lesson = sitting.lesson
    values, trial = stops(sitting)
    turn = bisect_left(range(len(values)), True, key=lambda k: lesson.holds(trial(k)) != lesson.largest)
    found = turn - 1 if lesson.largest else turn
    if not 0 <= found < len(values):
        raise ValueError(f"no value of {lesson.control.label} does what is asked for")
    return values[found]


def stops(sitting: Sitting) -> tuple[tuple[float, ...], Callable[[int], Trial]]:
    """The values that the control can have, increasing, and a function that tries one by its index."""
    lesson = sitting.lesson
    if not lesson.control.live:
        return lesson.control.options, lambda k: tried(lesson, lesson.control.options[k])
    experiment = sitting.experiment()
    film, balls = compute.film(experiment)
    radii = tuple(float(radius) for radius in film.radii)
    return radii, lambda k: Trial(radii[k], report(replace(experiment, radius=radii[k]), film, balls))
