"""The measured class itself: when it begins, and what its table says of a lesson that is known."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.classroom.__main__ import rows
from benchmarks.classroom.reader import Action, Reader
from benchmarks.classroom.room import Lesson, seated


def in_own_loop(made: object) -> object:
    """The tests in a browser leave a loop running in this thread."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, made).result()


def act(sent: float, page: float | None, shown: str = "") -> Action:
    return Action("knob", lambda query: True, 0, sent=sent, picture=page, page=page, shown=shown)


def test_a_class_begins_when_each_has_a_page_or_is_lost():
    early, late, lost = (Reader("nowhere") for _ in range(3))
    early.actions = [act(0.0, 1.0)]
    lost.lost = "refused"

    async def begins() -> list[bool]:
        begun = asyncio.create_task(seated([early, late, lost]))
        found = []
        for actions in ([], [act(0.0, None)], [act(0.0, 2.0)]):
            late.actions = actions
            await asyncio.sleep(0.3)
            found.append(begun.done())
        return found

    assert in_own_loop(begins()) == [False, False, True]


@pytest.mark.parametrize(
    ("slow", "leak", "holds"), [(1.4, 0.06, True), (1.6, 0.06, False), (1.4, 0.2, False)]
)
def test_the_table_says_what_a_class_waited_and_how_memory_grew(slow: float, leak: float, holds: bool):
    reader = Reader("nowhere")
    reader.actions = [act(k, k + (slow if k % 10 == 0 else 0.2), shown=f"{k % 50}") for k in range(100)]
    memory = [(5.0 * k, 600.0 * (1 + leak * k / 40)) for k in range(41)]
    class_ = Lesson([reader], reader.actions, memory)
    table = {row.what: row for row in rows(class_)}
    assert table["action to the whole page, 95th of 100"].value == pytest.approx(slow)
    assert table["action to the whole page, median"].value == pytest.approx(0.2)
    assert table["pages that nobody had seen before"].value == 50
    assert table["sessions lost"].value == 0
    growth = table["memory, growth after the first quarter"].value
    assert growth == pytest.approx(100 * ((1 + 0.95 * leak) / (1 + 0.3 * leak) - 1), abs=0.1)
    assert all(row.holds for row in table.values()) == holds
