"""The experiment of a session, and everything that may change it: a link, widgets, clicks, stories, scrubs.

The experiment is the one truth. Widgets show it and change it through their callbacks; the page's address
follows it. Only the radius has a second master: while the reader scrubs it in the player, the browser writes
it into the address without a word to the server, which hears of it at the next run and adopts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import streamlit as st

import landscapes
from interface import address
from interface.experiment import Experiment, clipped, sides, usual

KEY = "playground"
CLICKED = 3  # decimals of a start that was clicked
IN_FLIGHT = 2.0  # seconds that a radius may take from here into the browser's address


@dataclass
class Playground:
    """What a session remembers of the playground.

    Args:
        experiment: the truth.
        notes: sentences about what could not be done as asked.
        step: the frame that the link asked for.
        keep_step: False once, where the frame in the address is no longer the one that is shown.
        token: changes when the film is to play from its start.
        chosen: whether this run was caused by a choice of radius, that no earlier scrub may undo.
        adopted: whether this run took the radius from the address.
        seen: the radius in the address at the last run, and `shown_at`, when that run ended.
        good: the last film that could be computed, with its experiment and its numbers.
    """

    experiment: Experiment
    notes: tuple[str, ...] = ()
    step: int | None = None
    keep_step: bool = True
    token: str = ""
    begun: int = 0
    chosen: bool = False
    adopted: bool = False
    seen: float | None = None
    shown_at: float = 0.0
    good: Any = field(default=None, repr=False)


def current(query: Mapping[str, str], arrived: bool) -> Playground:
    """The state at the start of a run.

    Args:
        query: the address of the page.
        arrived: whether the reader has just come to this page: then a link is read, and later no more.
    """
    if KEY not in st.session_state or (arrived and query):
        experiment, notes = address.read(query)
        step, more = address.step_of(query, experiment.steps)
        st.session_state[KEY] = Playground(experiment, notes + more, step, keep_step=not more)
    elif arrived:
        st.session_state[KEY].step = None
    playground = st.session_state[KEY]
    _adopt(playground, query)
    return playground


def _adopt(playground: Playground, query: Mapping[str, str]) -> None:
    """Take the radius from the address if the reader scrubbed it there since the last run."""
    scrubbed = address.radius_of(query, playground.experiment)
    late = scrubbed == playground.seen and monotonic() - playground.shown_at < IN_FLIGHT
    news = scrubbed is not None and scrubbed != playground.experiment.radius and not late
    playground.adopted = news and not playground.chosen
    if playground.adopted:
        playground.experiment = replace(playground.experiment, radius=scrubbed)
    playground.seen = scrubbed


def settled(playground: Playground) -> None:
    """The state at the end of a run: the address shows the experiment."""
    leave = ("radius",) if playground.adopted else ()
    address.show(address.write(playground.experiment), leave, playground.keep_step)
    playground.chosen, playground.keep_step = False, True
    playground.shown_at = monotonic()


def run_again(playground: Playground) -> None:
    """Run the page again at once; it is told the same address, however long the last run took."""
    playground.shown_at = monotonic()
    st.rerun()


def change(**settings: object) -> None:
    """Change settings of the experiment; what is not admissible costs a sentence and changes nothing."""
    playground = st.session_state[KEY]
    try:
        take(replace(playground.experiment, **settings), chosen="radius" in settings)
    except ValueError as error:
        playground.notes = (f"Nothing was changed: {error}.",)


def click(start: tuple[float, float]) -> None:
    """Start where the reader clicked, as exactly as anybody clicks."""
    limits = sides(st.session_state[KEY].experiment.surface())
    x, y = (clipped(round(value, CLICKED), limit) + 0.0 for value, limit in zip(start, limits, strict=True))
    change(start=(x, y))


def change_parameter(name: str, value: object) -> None:
    """Change a parameter of the landscape; the rest of the experiment stays."""
    values = dict(st.session_state[KEY].experiment.parameters) | {name: value}
    change(parameters=tuple(sorted(values.items())))


def change_landscape(name: str) -> None:
    """Another landscape, with the start, radius, lr, steps and scale that tell its story."""
    old = st.session_state[KEY].experiment
    kept = {key: getattr(old, key) for key in ("contact", "inner_steps", "inner_lr", "methods")}
    take(usual(name, **kept), chosen=True)
    replay()


def reset() -> None:
    """The default of the page."""
    take(usual(landscapes.names()[0]), chosen=True)
    replay()


def take(experiment: Experiment, chosen: bool) -> None:
    """Make an experiment the truth; `chosen`: with its radius."""
    playground = st.session_state[KEY]
    playground.experiment, playground.notes = experiment, ()
    playground.chosen |= chosen


def replay() -> None:
    """Let the film play from its start."""
    playground = st.session_state[KEY]
    playground.begun += 1
    playground.token, playground.step, playground.keep_step = f"film {playground.begun}", None, False
