"""Training in the process for what can wait, a slice of time at a time: nobody waits for another's to end.

The process keeps the trainings that it has lately been asked for. Where it has lost one it begins again: the
same specification gives the same records.
"""

from __future__ import annotations

from collections import OrderedDict
from time import monotonic

from interface.pool import Lane, Task
from interface.shared import given, pool, waited
from landscapes.neural import Training
from landscapes.neural.course import Course
from landscapes.neural.training import Progress

SLICE = 0.4  # seconds
KEPT = 6

_COURSES: OrderedDict[Training, Course] = OrderedDict()  # of the process that trains, which has one thread


def advance(follow: Course) -> None:
    """The next records of a training, which is followed by a script that can be interrupted."""
    have = len(follow.records)
    task = Task(further, (follow.training, have), Lane.SLICE, follow)
    future = pool().submit(task)
    try:
        follow.extend(have, given(waited(future, task)))
    finally:
        future.cancel()


def further(asked: tuple[Training, int]) -> list[Progress]:
    """The records of a training after the first so many, as far as a slice goes; [] if there are no more."""
    training, have = asked
    course = _COURSES.setdefault(training, None) or Course(training)
    _COURSES[training] = course
    _COURSES.move_to_end(training)
    while len(_COURSES) > KEPT:
        _COURSES.popitem(last=False)
    began = monotonic()
    while (len(course.records) <= have or monotonic() - began < SLICE) and course.advance():
        pass
    return course.records[have:]
