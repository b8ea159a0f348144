"""What a reader of the playground does next: the mix of actions of a class.

A class is on one scene at a time, a story and a landscape, and moves on to another one every minute. There
its readers do what others do, too: they open the story or the landscape, or turn one knob of it by a few of
its steps. And they do what nobody else does: a start anywhere, a rate of three random digits; from there they
come back to the scene.

    own         of the actions: a start or a rate of one's own
    the rest    the story or the landscape; or, two times of three where they stand on it, a knob, one to
                three steps up or down from its value there
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from random import Random
from time import monotonic

import landscapes
from benchmarks.classroom.reader import Query, Reader
from interface import address
from interface.experiment import Experiment, names, usual
from interface.stories import STORIES, Story

MINUTE = 60.0
KNOBS = {"Learning rate η": "lr", "Loss scale λ": "scale", "Radius ρ": "radius", "Steps": "steps"}
Scene = tuple[Story, str]


def scenes() -> list[Scene]:
    """What a class goes through: the landscapes in their order, beside the stories in theirs."""
    told = list(STORIES.values())
    return [(told[k % len(told)], name) for k, name in enumerate(names())]


@dataclass
class Habit:
    """One reader's dice.

    Args:
        own: the share of actions that nobody else does.
        course: the scenes of the class.
        dice: what decides.
        begun: seconds of the clock when the class began.
        scene: where the reader is; `base` what it stands on there, and `turned` which knobs of it are not as
            they were.
    """

    own: float
    course: list[Scene]
    dice: Random
    begun: float
    scene: Scene | None = None
    base: Experiment | None = None
    turned: frozenset[str] = frozenset()

    def act(self, reader: Reader) -> Awaitable[None]:
        """The next action."""
        scene = self.course[int((monotonic() - self.begun) / MINUTE) % len(self.course)]
        if scene != self.scene:
            self.scene = scene
            return self._story(reader)
        if self.dice.random() < self.own:
            return self._start(reader) if self.dice.random() < 0.7 else self._rate(reader)
        if self.turned <= {*KNOBS} and len(self.turned) < 2 and self.dice.random() < 2 / 3:
            return self._knob(reader)
        on = self.base.landscape == self.scene[1]
        return self._story(reader) if on or self.dice.random() < 0.5 else self._landscape(reader)

    def _story(self, reader: Reader) -> Awaitable[None]:
        story = self.scene[0]
        wanted = address.write(story.experiment)
        self.base, self.turned = story.experiment, frozenset()
        return reader.use("Stories", "story", lambda q: dict(q) == wanted, string_array_value=[story.title])

    def _landscape(self, reader: Reader) -> Awaitable[None]:
        name = self.scene[1]
        wanted = address.write(usual(name)).get("landscape")
        self.base, self.turned = usual(name), frozenset()
        title = landscapes.specification(name).title
        return reader.use(
            "Landscape", "landscape", lambda q: q.get("landscape") == wanted, string_value=title
        )

    def _knob(self, reader: Reader) -> Awaitable[None]:
        (label,) = self.turned or (self.dice.choice(list(KNOBS)),)
        knob, old = reader.widgets[label].number_input, getattr(self.base, KNOBS[label])
        step = knob.step if label in ("Radius ρ", "Steps") else float(f"{old / 10:.0e}")
        new = min(max(old + self.dice.choice((-3, -2, -1, 1, 2, 3)) * step, knob.min), knob.max)
        return self._number(reader, label, "knob", int(new) if label == "Steps" else float(f"{new:.6g}"))

    def _start(self, reader: Reader) -> Awaitable[None]:
        axis = self.dice.choice("xy")
        knob = reader.widgets[axis].number_input
        return self._number(reader, axis, "own start", round(self.dice.uniform(knob.min, knob.max), 3))

    def _rate(self, reader: Reader) -> Awaitable[None]:
        value = float(f"{self.base.lr * 10 ** self.dice.uniform(-0.5, 0.5):.3g}")
        self.turned |= {"own rate"}
        return self._number(reader, "Learning rate η", "own rate", value)

    def _number(self, reader: Reader, label: str, kind: str, value: float) -> Awaitable[None]:
        name = KNOBS.get(label, label)
        self.turned |= {label}

        def wanted(query: Query) -> bool:
            return name not in query or float(query[name]) == value  # what is usual is not in a link

        field = "int_value" if isinstance(value, int) else "double_value"
        return reader.use(label, kind, wanted, **{field: value})
