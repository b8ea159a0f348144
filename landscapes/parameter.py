"""A typed parameter of a landscape: what it may be, and the one place where a value is checked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Literal


@dataclass(frozen=True)
class Parameter:
    """One knob of a landscape.

    `kind` is "int", "float", "choice" or "text". Numbers lie in [low, high] and move by `step` in a user
    interface; a choice is one of `choices`; a text, of at most `high` characters, is read by its owner.
    """

    name: str
    kind: Literal["int", "float", "choice", "text"]
    default: int | float | str
    low: int | float | None = None
    high: int | float | None = None
    step: int | float | None = None
    description: str = ""
    choices: tuple[str, ...] = ()

    def check(self, value: object, owner: str) -> int | float | str:
        """`value` as an int, a float or a str; ValueError (naming `owner`) if it is not admissible."""
        if self.kind == "choice":
            if isinstance(value, str) and value in self.choices:
                return value
            raise ValueError(f"{owner}: {self.name} must be one of {', '.join(self.choices)}, got {value!r}")
        if self.kind == "text":
            if isinstance(value, str):
                return value
            raise ValueError(f"{owner}: {self.name} must be a text, got {value!r}")
        expected = Integral if self.kind == "int" else Real
        if isinstance(value, bool) or not isinstance(value, expected):  # True is not a number of waves
            raise ValueError(f"{owner}: {self.name} must be {self._domain()}, got {value!r}")
        if not self.low <= value <= self.high:  # also rejects nan
            raise ValueError(f"{owner}: {self.name} must be {self._domain()}, got {value!r}")
        return int(value) if self.kind == "int" else float(value)

    def _domain(self) -> str:
        noun = "an integer" if self.kind == "int" else "a number"
        return f"{noun} from {self.low:g} to {self.high:g}"


def integer(name: str, default: int, low: int, high: int, description: str) -> Parameter:
    """An integer parameter in [low, high]."""
    return Parameter(name, "int", default, low, high, 1, description)


def number(
    name: str, default: float, low: float, high: float, description: str, step: float | None = None
) -> Parameter:
    """A real parameter in [low, high]; `step` is about a hundredth of the range, unless given."""
    if step is None:
        step = float(f"{(high - low) / 100:.0e}")
    if not (math.isfinite(low) and math.isfinite(high) and low <= default <= high):
        raise ValueError(f"{name}: the default must lie in a finite range, got {default} in [{low}, {high}]")
    return Parameter(name, "float", float(default), float(low), float(high), step, description)


def choice(name: str, default: str, choices: tuple[str, ...], description: str) -> Parameter:
    """A parameter that is one of several words."""
    return Parameter(name, "choice", default, description=description, choices=choices)


DIM = integer("dim", 2, 1, 2, "number of coordinates: 1 is a curve, 2 a surface")


def seed(default: int = 0) -> Parameter:
    """The seed of a random landscape."""
    return integer("seed", default, 0, 9999, "which random landscape of the family")
