"""A server, a class, and what both did: seconds to the picture, sessions lost, memory over time."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil

from benchmarks.classroom.habits import Habit, scenes
from benchmarks.classroom.reader import Action, Reader
from benchmarks.served import wait_for

ROOT = Path(__file__).parents[2]
PAUSE = 2.0  # seconds between two actions of a reader
LOOK = 5.0  # seconds between two looks at the memory
ARRIVAL = 0.3  # seconds between two readers who arrive
LATE = 300.0  # seconds that the last of them may take to see the first page
MEGA = 1e6


@dataclass
class Lesson:
    """What was measured.

    Args:
        readers: who did what.
        actions: those that were begun when all had arrived.
        memory: (seconds, MB of the server and its processes).
        cores: used by the server and its processes, on average.
        errors: what the server wrote.
    """

    readers: list[Reader]
    actions: list[Action] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    cores: float = 0.0
    errors: str = ""

    def waits(self) -> list[float]:
        """Seconds from an action to its whole page, or to that of a later one, sorted; where there is none,
        until now."""
        now = time.monotonic()
        return sorted((action.page or now) - action.sent for action in self.actions)

    @property
    def fresh(self) -> float:
        """The share of actions whose page nobody had seen before."""
        answered = sorted(
            (a for reader in self.readers for a in reader.actions if a.page), key=lambda a: a.page
        )
        first = {action.shown: id(action) for action in reversed(answered) if not action.overtaken}
        return sum(first.get(a.shown) == id(a) for a in self.actions) / len(self.actions)

    @property
    def lost(self) -> int:
        """Sessions that ended before the lesson."""
        return sum(bool(reader.lost) for reader in self.readers)


@contextmanager
def server(script: Path | str = "app.py", **environment: str) -> Iterator[tuple[str, psutil.Process, Path]]:
    """The app, or another script, on a port of its own: host:port, its process, its log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [*command, "--server.headless=true", "--server.address=127.0.0.1"],
                cwd=ROOT,
                stdout=out,
                stderr=out,
                env=os.environ | environment,
            )
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"127.0.0.1:{port}", psutil.Process(process.pid), log
        finally:
            process.terminate()
            process.wait(timeout=30)


def lesson(readers: int, seconds: float, own: float, page: str = "", seed: int = 0) -> Lesson:
    """A class on a server of its own."""
    with server() as (address, process, log):
        found = asyncio.run(taught(address, process, readers, seconds, own, seed))
        text = log.read_text()
        found.errors = text[text.find("Traceback") :] if "Traceback" in text else ""
        return found


async def taught(
    address: str, process: psutil.Process, readers: int, seconds: float, own: float, seed: int
) -> Lesson:
    """A class arrives, acts and leaves.

    Raises:
        TimeoutError: the first page did not come to all of them.
    """
    class_ = Lesson([Reader(address) for _ in range(readers)])
    over = asyncio.Event()
    dice = Random(seed)
    tasks = []
    for reader in class_.readers:
        tasks.append(asyncio.create_task(reader.live(over)))
        await asyncio.sleep(ARRIVAL)
    await asyncio.wait_for(seated(class_.readers), LATE)
    begun, spent, course = time.monotonic(), used(process), scenes()
    for reader in class_.readers:
        tasks.append(
            asyncio.create_task(acts(reader, Habit(own, course, Random(dice.random()), begun), over))
        )
    while time.monotonic() - begun < seconds:
        class_.memory.append((time.monotonic() - begun, resident(process)))
        await asyncio.sleep(min(LOOK, seconds))
    class_.cores = (used(process) - spent) / (time.monotonic() - begun)
    class_.actions = [a for reader in class_.readers for a in reader.actions if a.sent >= begun]
    await asyncio.sleep(PAUSE)  # what was done last may still be answered
    over.set()
    await asyncio.gather(*tasks)
    return class_


async def seated(readers: list[Reader]) -> None:
    """Until each of them has seen the first page, or is lost."""
    while not all(reader.lost or (reader.actions and reader.actions[0].page) for reader in readers):
        await asyncio.sleep(0.1)


async def acts(reader: Reader, habit: Habit, over: asyncio.Event) -> None:
    """Every two seconds, whether the last action was answered or not."""
    due = time.monotonic() + habit.dice.uniform(0, PAUSE)
    while not over.is_set() and not reader.lost:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        due += PAUSE
        if not over.is_set() and not reader.lost:
            await habit.act(reader)


def family(process: psutil.Process) -> list[psutil.Process]:
    """A process and those that it began."""
    return [process, *process.children(recursive=True)]


def resident(process: psutil.Process) -> float:
    """MB in memory."""
    return sum(one.memory_info().rss for one in family(process)) / MEGA


def used(process: psutil.Process) -> float:
    """Seconds of processor."""
    return sum(sum(one.cpu_times()[:2]) for one in family(process))
