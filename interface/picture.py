"""What the page shows: the film of the experiment with its numbers, or the last good one and a sentence."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import streamlit as st

from figures import Film
from interface import compute, teller
from interface.experiment import Experiment
from interface.report import Report, report
from interface.state import Playground

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Picture:
    """A film, its numbers, and the story that it tells, if it tells one."""

    experiment: Experiment
    film: Film
    report: Report
    text: str


def of(playground: Playground) -> Picture | None:
    """The picture of the experiment; where that fails, a sentence and the last good one, if there is one."""
    try:
        playground.good = compose(playground.experiment)
    except ValueError as error:  # ours, and made for readers
        _say(f"This run is not possible: {error}.", playground)
    except Exception as error:  # a loss may raise anything: the reader keeps the page, the log gets the trace
        LOG.exception("%s", playground.experiment)
        _say(f"This run failed with {type(error).__name__}.", playground)
    return playground.good


def compose(experiment: Experiment) -> Picture:
    """The picture of an experiment."""
    film, balls = compute.film(experiment)
    numbers = report(experiment, film, balls)
    return Picture(experiment, film, numbers, teller.text(experiment, numbers))


def _say(sentence: str, playground: Playground) -> None:
    kept = f" The last good picture is kept: {playground.good.film.title}." if playground.good else ""
    st.error(sentence.replace("..", ".") + kept, icon=":material/error:")
