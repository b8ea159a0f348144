"""A page's picture of its experiment, or the last good one and a sentence on what failed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from interface import state
from interface.experiment import Experiment
from interface.fault import ours, plain
from interface.shared import in_line, telling
from interface.state import Session
from interface.wording import escaped, quoted

LOG = logging.getLogger(__name__)
ICON = ":material/error:"
LONGEST = 200  # characters of a message


@dataclass(frozen=True)
class Work:
    """How a page computes: the radius that was asked for first, the others after it.

    Args:
        compose: the picture of an experiment, with all radii or with its own alone; it has an `experiment`
            and a `title`.
        ready: whether the other radii cost no time.
        prepare: compute them.
        alone: what the picture shows without them, as the end of a sentence.
    """

    compose: Callable[[Experiment, bool], Any]
    ready: Callable[[Experiment], bool]
    prepare: Callable[[Experiment], object]
    alone: str


def picture(session: Session, work: Work) -> Any:
    """The picture of the experiment; where that fails, a sentence and the last good one, if there is one.

    A new experiment shows its own radius alone; `complete` adds the others.
    """
    queue = st.empty()  # always there: what comes after it keeps its place
    try:
        with in_line(), telling(queue.caption):
            whole = work.ready(session.experiment)
            session.good, session.lacks = work.compose(session.experiment, whole), not whole
    except Exception as error:  # a loss may raise anything: the reader keeps the page
        kept = f"The last good picture is kept: {escaped(session.good.title)}." if session.good else ""
        say("This run", error, session.experiment, kept)
    queue.empty()
    return session.good


def complete(session: Session, work: Work) -> None:
    """At the end of a run: compute all radii if the picture lacks them, and run again to show them.

    They may have come meanwhile: what counts is the picture, not whether they are ready by now.

    The reader sees what was asked for meanwhile, and keeps it where the others fail: then, too, the page runs
    again, so that the picture can say so. The run after that tries anew.
    """
    if session.failure:
        st.error(session.failure, icon=ICON)
        session.failure = ""
        return
    if session.lacks:
        try:
            with telling(st.empty().caption):
                work.prepare(session.experiment)
        except Exception as error:
            kept = f"The picture shows {work.alone}."
            session.failure = told("The run of the other radii", error, session.experiment, kept)
        state.run_again(session)


def say(run: str, error: Exception, experiment: Experiment, kept: str) -> None:
    """One sentence on what failed and one on what is kept."""
    st.error(told(run, error, experiment, kept), icon=ICON)


def told(run: str, error: Exception, experiment: Experiment, kept: str) -> str:
    """Those sentences; the log gets what is not made for readers."""
    error = plain(error)
    if ours(error):
        sentence = f"{run} is not possible: {quoted(error, LONGEST)}."
    else:
        LOG.error("%s", experiment, exc_info=error)
        sentence = f"{run} failed with {type(error).__name__}."
    return f"{sentence} {kept}".strip()
