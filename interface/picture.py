"""What the page shows: the film of the experiment with its numbers, or the last good one and a sentence."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from figures import Film
from interface import compute, results, state, teller
from interface.experiment import Experiment
from interface.report import Report, report
from interface.state import Playground
from interface.wording import quoted

LOG = logging.getLogger(__name__)
ROOT = Path(__file__).parents[1]
OURS = tuple(ROOT / room for room in ("interface", "rbo", "landscapes", "figures"))
LONGEST = 200  # characters of a message


@dataclass(frozen=True)
class Picture:
    """A film, its numbers, and what it tells."""

    experiment: Experiment
    film: Film
    report: Report
    text: str


def of(playground: Playground) -> Picture | None:
    """The picture of the experiment; where that fails, a sentence and the last good one, if there is one.

    A new experiment shows its own ball alone; `complete` adds the other radii.
    """
    try:
        playground.good = compose(playground.experiment, whole=compute.has_family(playground.experiment))
    except Exception as error:  # a loss may raise anything: the reader keeps the page
        kept = f"The last good picture is kept: {playground.good.film.title}." if playground.good else ""
        _say("This run", error, playground.experiment, kept)
    return playground.good


def complete(playground: Playground) -> None:
    """At the end of a run: compute the balls of all radii if they are missing, and run again to show them.

    The reader sees the ball that was asked for meanwhile, and keeps it where the others fail.
    """
    good = playground.good is not None and playground.good.experiment == playground.experiment
    if good and not compute.has_family(playground.experiment):
        try:
            compute.balls(playground.experiment)
        except Exception as error:
            kept = "The picture shows the one ball that was asked for."
            _say("The run of the other radii", error, playground.experiment, kept)
        else:
            state.run_again(playground)


def compose(experiment: Experiment, whole: bool) -> Picture:
    """The picture of an experiment."""
    film, balls = compute.film(experiment, whole)
    numbers = report(experiment, film, balls)
    return Picture(experiment, film, numbers, teller.text(experiment, numbers) or results.sentence(numbers))


def _say(run: str, error: Exception, experiment: Experiment, kept: str) -> None:
    """One sentence on what failed and one on what is kept; the log gets what is not made for readers."""
    if ours(error):
        sentence = f"{run} is not possible: {quoted(error, LONGEST)}."
    else:
        LOG.error("%s", experiment, exc_info=error)
        sentence = f"{run} failed with {type(error).__name__}."
    st.error(f"{sentence} {kept}".strip(), icon=":material/error:")


def ours(error: Exception) -> bool:
    """Whether a check of our own raised it, in words for readers.

    Its last line is a `raise` of ours: what torch and numpy raise ends in a call. Nor may it pass on the
    words of another error.
    """
    if not isinstance(error, ValueError) or error.__cause__ or not error.__traceback__:
        return False
    last = traceback.extract_tb(error.__traceback__)[-1]
    return last.line.startswith("raise ") and any(Path(last.filename).is_relative_to(room) for room in OURS)
