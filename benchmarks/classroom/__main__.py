"""python -m benchmarks.classroom: a class on a server of its own, measured."""

from __future__ import annotations

import argparse

from benchmarks.classroom.room import Lesson, lesson
from benchmarks.table import Row, printed

WARM = 0.25  # of the lesson: from there on memory counts


def rows(found: Lesson) -> list[Row]:
    """What was measured, against what is to be reached."""
    waits = found.waits()
    half, most = (waits[min(len(waits) - 1, int(share * len(waits)))] for share in (0.5, 0.95))
    pictures = sorted(a.picture - a.sent for a in found.actions if a.picture)
    unanswered = sum(a.page is None or a.overtaken for a in found.actions)
    return [
        Row("actions", len(waits), ""),
        Row("pages that nobody had seen before", 100 * found.fresh, "%"),
        Row("action to the whole page, median", half, "s"),
        Row("action to the whole page, 95th of 100", most, "s", at_most=1.5),
        Row("action to the new picture, 95th of 100", pictures[int(0.95 * len(pictures))], "s"),
        Row("actions overtaken by the reader's next one", 100 * unanswered / len(waits), "%"),
        Row("sessions lost", found.lost, "", at_most=0),
        Row("pages with an error", sum(bool(reader.errors) for reader in found.readers), "", at_most=0),
        Row("processor", found.cores, "cores"),
        Row("memory when all had arrived, all processes", found.memory[0][1], "MB"),
        Row("memory at the end, all processes", found.memory[-1][1], "MB"),
        Row("memory, growth after the first quarter", growth(found), "%", at_most=5),
    ]


def growth(found: Lesson) -> float:
    """Per cent by which the last tenth is above what a quarter of the lesson left."""
    end = found.memory[-1][0]
    warm = [m for t, m in found.memory if WARM * end <= t <= (WARM + 0.1) * end]
    last = [m for t, m in found.memory if t >= 0.9 * end]
    return 100 * (sum(last) / len(last) / (sum(warm) / len(warm)) - 1)


def main() -> None:
    """Read the command and print the table."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.classroom", description=__doc__)
    words.add_argument("--readers", type=int, nargs="+", default=[30])
    words.add_argument("--minutes", type=float, default=10.0)
    words.add_argument("--own", type=float, nargs="+", default=[0.15], help="share of actions of one's own")
    asked = words.parse_args()
    for readers in asked.readers:
        for own in asked.own:
            found = lesson(readers, 60 * asked.minutes, own)
            title = f"{readers} readers, an action every 2 s, {own:.0%} of them their own"
            print(printed(title, rows(found)), flush=True)
            if found.errors:
                print(found.errors)


if __name__ == "__main__":
    main()
