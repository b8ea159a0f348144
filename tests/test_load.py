"""What all readers share: computed once, by few processes, in turn; no long work stops another's picture."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from benchmarks.classroom.reader import Reader
from benchmarks.classroom.room import family, server, taught
from interface import compute, rolling, shared
from interface.experiment import usual
from interface.fault import ours
from interface.neural import apart
from interface.pool import COURTESY, PATIENCE, Crew, Done, Lane, Pool, Task
from interface.shared import Shared
from landscapes.neural import Training, fit
from landscapes.neural.course import Course

ROOT = Path(__file__).parents[1]


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    for _ in range(int(50 * seconds)):
        if condition():
            return
        time.sleep(0.02)
    pytest.fail("it did not come about in time")


def in_own_loop(call: Callable[..., object], *arguments: object) -> object:
    """What a coroutine gives, in a loop of its own: the browser's tests leave one running in this thread."""

    async def ran() -> object:
        return await call(*arguments)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, ran()).result()


class Gate:
    """A call that waits until it is let through, and remembers what it was called with."""

    def __init__(self) -> None:
        self.open, self.calls = threading.Event(), []

    def __call__(self, argument: object) -> object:
        self.calls.append(argument)
        assert self.open.wait(20)
        return argument


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open.set()


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Pool:
    """A pool of threads of its own."""
    own = Pool(0)
    monkeypatch.setattr(shared, "pool", lambda: own)
    return own


def asked(task: Callable[[], object], times: int = 1) -> list[list[object]]:
    """Threads that ask, and what each gets."""
    found: list[list[object]] = [[] for _ in range(times)]
    for got in found:
        threading.Thread(target=lambda got=got: got.append(task()), daemon=True).start()
    return found


# --- shared


def test_what_many_ask_for_is_computed_once(gate: Gate, here: Pool):
    results = Shared(4)
    found = asked(lambda: results.get(Task(gate, "a", Lane.SHOWN, "key")), times=5)
    until(lambda: gate.calls)
    gate.open.set()
    until(lambda: all(found))
    assert gate.calls == ["a"] and found == [["a"]] * 5
    assert results.get(Task(gate, "b", Lane.SHOWN, "key")) == "a" and results.has("key")


def test_who_waits_long_is_told_so(gate: Gate, here: Pool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shared, "LONG", 0.2)
    said: list[str] = []

    def ask() -> object:
        with shared.telling(said.append):
            return Shared(1).get(Task(gate, "a", Lane.SHOWN, "key"))

    (found,) = asked(ask)
    until(lambda: said)
    gate.open.set()
    until(lambda: found)
    assert said == [shared.UNDER_WAY]


def test_what_can_wait_begins_when_nobody_waits_for_what_is_shown(gate: Gate, here: Pool):
    shown = here.submit(Task(gate, "shown", Lane.SHOWN, "somebody"))
    later = here.submit(Task(gate, "later", Lane.NEXT, "somebody"))
    until(lambda: gate.calls)
    time.sleep(0.2)
    assert gate.calls == ["shown"] and not later.running()
    gate.open.set()
    assert (shown.result(20).value, later.result(20).value) == ("shown", "later")


def test_all_that_runs_beside_a_ball_is_asked_for_before_anything_is_waited_for(
    here: Pool, monkeypatch: pytest.MonkeyPatch
):
    asked_for: list[str] = []

    def submit(task: Task) -> object:
        kind, experiment, *_ = task.owner
        asked_for.append(f"{kind} from {experiment.start}")
        return Pool.submit(here, task)

    monkeypatch.setattr(here, "submit", submit)
    compute.forget()
    plane = replace(usual("plane"), steps=3, second=(0.5, 0.5))
    film, _ = compute.film(plane, whole=False)
    runs = {f"{kind} from {start}" for kind in ("balls", "points") for start in (plane.start, plane.second)}
    assert set(asked_for[:4]) == runs and len(film.points) == 3


def test_few_results_are_kept_and_those_lately_asked_for(gate: Gate, here: Pool):
    gate.open.set()
    results = Shared(2)
    for name in ("a", "b", "a", "c"):
        results.get(Task(gate, name, Lane.SHOWN, name))
    assert results.has("a") and results.has("c") and not results.has("b")


def refused(_: object) -> None:
    raise KeyError("/home/somebody/secret.py")


def test_an_error_is_raised_for_all_who_wait_and_not_kept(here: Pool):
    results = Shared(2)
    with pytest.raises(KeyError) as caught:
        results.get(Task(refused, 0, Lane.SHOWN, "key"))
    assert not ours(caught.value) and not results.has("key")
    plane = usual("plane")
    outside = rolling.Steps((99.0, 0.0), plane.lr, 3, 1.0)
    with pytest.raises(ValueError, match="lies outside the domain") as caught:
        results.get(Task(rolling.roll, (plane.surface(), outside, (0.1, 0.2)), Lane.NEXT, "key"))
    assert ours(caught.value), "a sentence for readers is one also from elsewhere"


def test_a_script_that_waits_can_be_interrupted_and_what_nobody_wants_is_not_begun(
    gate: Gate, here: Pool, monkeypatch: pytest.MonkeyPatch
):
    class Interrupted(BaseException): ...

    def interrupt() -> None:
        if threading.current_thread() is threading.main_thread():
            raise Interrupted

    results = Shared(2)
    first = asked(lambda: results.get(Task(gate, "first", Lane.SHOWN, "first")))
    until(lambda: gate.calls)
    monkeypatch.setattr(shared, "interruptible", interrupt)
    with pytest.raises(Interrupted):
        results.get(Task(gate, "second", Lane.SHOWN, "second"))
    monkeypatch.setattr(shared, "interruptible", lambda: None)
    gate.open.set()
    assert results.get(Task(gate, "third", Lane.SHOWN, "third")) == "third"
    until(lambda: first == [["first"]])
    assert gate.calls == ["first", "third"]


WAITING = """
import time
import streamlit as st
from interface import shared
run = st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.button("Something else")
st.text(f"run {run}")
while run < 2:
    shared.interruptible()
    time.sleep(0.01)
"""


def test_streamlit_interrupts_where_a_script_waits(tmp_path: Path):
    """A script that would wait for ever, until its reader presses a button."""
    script, heard = tmp_path / "waiting.py", []
    script.write_text(WAITING)

    async def interrupted(address: str) -> None:
        reader, over = Reader(address), asyncio.Event()
        reader.heard = heard.append
        life = asyncio.create_task(reader.live(over))
        while not any(b"run 1" in message for message in heard):
            await asyncio.sleep(0.02)
        await reader.use("Something else", "press", lambda query: False, trigger_value=True)
        while not any(b"run 2" in message for message in heard):
            await asyncio.sleep(0.02)
        over.set()
        await life

    with server(script, PYTHONPATH=str(ROOT)) as (address, *_):
        in_own_loop(asyncio.wait_for, interrupted(address), 60)


# --- the pool


def test_within_a_lane_who_has_waited_longest_is_first_and_is_told_the_place(gate: Gate):
    crew = Crew((Lane.LONG,), 0, 0)
    tasks = {
        name: Task(gate, name, Lane.LONG, name, since=since)
        for name, since in (("now", 5.0), ("a", 3.0), ("b", 1.0), ("c", 2.0))
    }
    crew.submit(tasks.pop("now"))
    until(lambda: gate.calls)
    for task in tasks.values():
        crew.submit(task)
    assert [crew.before(Lane.LONG, name) for name in ("now", "b", "c", "a", "nobody")] == [0, 1, 2, 3, 0]
    tasks["c"].future.cancel()
    assert crew.before(Lane.LONG, "a") == 2
    gate.open.set()
    until(lambda: len(gate.calls) == 3)
    assert gate.calls == ["now", "b", "a"]


def test_lanes_take_turns(gate: Gate):
    crew = Crew((Lane.NEXT, Lane.LONG), 0, 0)
    crew.submit(Task(gate, "begun", Lane.LONG, 0))
    until(lambda: gate.calls)
    for k in range(3):
        crew.submit(Task(gate, f"long {k}", Lane.LONG, k))
        crew.submit(Task(gate, f"next {k}", Lane.NEXT, k))
    gate.open.set()
    until(lambda: len(gate.calls) == 7)
    assert [call.split()[0] for call in gate.calls[1:]] == ["next", "long"] * 3


def test_what_is_alike_is_done_together_and_one_does_not_spoil_it(gate: Gate):
    calls: list[list[int]] = []

    def inverse(values: list[int]) -> list[float]:
        calls.append(values)
        return [1 / value for value in values]

    crew = Crew((Lane.SHOWN,), 0, 0)
    crew.submit(Task(gate, "begun", Lane.SHOWN, "begun"))
    until(lambda: gate.calls)
    futures = [crew.submit(Task(inverse, k, Lane.SHOWN, k, alike="inverse")) for k in (1, 0, 2)]
    gate.open.set()
    ends: list[Done] = [future.result(20) for future in futures]
    assert [end.value for end in ends] == [1.0, None, 0.5]
    assert isinstance(ends[1].error, ZeroDivisionError) and calls == [[1, 0, 2], [1], [0], [2]]


def test_a_ball_among_others_is_the_ball_alone():
    """What differs is the share of a search: it is counted for all who search together."""
    bowl = usual("wrinkled_bowl", steps=60)
    how = [
        rolling.Steps(start, lr, 60, 1.0)
        for start, lr in (((-2.2, 1.7), 0.03), ((1.0, -2.0), 0.02), ((0.3, 0.2), 0.05))
    ]
    radii = (0.6, 0.2, 1.1)
    together = rolling.roll_alike(
        [(bowl.surface(), one, radius) for one, radius in zip(how, radii, strict=True)]
    )
    points = rolling.descend_alike("adam", [(bowl.surface(), one) for one in how])
    for one, radius, ball, point in zip(how, radii, together, points, strict=True):
        (alone,) = rolling.roll_alike([(bowl.surface(), one, radius)])
        assert ball.radii.tolist() == [radius] and ball.outcomes == alone.outcomes
        np.testing.assert_allclose(ball.contacts, alone.contacts, atol=1e-6)
        np.testing.assert_allclose(ball.gaps, alone.gaps, atol=1e-6)
        (lone,) = rolling.descend_alike("adam", [(bowl.surface(), one)])
        np.testing.assert_allclose(point.contacts, lone.contacts, atol=1e-9)
        assert point.evaluations.tolist() == lone.evaluations.tolist() and point.end == lone.end


LEFT_ALONE = """
import time
from interface.pool import Lane, Pool, Task
pool = Pool(1)
input("made\\n")
for lane in (Lane.SHOWN, Lane.NEXT):
    pool.submit(Task(abs, -1, lane, lane))
time.sleep(60)
"""


def test_processes_begin_once_something_is_computed_and_end_with_a_server_that_is_killed():
    command = [sys.executable, "-u", "-c", LEFT_ALONE]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        assert process.stdout.readline() == "made\n"
        server = psutil.Process(process.pid)
        assert not server.children(recursive=True)
        process.stdin.write("\n")
        process.stdin.flush()
        until(lambda: {COURTESY, PATIENCE} <= {one.nice() for one in server.children(recursive=True)})
        left = server.children(recursive=True)
        process.kill()
    assert not psutil.wait_procs(left, timeout=20)[1]


# --- training


def test_a_training_in_slices_is_the_training(here: Pool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(apart, "SLICE", 0.0)
    training = Training(steps=40, record=10, seed=3)
    course = Course(training)
    while not course.complete:
        apart.advance(course)
    assert [record.step for record in course.records] == [0, 10, 20, 30, 40]
    assert course.trained().path.equal(fit(training).path)


def test_a_training_that_was_begun_elsewhere_goes_on_here():
    training = Training(steps=40, record=10, seed=4)
    course = Course(training)
    course.extend(0, apart.further((training, 0))[:2])
    while course.advance():
        pass
    assert course.trained().path.equal(fit(training).path)


# --- a server


@pytest.mark.timeout(240)  # three processes load torch before it begins
def test_a_class_on_a_server_and_what_is_long_beside_it(tmp_path):
    """Real processes: readers change their pictures while a map and a training are computed."""
    heavy = [("train", {"landscape": "whitley"}), ("real_losses", {"seed": "5", "train_steps": "2000"})]

    async def together(address: str, process: object) -> tuple:
        over = asyncio.Event()
        others = [Reader(address, page, query) for page, query in heavy]
        lives = [asyncio.create_task(other.live(over)) for other in others]
        while not (others[0].widgets.get("Stop") and others[1].widgets.get("Stop here")):
            await asyncio.sleep(0.1)
        found = await taught(address, process, readers=2, seconds=6, own=0.3, seed=1)
        all_ = {one: one.nice() for one in family(process)}
        over.set()
        await asyncio.gather(*lives)
        return found, others, all_

    with server(RBO_WORKERS="1") as (address, process, log):
        found, others, all_ = in_own_loop(asyncio.wait_for, together(address, process), 200)
        assert "Traceback" not in log.read_text()
    assert not psutil.wait_procs(all_, timeout=20)[1], "the map was not done, and yet nothing is left of it"
    assert {0, COURTESY, PATIENCE} <= {*all_.values()}, (
        "what is shown and what can wait have processes of their own"
    )
    assert found.lost == 0 and not any(r.lost or r.errors for r in [*found.readers, *others])
    assert any(action.page for action in found.actions)
