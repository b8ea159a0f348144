"""The table as a process of its own: `python -m rbo.experiments table1 ...`, just as a reader would run it.

Its results lie in the folder of the command: what one has done, the other finds. A page that stops it loses
no more than the runs under way, and not those for longer than since their last checkpoint.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path
from time import monotonic
from typing import Any

import streamlit as st

from interface.training.jobs import NO_CLUSTER, scheduler, time_left
from interface.training.view import View
from rbo.experiments import table1
from rbo.experiments.sweep import UNREACHED
from rbo.experiments.training import Run, result_file

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results"
DATA = "digits"
KEPT = 12
UNSEEN = 600.0  # seconds after which a process that no page follows is ended
Key = tuple[str, int, int, tuple[str, ...]]


def key(view: View) -> Key:
    """What the table of a view depends on."""
    return view.model, view.epochs, view.seeds, view.optimizers


def runs(view: View) -> list[Run]:
    """The runs of its table."""
    return table1.runs(DATA, [view.model], view.optimizers, view.seeds, view.epochs)


def words(view: View) -> list[str]:
    """The command after `python`."""
    chosen = ["--models", view.model, "--methods", *view.optimizers]
    sizes = ["--seeds", str(view.seeds), "--epochs", str(view.epochs)]
    where = ["--scheduler", scheduler()] if scheduler() else []
    return ["-m", "rbo.experiments", "table1", "--data", DATA, *chosen, *sizes, *where]


def done(view: View) -> list[dict[str, Any]]:
    """The results that there are."""
    folder = RESULTS / f"table1-{DATA}" / "runs"
    files = (result_file(folder, run) for run in runs(view))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files if file.exists()]


class Command:
    """A process under way, or one that has ended.

    Attributes:
        halted: whether a reader stopped it.
    """

    def __init__(self, view: View, before: int):
        self.halted, self._before, self._finished = False, before, before
        self._begun = self._latest = self._seen = monotonic()
        RESULTS.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, *words(view), "--out", str(RESULTS)],
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # its workers end with it
        )
        self._said: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def running(self) -> bool:
        """Whether it is under way."""
        return self._process.poll() is None

    @property
    def failed(self) -> str:
        """The last that a process said which ended in an error, else ''."""
        if self.running or self.halted or not self._process.returncode:
            return ""
        if self._process.returncode == UNREACHED:
            return NO_CLUSTER
        return self._said[-1].removeprefix("error: ") if self._said else "it said nothing"

    def look(self, finished: int, total: int) -> str:
        """How far it is, for a page that follows it."""
        self._seen, fresh = monotonic(), finished - self._before
        if not fresh:
            return f"{finished} of {total} runs; the first ones take the longest"
        if finished > self._finished:
            self._finished, self._latest = finished, monotonic()
        return f"{finished} of {total} runs{time_left(self._begun, self._latest, fresh, total - finished)}"

    def stop(self) -> None:
        """End it and its workers now."""
        self.halted = True
        if self.running:
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=20)

    def _listen(self) -> None:
        with self._process.stderr as lines:
            for line in lines:
                self._said = [line.strip()] if line.strip() else self._said

    def _watch(self) -> None:
        while self.running:
            try:
                self._process.wait(timeout=2)
            except subprocess.TimeoutExpired:
                if monotonic() - self._seen > UNSEEN:
                    self.stop()


@st.cache_resource(show_spinner=False)
def _commands() -> OrderedDict[Key, Command]:
    """The processes lately begun, for any session."""
    return OrderedDict()


_STARTING = threading.Lock()


def current(view: View) -> Command | None:
    """The process of the table of a view, if one was begun."""
    return _commands().get(key(view))


def busy(view: View) -> bool:
    """Whether the table of another view is being computed."""
    return any(command.running for other, command in list(_commands().items()) if other != key(view))


def start(view: View) -> None:
    """Begin, or go on; one process at a time."""
    with _STARTING:
        commands = _commands()
        if any(command.running for command in commands.values()):
            return
        commands[key(view)] = Command(view, len(done(view)))
        while len(commands) > KEPT:
            commands.popitem(last=False)
