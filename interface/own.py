"""The reader's own function as a landscape like any other: a formula and a domain instead of knobs.

build("x^2 + sin(5*y)", -3.0, 3.0, -3.0, 3.0)   the landscape; ValueError, with the place, if it is none
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import torch

from landscapes import Landscape, Parameter, Specification, parse_formula
from landscapes.lexicon import MAX_LENGTH
from landscapes.parameter import number

NAME = "formula"
FIRST = "0.4*(x^2 + y^2) + 0.2*cos(8*x)*cos(8*y)"
NEAREST = 0.01  # ends of a side
SLIMMEST = 20.0  # the longer side of a domain over the shorter one
KEPT = 256  # functions: one is asked for many times in a run, and parsing it takes up to 60 ms
LONGEST = MAX_LENGTH  # characters
SLOWEST, FASTEST = 1e-8, 1e3  # rates that an experiment may have

PARAMETERS = (
    Parameter("formula", "text", FIRST, high=LONGEST, description="f(x, y)"),
    number("x_from", -3.0, -1000.0, 1000.0, "left edge of the domain", step=1.0),
    number("x_to", 3.0, -1000.0, 1000.0, "right edge of the domain", step=1.0),
    number("y_from", -3.0, -1000.0, 1000.0, "front edge of the domain", step=1.0),
    number("y_to", 3.0, -1000.0, 1000.0, "back edge of the domain", step=1.0),
)


def build(**values: str | float) -> Landscape:
    """The landscape of a formula on a domain; what is not given has its usual value.

    Its start, radius, rate and loss scale are found from its heights (`landscapes.parse_formula`).

    Raises:
        ValueError: there is no such landscape; one sentence, with the column where the formula is wrong.

    Example:
        >>> build(formula="x^2").title, build(formula="x^2", y_from=0.0).domain[1]
        ('x^2', (0.0, 3.0))
    """
    checked = SPECIFICATION.check(values)
    return _built(*(checked[parameter.name] for parameter in PARAMETERS))


@lru_cache(maxsize=KEPT)
def _built(formula: str, left: float, right: float, front: float, back: float) -> Landscape:
    for axis, low, high in (("x", left, right), ("y", front, back)):
        if not high - low >= NEAREST:
            raise ValueError(
                f"{axis} must run from a lower to a higher number, got {low:g} to {high:g}"
                if high <= low
                else f"{axis} must run over at least {NEAREST}, got {low:g} to {high:g}"
            )
    sides = right - left, back - front
    if max(sides) > SLIMMEST * min(sides):
        raise ValueError(
            f"one side of the domain may be at most {SLIMMEST:g} times the other, "
            f"got {sides[0]:g} and {sides[1]:g}"
        )
    landscape = parse_formula(formula, ((left, right), (front, back)))
    if not landscape(torch.tensor(landscape.start, dtype=torch.float64)).isfinite():
        raise ValueError("column 1: this function has no finite value and slope anywhere on the domain")
    values = dict(zip((p.name for p in PARAMETERS), (formula, left, right, front, back), strict=True))
    return replace(
        landscape,
        description=SPECIFICATION.description,
        parameters=PARAMETERS,
        values=values,
        lr=min(max(landscape.lr, SLOWEST), FASTEST),
    )


SPECIFICATION = Specification(
    name=NAME,
    title="Your own function",
    description="Write a function of x and y, and the ball rolls on it. Start, radius, rate and loss scale "
    "are found from its heights, anew for each function.",
    reference="Written by you; nothing of the text is executed.",
    parameters=PARAMETERS,
    build=build,
)


def in_x_alone(values: Mapping[str, object]) -> bool:
    """Whether a formula speaks of x alone, so that it is a curve by itself.

    >>> in_x_alone({"formula": "x^2 + exp(x)"}), in_x_alone({"formula": "x + 2*y"})
    (True, False)
    """
    return not re.search(r"(?<![A-Za-z])y(?![A-Za-z0-9])", str(values.get("formula", FIRST)))
