"""What the page shows: the film of the experiment with its numbers, or the last good one and a sentence."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import streamlit as st

from figures import Film
from interface import compute, results, teller
from interface.experiment import Experiment
from interface.report import Report, report
from interface.state import Playground

LOG = logging.getLogger(__name__)


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
    except ValueError as error:  # ours, and made for readers
        _say(f"This run is not possible: {error}.", playground)
    except Exception as error:  # a loss may raise anything: the reader keeps the page, the log gets the trace
        LOG.exception("%s", playground.experiment)
        _say(f"This run failed with {type(error).__name__}.", playground)
    return playground.good


def complete(playground: Playground) -> None:
    """At the end of a run: compute the balls of all radii if they are missing, and run again to show them.

    The reader sees the ball that was asked for meanwhile.
    """
    good = playground.good is not None and playground.good.experiment == playground.experiment
    if good and not compute.has_family(playground.experiment):
        compute.balls(playground.experiment)
        st.rerun()


def compose(experiment: Experiment, whole: bool) -> Picture:
    """The picture of an experiment."""
    film, balls = compute.film(experiment, whole)
    numbers = report(experiment, film, balls)
    return Picture(experiment, film, numbers, teller.text(experiment, numbers) or results.sentence(numbers))


def _say(sentence: str, playground: Playground) -> None:
    kept = f" The last good picture is kept: {playground.good.film.title}." if playground.good else ""
    st.error(sentence.replace("..", ".") + kept, icon=":material/error:")
