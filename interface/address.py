"""An experiment as the query of a link, and back: `?landscape=wrinkled_bowl&seed=3&x=-2&radius=0.3`.

What has its usual value is left out. What a link says wrongly is never an error: garbage is replaced by the
usual value, a number out of range by the nearest one in range, and each costs the reader one sentence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import landscapes
from interface import own
from interface.experiment import (
    CONTACTS,
    LIMITS,
    METHODS,
    Experiment,
    Limit,
    build,
    choices,
    clipped,
    knobs,
    radius_limit,
    sides,
    usual,
)
from interface.wording import escaped, quoted
from landscapes import Parameter

NAMES = ("landscape", "x", "y", "x2", "y2", "radius", *LIMITS, "contact", "methods")
STEP = "step"  # the player's own: the frame that is shown
AGAINST, AXES = "against", ("step", "evaluations")  # likewise: what the losses are drawn against
FRAMES = (STEP, "position", "across", AGAINST)  # what only the browser writes, on any page


@dataclass
class Reading:
    """A query being read: what is left of it, and the sentences that it cost."""

    query: dict[str, str]
    notes: list[str] = field(default_factory=list)

    def note(self, name: str, text: str, why: str, instead: object) -> None:
        shown = f"{instead:g}" if isinstance(instead, float) else instead
        self.notes.append(
            f"The link says {quoted(f'{name}={text}')}, which is {why}: {shown} is used instead."
        )

    def number(self, name: str, usual: Any, limit: Limit, nothing: str = "") -> Any:
        """A number within a limit."""
        text = self.query.pop(name, None)
        if text is None:
            return usual
        value = _value(text, limit)
        if not math.isfinite(value):
            self.note(name, text, f"not {limit}", nothing or usual)
            return usual
        if not limit.holds(value):
            self.note(name, text, f"not {limit}", clipped(value, limit))
        return clipped(value, limit)

    def sought(self, name: str, limit: Limit) -> float | None:
        """A number within a limit, or None: then the page finds the usual one."""
        text = self.query.pop(name, None)
        value = math.nan if text is None else _value(text, limit)
        if limit.holds(value):
            return value
        if text is not None:
            self.note(name, text, f"not {limit}", "the usual one")
        return None

    def word(self, name: str, usual: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        text = self.query.pop(name, usual)
        if text in choices:
            return text
        self.note(name, text, "none that this page knows", usual)
        return usual

    def parameter(self, knob: Parameter) -> Any:
        """A parameter of a landscape."""
        if knob.kind == "text":
            return self.query.pop(knob.name, knob.default)
        if knob.kind == "choice":
            return self.word(knob.name, knob.default, knob.choices)
        return self.number(knob.name, knob.default, Limit(knob.low, knob.high, knob.kind == "int"))

    def landscape(self) -> tuple[str, dict[str, Any]]:
        """A landscape's name and parameters."""
        name = self.word("landscape", landscapes.names()[0], choices())
        values = {knob.name: self.parameter(knob) for knob in knobs(name)}
        try:
            build(name, values)
        except ValueError as error:  # a function of the reader's own
            asked, instead = (quoted(text, own.LONGEST) for text in (values["formula"], own.FIRST))
            self.notes.append(
                f"The link's function {asked} cannot be drawn: {escaped(error)}. {instead} is used instead."
            )
            return name, {}
        return name, values

    def settings(self, plain: Experiment, limited: tuple[str, ...]) -> dict[str, Any]:
        """Start, radius and those of LIMITS, of an experiment that is `plain` where nothing is said."""
        surface = plain.surface()
        found: dict[str, Any] = {
            name: self.number(name, getattr(plain, name), LIMITS[name]) for name in limited
        }
        found["radius"] = self.number("radius", plain.radius, radius_limit(surface))
        found["start"] = tuple(
            self.number(*axis) for axis in zip("xy", plain.start, sides(surface), strict=True)
        )
        return found

    def methods(self) -> tuple[str, ...]:
        """Point methods, in the order of METHODS."""
        asked = [name for name in self.query.pop("methods", "").split(",") if name]
        for name in asked:
            if name not in METHODS:
                known = ", ".join(METHODS)
                self.notes.append(f"The link asks for the method {quoted(name)}: this page knows {known}.")
        return tuple(name for name in METHODS if name in asked)

    def nothing_else(self) -> None:
        """Whatever is left is said to be ignored."""
        for unknown, text in self.query.items():
            said = quoted(f"{unknown}={text}")
            self.notes.append(f"The link says {said}, which is no setting of this page: it is ignored.")


def _value(text: str, limit: Limit) -> float:
    """What a text says, nan if it is no number of the limit's kind."""
    try:
        return int(text) if limit.whole else float(text)
    except ValueError:
        return math.nan


def read(query: Mapping[str, str]) -> tuple[Experiment, tuple[str, ...]]:
    """The experiment of a link, and a sentence for each thing that the link says wrongly."""
    reading = Reading({name: text for name, text in query.items() if name not in (STEP, AGAINST)})
    plain = usual(*reading.landscape())
    settings = reading.settings(plain, tuple(LIMITS))
    settings["second"] = _second(reading, sides(plain.surface()))
    settings["contact"] = reading.word("contact", plain.contact, CONTACTS)
    settings["methods"] = reading.methods()
    reading.nothing_else()
    return replace(plain, **settings), tuple(reading.notes)


def _second(reading: Reading, limits: tuple[Limit, ...]) -> tuple[float, float] | None:
    given = {"x2", "y2"} & set(reading.query)
    if len(given) == 1:
        name = given.pop()
        reading.note(name, reading.query.pop(name), "one coordinate of two", "no second start")
        return None
    values = [
        reading.number(name, None, limit, nothing="no second start")
        for name, limit in zip(("x2", "y2"), limits, strict=True)
    ]
    return None if None in values else (values[0], values[1])


def steps_of(experiment: Experiment) -> dict[str, Limit]:
    """The frames of the playground."""
    return {STEP: Limit(0, experiment.steps, whole=True)}


def frame_of(
    query: Mapping[str, str], limits: Mapping[str, Limit]
) -> tuple[dict[str, float], tuple[str, ...]]:
    """The frame that a link shows, as far as it names one, and a sentence for each wrong name."""
    reading = Reading({name: text for name, text in query.items() if name in (*limits, AGAINST)})
    reading.word(AGAINST, AXES[0], AXES)
    asked = {
        name: reading.number(name, None, limit, nothing="what is usual") for name, limit in limits.items()
    }
    return {name: value for name, value in asked.items() if value is not None}, tuple(reading.notes)


def radius_of(query: Mapping[str, str], experiment: Experiment) -> float | None:
    """The radius that the address names, None if it names none that this experiment could have."""
    return Reading(dict(query)).sought("radius", experiment.radii())


def write(experiment: Experiment) -> dict[str, str]:
    """The query of a link to an experiment; what is usual is left out."""
    plain = usual(experiment.landscape, dict(experiment.parameters))
    query = {} if experiment.landscape == landscapes.names()[0] else {"landscape": experiment.landscape}
    values = dict(experiment.parameters)
    query |= {
        k.name: text_of(values[k.name]) for k in knobs(experiment.landscape) if values[k.name] != k.default
    }
    for axis, value, other in zip("xy", experiment.start, plain.start, strict=True):
        query |= {axis: text_of(value)} if value != other else {}
    if experiment.second:
        query |= {"x2": text_of(experiment.second[0]), "y2": text_of(experiment.second[1])}
    for name in ("radius", *LIMITS, "contact"):
        value = getattr(experiment, name)
        query |= {name: text_of(value)} if value != getattr(plain, name) else {}
    return query | ({"methods": ",".join(experiment.methods)} if experiment.methods else {})


def text_of(value: object) -> str:
    """A setting as a link has it."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
