"""The experiment of a session, and everything that may change it: a link, widgets, clicks, stories, scrubs.

The experiment is the one truth. Widgets show it and change it through their callbacks; the page's address
follows it. Only the radius has a second master: while the reader scrubs it in the player, the browser writes
it into the address without a word to the server, which hears of it at the next run and adopts it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import streamlit as st

import landscapes
from interface import address, bar, own, presenting
from interface.experiment import Experiment, Limit, Value, clipped, sides, usual
from interface.shared import interruptible

KEY = "playground"
SESSION = "shown session"  # which page's session the widgets belong to
CLICKED = 3  # decimals of a start that was clicked
IN_FLIGHT = 2.0  # seconds that a radius may take from here into the browser's address


@dataclass(frozen=True)
class Page:
    """What sets one page of experiments apart from another.

    Args:
        key: under which a session remembers it.
        read, write: a query as an experiment of this page with sentences, and back.
        usual: the experiment that tells a landscape's story on this page, by the landscape's name.
        kept: settings that another landscape keeps.
        frames: the limits of what the browser alone writes into the address, by name: which frame is shown.
    """

    key: str
    read: Callable[[Mapping[str, str]], tuple[Experiment, tuple[str, ...]]]
    write: Callable[[Experiment], dict[str, str]]
    usual: Callable[..., Experiment]
    kept: tuple[str, ...]
    frames: Callable[[Experiment], dict[str, Limit]]


PLAYGROUND = Page(
    KEY,
    address.read,
    address.write,
    usual,
    kept=("contact", "inner_steps", "inner_lr", "methods"),
    frames=address.steps_of,
)


@dataclass(frozen=True)
class Draft:
    """What the reader has typed for a function of their own, and a sentence on why it is none."""

    values: dict[str, Value]
    wrong: str


@dataclass
class Session:
    """What a session remembers of a page.

    Args:
        experiment: the truth.
        notes: sentences about what could not be done as asked.
        frame: the frame that the link asked for, by name: `step` ...
        dropped: how often the frame in the address ceased to be the one that is shown.
        token: changes when the film is to play from its start.
        chosen: whether this run was caused by a choice of radius, that no earlier scrub may undo.
        radii: how many were chosen so far.
        adopted: whether this run took the radius from the address.
        seen: the radius in the address at the last run, and `shown_at`, when that run ended.
        good: the last picture that could be computed, with its experiment and its numbers.
        lacks: whether this run drew a picture without all radii.
        draft: a function that the reader is writing and that is none yet.
        failure: a sentence on why all radii but the one asked for are missing, for one run.
    """

    experiment: Experiment
    notes: tuple[str, ...] = ()
    frame: dict[str, float] = field(default_factory=dict)
    dropped: int = 0
    token: str = ""
    begun: int = 0
    chosen: bool = False
    radii: int = 0
    adopted: bool = False
    seen: float | None = None
    shown_at: float = 0.0
    good: Any = field(default=None, repr=False)
    lacks: bool = False
    draft: Draft | None = None
    failure: str = ""
    page: Page = PLAYGROUND


def here() -> Session:
    """The session of the page that is shown."""
    return st.session_state[st.session_state.get(SESSION, KEY)]


def only_here(act: Callable[..., None]) -> Callable[..., None]:
    """A callback that acts on the page that is drawn now, and does nothing once the reader has left it."""
    page = here().page

    def acting(*told: Any) -> None:
        if here().page is page:
            act(*told)

    return acting


def taking(key: str, take: Callable[[Any], None]) -> Callable[[], None]:
    """A callback that takes what the reader chose in a widget of the page that is drawn now.

    With every message the browser sends the values of all widgets that it still has: one that was under way
    when the reader left the page, or when the widget went, is none of the reader's.
    """

    def changed() -> None:
        if key in st.session_state:
            take(st.session_state[key])

    return only_here(changed)


def current(query: Mapping[str, str], arrived: bool, page: Page = PLAYGROUND) -> Session:
    """The state at the start of a run of a page.

    Args:
        query: the address of the page.
        arrived: whether the reader has just come to this page: then a link is read, and later no more.
        page: which one.
    """
    st.session_state[SESSION] = page.key
    query = {name: text for name, text in query.items() if name != presenting.NAME}
    if page.key not in st.session_state or (arrived and query):
        experiment, notes = page.read(query)
        frame, more = address.frame_of(query, page.frames(experiment))
        st.session_state[page.key] = Session(experiment, notes + more, frame, dropped=bool(more), page=page)
    elif arrived:
        here().frame = {}
    session = here()
    session.lacks = False
    _adopt(session, query)
    return session


def _adopt(session: Session, query: Mapping[str, str]) -> None:
    """Take the radius from the address if the reader scrubbed it there since the last run."""
    scrubbed = address.radius_of(query, session.experiment)
    late = scrubbed == session.seen and monotonic() - session.shown_at < IN_FLIGHT
    news = scrubbed is not None and scrubbed != session.experiment.radius and not late
    session.adopted = news and not session.chosen
    if session.adopted:
        session.experiment = replace(session.experiment, radius=scrubbed)
    session.seen = scrubbed


def settled(session: Session) -> None:
    """The state at the end of a run: the address shows the experiment."""
    leave = ("radius",) if session.adopted else ()
    drop = f"{session.page.key} {session.dropped}" if session.dropped else ""
    bar.show(session.page.write(session.experiment), leave, drop, session.radii)
    session.chosen = False
    session.shown_at = monotonic()


def run_again(session: Session) -> None:
    """Run the page again at once; it is told the same address, however long the last run took.

    What the reader has done by now comes first: Streamlit would join it to this run, and with it the way to
    another page would be lost.
    """
    session.shown_at = monotonic()
    interruptible()
    st.rerun()


def change(**settings: object) -> None:
    """Change settings of the experiment; what is not admissible costs a sentence and changes nothing."""
    session = here()
    try:
        take(replace(session.experiment, **settings), chosen="radius" in settings)
    except ValueError as error:
        session.notes = (f"Nothing was changed: {error}.",)


def change_radius(radius: float) -> None:
    """Another radius."""
    change(radius=radius)


def click(start: tuple[float, float]) -> None:
    """Start where the reader clicked, as exactly as anybody clicks."""
    limits = sides(here().experiment.surface())
    x, y = (clipped(round(value, CLICKED), limit) + 0.0 for value, limit in zip(start, limits, strict=True))
    change(start=(x, y))


def change_parameter(name: str, value: object) -> None:
    """Change a parameter of the landscape; the rest of the experiment stays."""
    values = dict(here().experiment.parameters) | {name: value}
    change(parameters=tuple(sorted(values.items())))


def change_landscape(name: str) -> None:
    """Another landscape, with the start, radius, lr, steps and scale that tell its story."""
    page, old = here().page, here().experiment
    take(page.usual(name, **{setting: getattr(old, setting) for setting in page.kept}), chosen=True)
    replay()


def rewrite(**typed: Value) -> None:
    """Another formula or domain of the reader's own function: another landscape, with a run of its own.

    What is none is kept as a draft, and the experiment stays.
    """
    session = here()
    page, old = session.page, session.experiment
    values = (session.draft.values if session.draft else dict(old.parameters)) | typed
    try:
        new = page.usual(own.NAME, values, **{setting: getattr(old, setting) for setting in page.kept})
    except ValueError as error:
        session.draft, session.notes = Draft(values, str(error)), ()
        return
    take(new, chosen=True)
    replay()


def reset() -> None:
    """The default of the page."""
    take(here().page.usual(landscapes.names()[0]), chosen=True)
    replay()


def take(experiment: Experiment, chosen: bool) -> None:
    """Make an experiment the truth; `chosen`: with its radius."""
    session = here()
    session.experiment, session.notes, session.draft, session.failure = experiment, (), None, ""
    session.chosen |= chosen
    session.radii += chosen


def replay() -> None:
    """Let the film play from its start."""
    session = here()
    session.begun += 1
    session.dropped += 1
    session.token, session.frame = f"film {session.begun}", {}
