"""What a lesson shows: the film of a sitting, and a text that speaks from the trial of the prepared state."""

from __future__ import annotations

from dataclasses import dataclass

from figures import Film
from interface import compute
from interface.attempt import Work
from interface.lessons.lesson import Lesson, Trial
from interface.lessons.sitting import Sitting, sit
from interface.report import report


@dataclass(frozen=True)
class Picture:
    """A sitting and what is shown of it."""

    experiment: Sitting
    film: Film
    text: str

    @property
    def title(self) -> str:
        """What the lesson is called."""
        return self.experiment.lesson.title


def compose(sitting: Sitting, whole: bool) -> Picture:
    """The picture of a sitting: all radii where the radius is the control, one ball where a slider is."""
    lesson = sitting.lesson
    film, _ = compute.film(sitting.experiment(), whole and lesson.control.live)
    return Picture(sitting, film, lesson.text(tried(lesson, sit(sitting.name).answer)))


def tried(lesson: Lesson, value: float) -> Trial:
    """A value of the control, and what one ball does there."""
    experiment = lesson.at(value)
    return Trial(value, report(experiment, *compute.film(experiment, whole=False)))


WORK = Work(
    compose,
    ready=lambda sitting: not sitting.lesson.control.live or compute.has_family(sitting.experiment()),
    prepare=lambda sitting: compute.balls(sitting.experiment()),
    alone="the one ball that was asked for",
)
