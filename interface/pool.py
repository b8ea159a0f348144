"""Heavy work on few processes, in three lanes, with a queue that tells who is before whom.

Sessions are threads of one process: what computes in one of them makes all the others wait. So balls,
surfaces and sweeps go to a bounded number of processes beside it, each with one thread, and these take

    SHOWN   what a reader looks at and waits for, first;
    NEXT    what the reader may want next (the other radii), and
    LONG    maps and sweeps, in turn: together they leave one process free for SHOWN.

Within a lane who comes first is first. Until the processes have loaded torch, a thread of this one does the
work.
"""

from __future__ import annotations

import os
import threading
import traceback
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from joblib.externals.loky import ProcessPoolExecutor

from interface.fault import ours

WORKERS = "RBO_WORKERS"  # how many processes; 0: a thread of this process
MOST = 4  # processes, each of about 0.3 GB, where nothing is said
COURTESY = 5  # how much a process yields to the pages


class Lane(Enum):
    """For what something is computed."""

    SHOWN = "shown"
    NEXT = "next"
    LONG = "long"


@dataclass(eq=False)
class Task:
    """A call that waits or is under way; `owner` is for whom, in the words of whoever submits it."""

    call: Callable[..., Any]
    arguments: tuple[Any, ...]
    lane: Lane
    owner: Hashable
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


class Pool:
    """Calls on a bounded number of processes.

    Args:
        workers: how many; 0 for a thread of this process.
    """

    def __init__(self, workers: int):
        self.workers = max(1, workers)
        self._lock = threading.RLock()
        self._waiting = {lane: deque[Task]() for lane in Lane}
        self._running: list[Task] = []
        self._turn = deque((Lane.NEXT, Lane.LONG))
        self._here: Executor = ThreadPoolExecutor(1, thread_name_prefix="pool")
        self._processes: Executor | None = None
        self._ready = False
        if workers:
            self._open()

    def submit(self, lane: Lane, owner: Hashable, call: Callable[..., Any], *arguments: Any) -> Future:
        """A future of the call's `Done`; it can be cancelled as long as it waits."""
        task = Task(call, arguments, lane, owner)
        with self._lock:
            self._waiting[lane].append(task)
        self._fill()
        return task.future

    def before(self, lane: Lane, owner: Hashable) -> int:
        """How many others come before an owner in a lane; 0 if it does not wait."""
        with self._lock:
            owners = [task.owner for task in self._running if task.lane is lane]
            if owner in owners:
                return 0
            for task in self._waiting[lane]:
                if task.owner == owner and not task.future.cancelled():
                    return len(set(owners))
                owners += [] if task.future.cancelled() else [task.owner]
            return 0

    def close(self) -> None:
        """End the processes."""
        if self._processes:
            self._processes.shutdown(wait=False, kill_workers=True)
        self._here.shutdown(wait=False, cancel_futures=True)

    def _open(self) -> None:
        """Begin new processes; they are used once they have loaded what they need."""
        self._ready = False
        polite = {"initializer": os.nice, "initargs": (COURTESY,)} if hasattr(os, "nice") else {}
        self._processes = ProcessPoolExecutor(self.workers, env={"OMP_NUM_THREADS": "1"}, **polite)
        loaded = [self._processes.submit(loading) for _ in range(self.workers)]
        loaded[-1].add_done_callback(self._opened)

    def _opened(self, loaded: Future) -> None:
        self._ready = loaded.exception() is None
        self._fill()

    def _fill(self) -> None:
        """Give the workers what they can take."""
        while task := self._take():
            processes = self._processes if self._ready else None
            try:
                done = (processes or self._here).submit(perform, task.call, task.arguments)
            except RuntimeError:  # a process has died, and its executor with it
                with self._lock:
                    if self._processes is processes:
                        self._open()
                done = self._here.submit(perform, task.call, task.arguments)
            done.add_done_callback(lambda done, task=task: self._ended(task, done))

    def _take(self) -> Task | None:
        """The next task, marked as running."""
        with self._lock:
            limit = self.workers if self._ready else 1
            if len(self._running) >= limit:
                return None
            behind = sum(task.lane is not Lane.SHOWN for task in self._running)
            lanes = [Lane.SHOWN, *self._turn] if behind < max(1, limit - 1) else [Lane.SHOWN]
            for lane in lanes:
                queue = self._waiting[lane]
                while queue:
                    task = queue.popleft()
                    if task.future.set_running_or_notify_cancel():
                        self._running.append(task)
                        if lane is self._turn[0]:
                            self._turn.rotate()
                        return task
            return None

    def _ended(self, task: Task, done: Future) -> None:
        with self._lock:
            self._running.remove(task)
        error = done.exception()
        task.future.set_result(Done(error=error, log=repr(error)) if error else done.result())
        self._fill()


def perform(call: Callable[..., Any], arguments: tuple[Any, ...]) -> Done:
    """A call and how it ended."""
    try:
        return Done(call(*arguments))
    except Exception as error:
        return Done(error=error, ours=ours(error), log=traceback.format_exc())


def loading() -> None:
    """What takes a process seconds, before the first reader waits for it."""
    import interface.rolling  # noqa: F401


def workers() -> int:
    """How many processes there are to be: what the environment says, or as many as there are cores."""
    told = os.environ.get(WORKERS, "")
    if told.isdecimal():
        return int(told)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, max(2, cores))
