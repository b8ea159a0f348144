"""An experiment as the query of a link, and back: `?landscape=wrinkled_bowl&seed=3&x=-2&radius=0.3`.

What has its usual value is left out. What a link says wrongly is never an error: garbage is replaced by the
usual value, a number out of range by the nearest one in range, and each costs the reader one sentence.

The page's address is written in the browser alone, by the component below (experiment) and by the player
(`radius` and `step` while they are scrubbed). If the server wrote it, through `st.query_params`, Streamlit
would from then on report that value instead of the true address, and a scrubbed radius would be lost.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

import landscapes
from interface.experiment import (
    CONTACTS,
    LIMITS,
    METHODS,
    Experiment,
    Limit,
    clipped,
    knobs,
    names,
    radius_limit,
    sides,
    usual,
)
from interface.wording import quoted
from landscapes import Parameter

NAMES = ("landscape", "x", "y", "x2", "y2", "radius", *LIMITS, "contact", "methods")
STEP = "step"  # the player's own: the frame that is shown


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
        try:
            value = int(text) if limit.whole else float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.note(name, text, f"not {limit}", nothing or usual)
            return usual
        if not limit.holds(value):
            self.note(name, text, f"not {limit}", clipped(value, limit))
        return clipped(value, limit)

    def word(self, name: str, usual: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        text = self.query.pop(name, usual)
        if text in choices:
            return text
        self.note(name, text, "none that this page knows", usual)
        return usual

    def parameter(self, knob: Parameter) -> Any:
        """A parameter of a landscape."""
        if knob.kind == "choice":
            return self.word(knob.name, knob.default, knob.choices)
        return self.number(knob.name, knob.default, Limit(knob.low, knob.high, knob.kind == "int"))


def read(query: Mapping[str, str]) -> tuple[Experiment, tuple[str, ...]]:
    """The experiment of a link, and a sentence for each thing that the link says wrongly."""
    reading = Reading({name: text for name, text in query.items() if name != STEP})
    name = reading.word("landscape", landscapes.names()[0], names())
    values = {knob.name: reading.parameter(knob) for knob in knobs(name)}
    plain = usual(name, values)
    surface = plain.surface()
    settings: dict[str, Any] = {
        key: reading.number(key, getattr(plain, key), limit) for key, limit in LIMITS.items()
    }
    settings["radius"] = reading.number("radius", plain.radius, radius_limit(surface))
    settings["start"] = tuple(
        reading.number(*axis) for axis in zip("xy", plain.start, sides(surface), strict=True)
    )
    settings["second"] = _second(reading, sides(surface))
    settings["contact"] = reading.word("contact", plain.contact, CONTACTS)
    settings["methods"] = _methods(reading)
    for unknown, text in reading.query.items():
        reading.notes.append(
            f"The link says {quoted(f'{unknown}={text}')}, which is no setting of this page: it is ignored."
        )
    return replace(plain, **settings), tuple(reading.notes)


def _second(reading: Reading, limits: tuple[Limit, ...]) -> tuple[float, float] | None:
    if not {"x2", "y2"} & set(reading.query):
        return None
    values = [
        reading.number(name, None, limit, nothing="no second start")
        for name, limit in zip(("x2", "y2"), limits, strict=True)
    ]
    return None if None in values else (values[0], values[1])


def _methods(reading: Reading) -> tuple[str, ...]:
    asked = [name for name in reading.query.pop("methods", "").split(",") if name]
    for name in asked:
        if name not in METHODS:
            known = ", ".join(METHODS)
            reading.notes.append(f"The link asks for the method {quoted(name)}: this page knows {known}.")
    return tuple(name for name in METHODS if name in asked)


def step_of(query: Mapping[str, str], steps: int) -> tuple[int | None, tuple[str, ...]]:
    """The frame that a link shows, None if it names none; and a sentence if it names one wrongly."""
    reading = Reading({STEP: query[STEP]} if STEP in query else {})
    return reading.number(STEP, None, Limit(0, steps, whole=True), nothing="the start"), tuple(reading.notes)


def radius_of(query: Mapping[str, str], experiment: Experiment) -> float | None:
    """The radius that the address names, None if it names none that this experiment could have."""
    radius = Reading(dict(query)).number("radius", None, radius_limit(experiment.surface()))
    return radius if "radius" in query else None


def write(experiment: Experiment) -> dict[str, str]:
    """The query of a link to an experiment; what is usual is left out."""
    plain = usual(experiment.landscape, dict(experiment.parameters))
    query = {} if experiment.landscape == landscapes.names()[0] else {"landscape": experiment.landscape}
    values = dict(experiment.parameters)
    query |= {
        k.name: _text(values[k.name]) for k in knobs(experiment.landscape) if values[k.name] != k.default
    }
    for axis, value, other in zip("xy", experiment.start, plain.start, strict=True):
        query |= {axis: _text(value)} if value != other else {}
    if experiment.second:
        query |= {"x2": _text(experiment.second[0]), "y2": _text(experiment.second[1])}
    for name in ("radius", *LIMITS, "contact"):
        value = getattr(experiment, name)
        query |= {name: _text(value)} if value != getattr(plain, name) else {}
    return query | ({"methods": ",".join(experiment.methods)} if experiment.methods else {})


def _text(value: object) -> str:
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


SCRIPT = """
let last = null;
export default function ({ data }) {
  const { query, leave, keepStep } = data;
  const url = new URL(window.location.href);
  const names = new Set([...Object.keys(query), ...url.searchParams.keys(), ...Object.keys(last ?? {})]);
  for (const name of names) {
    if (leave.includes(name) || name.startsWith("embed")) continue;
    if (name === "step") {
      if (!keepStep) url.searchParams.delete(name);
    } else if (last === null || last[name] !== query[name]) {
      if (query[name] === undefined) url.searchParams.delete(name);
      else url.searchParams.set(name, query[name]);
    }
  }
  last = query;
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
  return () => { last = null; };
}
"""


def show(query: dict[str, str], leave: tuple[str, ...] = (), keep_step: bool = True) -> None:
    """Write a query into the browser's address, without a message to the server or a step of its history.

    Only what changed since the last call is written: what the player wrote meanwhile stays.

    Args:
        query: of the experiment.
        leave: names not to touch, because the browser knows better.
        keep_step: False where the film starts anew.
    """
    if not st.runtime.exists():
        return
    data = {"query": query, "leave": list(leave), "keepStep": keep_step}
    st.components.v2.component("rolling_ball_address", js=SCRIPT)(key="address", data=data, height=0)
