"""Many runs on any `concurrent.futures.Executor`; what is done is kept in files and not done again.

Each result is a file of its own, written as a whole, so a sweep that is killed loses no more than what its
runs have done since their last checkpoints, and the next one goes on from there.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import torch

from rbo.experiments.training import Run, keep, result_file, train

Result = dict[str, Any]


class Part(Protocol):
    """What a sweep is made of: a frozen specification, such as `Run`, that can be sent to a process."""

    @property
    def key(self) -> str:
        """A name for files, the same for the same part."""


UNREACHED = 3  # exit status of a command that finds no scheduler


class NoScheduler(ValueError):
    """No scheduler answers where one is named."""


@contextmanager
def executor(scheduler: str | None = None, workers: int = 2) -> Iterator[Executor]:
    """Processes of this machine, or an existing Dask cluster where a scheduler is named.

    Raises:
        NoScheduler: a ValueError, for a scheduler that cannot be reached.
        ValueError: without the package that talks to one.
    """
    if scheduler is None:
        pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=end_with_parent)
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise ValueError("a scheduler needs Dask: pip install distributed") from error
    try:
        answers(scheduler)
        client = Client(scheduler, timeout="10s")
    except (OSError, ValueError) as error:
        raise NoScheduler(
            f"scheduler {scheduler} cannot be reached ({error}): start one with 'dask scheduler', or leave "
            "--scheduler out to use this machine"
        ) from error
    with client:
        yield client.get_executor(retries=3, pure=False)


def end_with_parent() -> None:
    """In a worker: end when the process that began it ends, however that was killed, and not go on unseen."""

    def watch() -> None:
        parent_process().join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def answers(scheduler: str) -> None:
    """Raise unless something listens at protocol://host:port: a client would go on trying."""
    place = urlsplit(scheduler)
    if not place.hostname or not place.port:
        raise ValueError("not of the form tcp://host:port")
    socket.create_connection((place.hostname, place.port), timeout=10).close()


def alone(run: Run, folder: str | None) -> Result:
    """A run in one thread: runs go in parallel."""
    torch.set_num_threads(1)
    return train(run, folder)


def sweep(
    runs: Sequence[Part],
    folder: Path,
    pool: Executor,
    work: Callable[[Any, str | None], Result] = alone,
    shared: bool = True,
    report: bool = True,
) -> list[Result]:
    """The results of all runs, in their order; those that are in the folder are taken from there.

    Args:
        runs: what to do.
        folder: results, one file each; made if it is not there.
        pool: where to do it.
        work: what a run is; a function that can be sent to another process.
        shared: whether the workers see the folder: then they keep checkpoints there.
        report: whether progress is told, with the time left, on standard error.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [run for run in dict.fromkeys(runs) if not result_file(folder, run).exists()]
    place = str(folder.resolve()) if shared else None
    futures = {pool.submit(work, run, place): run for run in missing}
    progress = Progress(len(missing), len(set(runs)), report)
    try:
        for future in as_completed(futures):
            hold(folder, futures[future], future.result())
            progress.one_more(futures[future])
    except BaseException:
        for future, run in futures.items():
            if not future.cancel() and future.done() and future.exception() is None:
                hold(folder, run, future.result())
        raise
    return [json.loads(result_file(folder, run).read_text(encoding="utf-8")) for run in runs]


def hold(folder: Path, run: Part, result: Result) -> None:
    """Keep a result, unless the worker that sees the folder has."""
    if not result_file(folder, run).exists():
        keep(folder, run, result)


class Progress:
    """Tells how many runs are done and how long the rest will take at this rate."""

    def __init__(self, missing: int, total: int, report: bool):
        self.missing, self.total, self.report = missing, total, report
        self.done, self.begun = 0, time.monotonic()
        if report and missing < total:
            print(f"{total - missing} of {total} runs are there already", file=sys.stderr, flush=True)

    def one_more(self, run: Part) -> None:
        self.done += 1
        left = (time.monotonic() - self.begun) / self.done * (self.missing - self.done)
        if self.report:
            count = self.total - self.missing + self.done
            print(f"{count}/{self.total}  {run.key}  {left:.0f} s left", file=sys.stderr, flush=True)
