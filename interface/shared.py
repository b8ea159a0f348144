"""What all sessions share: the same call is computed once, kept for a while, and waited for by who wants it.

A script that waits can be interrupted: where the reader does something else, the new run begins at once, and
what nobody waits for any more is not begun.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from time import monotonic
from typing import Any

import numpy as np
import streamlit as st

from interface.pool import Done, Elsewhere, Pool, Task, workers

LOOK = 0.05  # seconds between two looks whether the reader did something else
PATIENCE = 0.4  # seconds after which a queue is worth a sentence
LONG = 3.0  # seconds after which a computation is worth one
UNDER_WAY = "This computation takes longer than most. Any other choice interrupts the wait."
Tell = Callable[[str], object]
WAITING = "waiting since"  # in the state of a session
_TELL: ContextVar[Tell | None] = ContextVar("tell", default=None)
_SINCE: ContextVar[float | None] = ContextVar("since", default=None)


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    """The processes of this server."""
    return Pool(workers())


class Shared:
    """Results of one kind.

    Args:
        kept: how many are kept at most; those asked for least lately are forgotten.
    """

    def __init__(self, kept: int):
        self.kept = kept
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, Any] = OrderedDict()
        self._coming: dict[Hashable, Task] = {}
        self._waiting: dict[Hashable, int] = {}

    def has(self, key: Hashable) -> bool:
        """Whether the result of a key costs no time."""
        with self._lock:
            return key in self._known

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._known.clear()

    def get(self, task: Task) -> Any:
        """What a task gives, which depends on its owner alone. It is shared: not to be changed.

        Raises:
            Whatever its call raises. An error of ours is raised as if it had happened here.
        """
        with self._lock:
            if task.owner in self._known:
                self._known.move_to_end(task.owner)
                return self._known[task.owner]
        with self.wanted(task):
            while True:
                try:
                    return given(waited(self._future(task), task))
                except CancelledError:  # by the last one who waited before us
                    continue

    @contextmanager
    def wanted(self, task: Task) -> Iterator[None]:
        """While somebody wants what a task gives: it is begun as soon as there is room for it."""
        task = replace(task, since=_SINCE.get() or task.since)
        with self._lock:
            self._waiting[task.owner] = self._waiting.get(task.owner, 0) + 1
        try:
            if not self.has(task.owner):
                self._future(task)
            yield
        finally:
            self._leave(task.owner)

    def _future(self, task: Task) -> Future:
        """The future of this task, under way or new."""
        key = task.owner
        with self._lock:
            coming = self._coming.get(key)
            if coming and not coming.future.cancelled():
                coming.since = min(coming.since, task.since)
                return coming.future
            if key in self._known:
                return _done(self._known[key])
            new = self._coming[key] = replace(task, future=Future())
            pool().submit(new)
        new.future.add_done_callback(lambda future: self._keep(key, future))
        return new.future

    def _keep(self, key: Hashable, future: Future) -> None:
        with self._lock:
            if key in self._coming and self._coming[key].future is future:
                del self._coming[key]
            if not future.cancelled() and future.result().error is None:
                self._known[key] = frozen(future.result().value)
                while len(self._known) > self.kept:
                    self._known.popitem(last=False)

    def _leave(self, key: Hashable) -> None:
        """Nobody waits: what has not begun need not."""
        with self._lock:
            self._waiting[key] -= 1
            if self._waiting[key]:
                return
            del self._waiting[key]
            task = self._coming.get(key)
        if task:
            task.future.cancel()


def frozen(value: Any) -> Any:
    """A record whose arrays cannot be written to; it is what all sessions have."""
    for name in getattr(value, "__dataclass_fields__", ()):
        if isinstance(part := getattr(value, name), np.ndarray):
            part.setflags(write=False)
    return value


def _done(value: Any) -> Future:
    future: Future = Future()
    future.set_result(Done(value))
    return future


def waited(future: Future, task: Task) -> Done:
    """How a task ended, for a script that waits: it can be interrupted, and is told its place."""
    began, said = monotonic(), ""
    while True:
        try:
            return future.result(LOOK)
        except TimeoutError:
            interruptible()
            lasted = monotonic() - began
            now = place(pool().before(task.lane, task.owner)) if lasted > PATIENCE else ""
            now = now or (UNDER_WAY if lasted > LONG else "")
            if (tell := _TELL.get()) and now != said:
                tell(said := now)


def given(done: Done) -> Any:
    """What a task gave, or its error; an error of ours is raised as if it had happened here."""
    if done.error is None:
        return done.value
    error = done.error
    if done.ours:
        error.__cause__ = error.__context__ = None
        raise error.with_traceback(None)
    raise error from Elsewhere(done.log)


def interruptible() -> None:
    """Where a script may be stopped: Streamlit looks for what the reader did whenever its state is read."""
    if st.runtime.exists():
        _ = WAITING in st.session_state


def place(before: int) -> str:
    """A sentence on a queue, or ''.

    >>> place(0), place(1), place(2)
    ('', 'Waiting: 1 computation before yours.', 'Waiting: 2 computations before yours.')
    """
    return f"Waiting: {before} computation{'s' if before > 1 else ''} before yours." if before else ""


@contextmanager
def telling(tell: Tell) -> Iterator[None]:
    """While something is waited for here: who is told the place in the queue."""
    before = _TELL.set(tell)
    try:
        yield
    finally:
        _TELL.reset(before)


@contextmanager
def in_line() -> Iterator[None]:
    """While a reader waits for a picture. Who does something else meanwhile keeps the place in the queue."""
    before = _SINCE.set(st.session_state.setdefault(WAITING, monotonic()))
    try:
        yield
    except Exception:
        del st.session_state[WAITING]
        raise
    else:
        del st.session_state[WAITING]
    finally:
        _SINCE.reset(before)
