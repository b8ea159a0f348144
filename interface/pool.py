"""Heavy work on few processes, in four lanes, with queues that tell who is before whom.

Sessions are threads of one process: what computes in one of them makes all the others wait. So balls,
surfaces and sweeps go to a bounded number of processes beside it, each with one thread:

    SHOWN   what a reader looks at and waits for: as many processes as there are cores;
    NEXT    what the reader may want next (the other radii),
    SLICE   trainings, a slice of time each, and
    LONG    maps and sweeps, in turn: one process, which begins something when nobody waits for what is shown.

Within a lane who has waited longest is first, and what is alike and waits is done together: many balls on one
landscape cost little more than one. Until the processes have loaded torch, a thread of this one computes what
is shown; they are begun once it has computed something, for loading takes both cores for seconds, and the
first reader waits for a picture.
"""

from __future__ import annotations

import os
import threading
import traceback
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from enum import Enum
from time import monotonic
from typing import Any

from joblib.externals.loky import ProcessPoolExecutor

from interface import attached
from interface.fault import ours, plain

WORKERS = "RBO_WORKERS"  # how many processes for what is shown; 0: threads of this process
TOGETHER = 16  # calls at most that are done as one
MOST = 4  # of them, each of about 0.3 GB, where nothing is said
COURTESY, PATIENCE = 5, 19  # how much the processes yield to the pages, and those for later to both


class Lane(Enum):
    """For what something is computed."""

    SHOWN = "shown"
    NEXT = "next"
    SLICE = "slice"
    LONG = "long"


@dataclass(eq=False)
class Task:
    """A call that waits or is under way.

    Args:
        call: of one argument, or, where `alike` is not None, of a list of arguments, for a list of results.
        argument: of this task.
        lane: for what.
        owner: for whom, in the words of whoever submits it.
        alike: tasks of which this is the same can be done by one call.
        since: when whoever wants it began to wait, in seconds of the clock.
        future: of its `Done`; it can be cancelled as long as it waits.
    """

    call: Callable[[Any], Any]
    argument: Any
    lane: Lane
    owner: Hashable
    alike: Hashable | None = None
    since: float = field(default_factory=monotonic)
    future: Future = field(default_factory=Future)


@dataclass(frozen=True)
class Done:
    """How a call ended, in a form that one process can send to another."""

    value: Any = None
    error: Exception | None = None
    ours: bool = False
    log: str = ""


class Elsewhere(Exception):
    """The traceback of an error in another process, for the log."""


def _since(task: Task) -> float:
    return task.since


class Crew:
    """A bounded number of processes that serve some lanes.

    Args:
        lanes: which; they take turns.
        size: how many processes; 0 for a thread of this process.
        niceness: how much they yield to others.
        first: others that go first: nothing is begun while they have no process to spare. Two cores are often
            the halves of one, and then even a process that yields makes the others slower.
    """

    def __init__(self, lanes: tuple[Lane, ...], size: int, niceness: int, first: Crew | None = None):
        self.size, self.niceness, self.first = size, niceness, first
        self._next: Crew | None = None
        if first:
            first._next = self
        self._lock = threading.RLock()
        self._waiting: dict[Lane, list[Task]] = {lane: [] for lane in lanes}
        self._turn = deque(lanes)
        self._running: list[list[Task]] = []
        self._new: Executor | None = None  # the processes that were opened last
        self._processes: Executor | None = None  # the same, once they have loaded what they need
        self._begun, self._loading, self._closed = not size, False, False

    def close(self) -> None:
        """Begin nothing more and end the processes, whatever they are at."""
        with self._lock:
            self._closed = self._begun = True
        if self._new:
            self._new.shutdown(wait=False, kill_workers=True)

    def _close_all(self) -> None:
        for crew in filter(None, (self.first, self, self._next)):
            crew.close()

    def submit(self, task: Task) -> Future:
        """The future of a task."""
        with self._lock:
            self._waiting[task.lane].append(task)
        if task.lane is not Lane.SHOWN:
            self._begin()
        self._fill()
        return task.future

    def before(self, lane: Lane, owner: Hashable) -> int:
        """How many others come before an owner in a lane; 0 if it does not wait."""
        with self._lock:
            owners = [task.owner for tasks in self._running for task in tasks if task.lane is lane]
            queue = sorted(self._waiting[lane], key=_since)
        waiting = [task.owner for task in queue if not task.future.cancelled()]
        if owner in owners or owner not in waiting:
            return 0
        return len({*owners, *waiting[: waiting.index(owner)]})

    def _begin(self) -> None:
        """Open the first processes, if there are to be any and that has not been done."""
        with self._lock:
            begun, self._begun = self._begun, True
            if not begun:
                self._open()

    def _open(self) -> None:
        """Begin new processes; they are used once they have loaded what they need."""
        self._loading, self._processes = True, None
        self._new = ProcessPoolExecutor(
            self.size,
            initializer=attached.begin,
            initargs=(os.getpid(), self.niceness),
            env={"OMP_NUM_THREADS": "1"},
        )
        for loaded in [self._new.submit(loading) for _ in range(self.size)]:
            loaded.add_done_callback(lambda loaded, new=self._new: self._opened(new, loaded))
        # What is registered last comes first: before what this executor registered just now, which waits for
        # all that any executor has begun. `atexit` comes after both.
        threading._register_atexit(self._close_all)

    def _opened(self, new: Executor, loaded: Future) -> None:
        with self._lock:
            if new is self._new:
                self._loading = False
                self._processes = None if loaded.exception() else new
        self._fill()

    def spare(self) -> bool:
        """Whether nobody waits, and a process has nothing to do."""
        with self._lock:
            waiting = any(not task.future.cancelled() for tasks in self._waiting.values() for task in tasks)
            return not waiting and len(self._running) < max(1, self.size)

    def _room(self) -> int:
        """How many tasks can be under way."""
        if self.first and not self.first.spare():
            return 0
        if self._processes:
            return self.size
        return 0 if self._closed or (self._loading and Lane.SHOWN not in self._turn) else 1

    def _fill(self) -> None:
        """Give the processes what they can take."""
        while tasks := self._take():
            processes = self._processes
            work = tasks[0].call, [task.argument for task in tasks], tasks[0].alike is not None
            try:
                done = processes.submit(perform, *work) if processes else in_a_thread(perform, *work)
            except RuntimeError:  # a process has died, and its executor with it
                with self._lock:
                    if self._closed:
                        return
                    if self._processes is processes:
                        self._open()
                done = in_a_thread(perform, *work)
            done.add_done_callback(lambda done, tasks=tasks: self._ended(tasks, done))

    def _take(self) -> list[Task]:
        """The next task, with those like it, marked as running; [] if there is none or nobody for it."""
        with self._lock:
            if self._closed or len(self._running) >= self._room():
                return []
            for lane in tuple(self._turn):
                self._waiting[lane] = [task for task in self._waiting[lane] if not task.future.cancelled()]
                if tasks := self._chosen(self._waiting[lane]):
                    self._running.append(tasks)
                    self._turn.remove(lane)
                    self._turn.append(lane)
                    return tasks
            return []

    def _chosen(self, queue: list[Task]) -> list[Task]:
        """Who waits longest, with those like it, taken out of a queue."""
        while queue:
            first = min(queue, key=_since)
            like = [first]
            if first.alike is not None:
                others = [task for task in queue if task.alike == first.alike and task is not first]
                like += sorted(others, key=_since)[: TOGETHER - 1]
            for task in like:
                queue.remove(task)
            if tasks := [task for task in like if task.future.set_running_or_notify_cancel()]:
                return tasks
        return []

    def _ended(self, tasks: list[Task], done: Future) -> None:
        with self._lock:
            self._running.remove(tasks)
        error = done.exception()
        ends = [Done(error=error, log=repr(error))] * len(tasks) if error else done.result()
        for task, end in zip(tasks, ends, strict=True):
            task.future.set_result(end)
        self._begin()
        self._fill()
        if self._next:
            self._next._fill()


class Pool:
    """The processes of a server: those for what is shown, and one for what can wait.

    Args:
        size: how many for what is shown; 0 for threads of this process.
    """

    def __init__(self, size: int):
        shown = Crew((Lane.SHOWN,), size, COURTESY)
        later = (Lane.NEXT, Lane.SLICE, Lane.LONG)
        self.crews = {Lane.SHOWN: shown} | dict.fromkeys(later, Crew(later, min(size, 1), PATIENCE, shown))

    def submit(self, task: Task) -> Future:
        """The future of a task."""
        return self.crews[task.lane].submit(task)

    def before(self, lane: Lane, owner: Hashable) -> int:
        """How many others come before an owner in a lane; 0 if it does not wait."""
        return self.crews[lane].before(lane, owner)


def in_a_thread(call: Callable[..., Any], *arguments: Any) -> Future:
    """A call in a thread of this process, which does not wait for it to end."""
    future: Future = Future()

    def work() -> None:
        future.set_result(call(*arguments))

    threading.Thread(target=work, daemon=True).start()
    return future


def perform(call: Callable[[Any], Any], arguments: list[Any], together: bool) -> list[Done]:
    """How the call ends for each argument; where one spoils it for all, each has a call of its own."""
    try:
        return _every(call, arguments, together)
    finally:
        attached.give_back()


def _every(call: Callable[[Any], Any], arguments: list[Any], together: bool) -> list[Done]:
    if not together:
        return [_one(call, argument) for argument in arguments]
    all_ = _one(call, arguments)
    if all_.error is None:
        return [Done(value) for value in all_.value]
    if len(arguments) == 1:
        return [all_]
    return [end for argument in arguments for end in _every(call, [argument], True)]


def _one(call: Callable[[Any], Any], argument: Any) -> Done:
    try:
        return Done(call(argument))
    except Exception as raised:
        error = plain(raised)
        return Done(error=error, ours=ours(error), log=traceback.format_exc())


def loading() -> None:
    """What takes a process seconds, before the first reader waits for it."""
    import interface.ironing.surfaces
    import interface.rolling  # noqa: F401


def workers() -> int:
    """How many processes for what is shown: what the environment says, or as many as there are cores."""
    told = os.environ.get(WORKERS, "")
    if told.isdecimal():
        return int(told)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, cores)
