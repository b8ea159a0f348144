"""Parts of a sweep on an executor: progress with the time left, a stop, and what is done is kept.

All sessions share the jobs, by what they compute; the least recently used are forgotten. A job that no
page has looked at for a while stops, and goes on where it was when a page asks again.

The executor is the process for what can wait (`interface.pool`), where job comes after job and each tells
how many are before it, or an existing Dask cluster where the environment names its scheduler:
RBO_SCHEDULER=tcp://host:port. Only who runs the app can name one, because a cluster that is trusted may run
anything here.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

import streamlit as st

from interface.pool import Done, Lane, Task
from interface.shared import given, pool
from rbo.experiments.sweep import NoScheduler, executor

SCHEDULER = "RBO_SCHEDULER"
NO_CLUSTER = (
    "the Dask cluster on which this app computes does not answer; whoever runs the app starts its scheduler, "
    f"or leaves {SCHEDULER} unset to compute here"
)
KEPT = 48  # jobs: some 100 kB each
UNSEEN = 20.0  # seconds after which a job that no page follows stops
LOOK = 0.3  # seconds between two looks at the futures


@dataclass(frozen=True, eq=False)
class Part:
    """One call of a sweep, that processes elsewhere can do.

    Args:
        name: of its result.
        call, arguments: what is to be done.
    """

    name: Hashable
    call: Callable[..., Any]
    arguments: tuple[Any, ...]


class Job:
    """The parts of a sweep, done and to do.

    Attributes:
        results: by name; entries are added and never changed.
        error: why it ended early, if it failed.
        halted: whether a reader stopped it.
    """

    def __init__(self, parts: tuple[Part, ...]):
        self.parts = parts
        self.results: dict[Hashable, Any] = {}
        self.error: Exception | None = None
        self.halted = False
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None
        self._begun, self._latest, self._before, self._seen = 0.0, 0.0, 0, 0.0

    @property
    def done(self) -> bool:
        """Whether nothing is missing."""
        return len(self.results) == len(self.parts)

    @property
    def running(self) -> bool:
        """Whether it is being worked on."""
        return self._thread is not None and self._thread.is_alive() and not self._stop.is_set()

    def start(self) -> None:
        """Begin, or go on."""
        with self._lock:
            if self.running or self.done:
                return
            previous, self._thread = self._thread, None
            self._stop, self.error, self.halted = threading.Event(), None, False
            self._begun, self._before, self._seen = monotonic(), len(self.results), monotonic()
            arguments = (self._stop, previous)
            self._thread = threading.Thread(target=self._work, args=arguments, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the parts that are under way; what is done is kept."""
        self.halted = True
        self._stop.set()

    def look(self) -> str:
        """How far it is, for a page that follows it."""
        self._seen = monotonic()
        done, fresh = len(self.results), len(self.results) - self._before
        before = pool().before(Lane.LONG, self) if self.running else 0
        if before:
            return f"{before} other{'s' if before > 1 else ''} before it, {done} of {len(self.parts)} parts"
        left = time_left(self._begun, self._latest, fresh, len(self.parts) - done) if self.running else ""
        return f"{done} of {len(self.parts)} parts{left}"

    def _work(self, stop: threading.Event, previous: threading.Thread | None) -> None:
        if previous:
            previous.join()
        try:
            with ExitStack() as stack:
                place = Here(self) if scheduler() is None else stack.enter_context(cluster(scheduler()))
                self._gather(place, stop)
        except Exception as error:  # of any part: the page says so
            self.error = error

    def _gather(self, place: Here | Executor, stop: threading.Event) -> None:
        missing = [part for part in self.parts if part.name not in self.results]
        futures = {place.submit(part.call, *part.arguments): part for part in missing}
        waiting: set[Future] = set(futures)
        try:
            while waiting and not stop.is_set():
                finished, waiting = wait(waiting, LOOK, FIRST_COMPLETED)
                for future in finished:
                    self.results[futures[future].name] = value(future)
                    self._latest = monotonic()
                if monotonic() - self._seen > UNSEEN:
                    stop.set()
        finally:
            for future in waiting:
                future.cancel()
            for future in wait([f for f in waiting if not f.cancelled()]).done:
                with suppress(Exception):  # it was told to stop: what failed meanwhile is not done
                    self.results[futures[future].name] = value(future)


def time_left(begun: float, latest: float, fresh: int, missing: int) -> str:
    """The end of a sentence on progress: what the rest takes at the pace of the parts done since `begun`.

    >>> now = monotonic()
    >>> time_left(now - 20, now, 2, 3), time_left(now, now, 0, 3), time_left(now - 90, now - 80, 1, 1)
    (', about 30 s left', '', ', a moment left')
    """
    if not fresh:
        return ""
    left = (latest - begun) / fresh * missing - (monotonic() - latest)
    return f", about {left:.0f} s left" if left >= 1 else ", a moment left"


def scheduler() -> str | None:
    """The scheduler that the environment names."""
    return os.environ.get(SCHEDULER) or None


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The executor of a cluster; ValueError with a sentence for readers if there is none."""
    with ExitStack() as stack:
        try:
            pool = stack.enter_context(executor(address))
        except NoScheduler:
            raise ValueError(NO_CLUSTER) from None
        yield pool


@dataclass(frozen=True)
class Here:
    """The process for what can wait, for one job."""

    owner: Hashable

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future:
        """A future of how the call ended."""
        return pool().submit(Task(applied, (call, *arguments), Lane.LONG, self.owner))


def applied(work: tuple[Any, ...]) -> Any:
    """A call with its arguments."""
    call, *arguments = work
    return call(*arguments)


def value(future: Future) -> Any:
    """What a part gave, here or on a cluster; raises what it raised."""
    found = future.result()
    return given(found) if isinstance(found, Done) else found


@st.cache_resource(show_spinner=False)
def _jobs() -> OrderedDict[Hashable, Job]:
    return OrderedDict()


_KEEPING = threading.Lock()


def job(key: Hashable, parts: Callable[[], tuple[Part, ...]]) -> Job:
    """The job of a key; its parts are made when it is new."""
    with _KEEPING:
        jobs = _jobs()
        if key not in jobs:
            jobs[key] = Job(parts())
        jobs.move_to_end(key)
        while len(jobs) > KEPT:
            jobs.popitem(last=False)[1].stop()
        return jobs[key]
