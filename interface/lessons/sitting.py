"""A lesson with the reader's value of its control, as one frozen record; a link says it, and back.

?lesson=radius&radius=0.3        the radius, which the player moves
?lesson=losing&scale=0.05        the value of a slider
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from interface import address
from interface.address import Reading, text_of
from interface.experiment import Limit
from interface.lessons.course import COURSE
from interface.lessons.lesson import Lesson, Setting
from interface.state import Page

FIRST = next(iter(COURSE))


@dataclass(frozen=True)
class Sitting:
    """A reader at a lesson.

    Args:
        name: of the lesson.
        radius: ρ of the ball that is shown.
        value: of the slider, for a lesson that has one; else None.

    Raises:
        ValueError: there is no such lesson, or it does not offer such a value.
    """

    name: str
    radius: float
    value: float | None = None

    def __post_init__(self) -> None:
        if self.name not in COURSE:
            raise ValueError(f"lesson must be one of {', '.join(COURSE)}, got {self.name!r}")
        control = self.lesson.control
        if self.value not in (control.options or (None,)):
            raise ValueError(f"{control.name} must be one of {control.options}, got {self.value}")
        if not (math.isfinite(self.radius) and self.radius > 0):
            raise ValueError(f"radius must be > 0 and finite, got {self.radius}")

    @property
    def lesson(self) -> Lesson:
        """What is taught."""
        return COURSE[self.name]

    @property
    def answer(self) -> float:
        """Where the control is."""
        return self.radius if self.value is None else self.value

    @property
    def landscape(self) -> str:
        """In the keys of its widgets."""
        return f"lesson {self.name}"

    def experiment(self) -> Setting:
        """What is shown."""
        return self.lesson.at(self.answer)

    def radii(self) -> Limit:
        """The radii that the ball may have: where a slider is the control, its own."""
        if self.lesson.control.live:
            return self.lesson.prepare().radii()
        return Limit(self.radius, self.radius)


def sit(name: str, answer: float | None = None) -> Sitting:
    """At a lesson, with its control in the prepared place or in another one."""
    lesson = COURSE[name]
    place = lesson.prepared() if answer is None else answer
    if lesson.control.live:
        return Sitting(name, place)
    return Sitting(name, float(lesson.prepare().radius), place)


def read(query: Mapping[str, str]) -> tuple[Sitting, tuple[str, ...]]:
    """The sitting of a link, and a sentence for each thing that the link says wrongly."""
    reading = Reading({name: text for name, text in query.items() if name not in address.FRAMES})
    name = reading.word("lesson", FIRST, tuple(COURSE))
    plain, control = sit(name), COURSE[name].control
    limit = plain.radii() if control.live else Limit(control.options[0], control.options[-1])
    asked = reading.number(control.name, plain.answer, limit)
    if not control.live:
        nearest = min(control.options, key=lambda option: abs(option - asked))
        if nearest != asked:
            reading.note(control.name, query[control.name], "between two places of the slider", nearest)
        asked = nearest
    reading.nothing_else()
    return sit(name, asked), tuple(reading.notes)


def write(sitting: Sitting) -> dict[str, str]:
    """The query of a link to a sitting; what is usual is left out."""
    query = {} if sitting.name == FIRST else {"lesson": sitting.name}
    if sitting != sit(sitting.name):
        query[sitting.lesson.control.name] = text_of(sitting.answer)
    return query


def frames(sitting: Sitting) -> dict[str, Limit]:
    """What the player writes into the address."""
    return {address.STEP: Limit(0, sitting.lesson.prepare().steps, whole=True)}


PAGE = Page("lessons", read, write, lambda *_, **__: sit(FIRST), kept=(), frames=frames)
