"""What the playground shows: the film of its experiment with its numbers and what it tells."""

from __future__ import annotations

from dataclasses import dataclass

from figures import Film
from interface import compute, results, teller
from interface.attempt import Work
from interface.experiment import Experiment
from interface.report import Report, report


@dataclass(frozen=True)
class Picture:
    """A film, its numbers, and what it tells."""

    experiment: Experiment
    film: Film
    report: Report
    text: str

    @property
    def title(self) -> str:
        """What the landscape is called."""
        return self.film.title


def compose(experiment: Experiment, whole: bool) -> Picture:
    """The picture of an experiment."""
    film, balls = compute.film(experiment, whole)
    numbers = report(experiment, film, balls)
    return Picture(experiment, film, numbers, teller.text(experiment, numbers) or results.sentence(numbers))


WORK = Work(
    compose,
    ready=lambda experiment: compute.has_family(experiment),
    prepare=lambda experiment: compute.balls(experiment),
    alone="the one ball that was asked for",
)
