"""An experiment: everything that a picture of the playground depends on, as one frozen record.

usual("wrinkled_bowl")                         the experiment that tells a landscape's story
replace(usual("wrinkled_bowl"), radius=0.3)    another one; ValueError if a setting is not admissible
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import landscapes
import rbo
from interface import own

Value = int | float | str
Point = tuple[float, float]

CONTACTS = ("rigid", "footpoint", "descent")
METHODS = {
    "momentum": ("Momentum", rbo.Momentum(0.9)),
    "nesterov": ("Nesterov", rbo.Nesterov(0.9)),
    "adam": ("Adam", rbo.Adam()),
}
FIXED = ("dim",)  # parameters that a page sets by itself
BUILT = 64  # landscapes that are kept: one run of the page asks for the same one many times


@dataclass(frozen=True)
class Limit:
    """The least and the greatest value of a setting."""

    low: float
    high: float
    whole: bool = False

    def holds(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return self.low <= value <= self.high and (not self.whole or isinstance(value, int))

    def __str__(self) -> str:
        noun = "a whole number" if self.whole else "a number"
        return f"{noun} from {self.low:g} to {self.high:g}"


LIMITS = {
    "lr": Limit(1e-8, 1e3),
    "steps": Limit(1, 1000, whole=True),
    "scale": Limit(1e-4, 1e3),
    "inner_steps": Limit(1, 200, whole=True),
    "inner_lr": Limit(1e-7, 10.0),
}


@dataclass(frozen=True)
class Experiment:
    """A landscape, a start, a ball, and what runs beside it.

    Args:
        landscape: one of `names()`, or `own.NAME`: the reader's own function.
        parameters: name and value of every parameter of the landscape, sorted by name.
        start: x, y in the domain.
        radius: ρ of the ball that is shown first.
        lr: η of all methods.
        steps: T.
        scale: λ, the loss scale.
        contact: 'rigid', 'footpoint' or 'descent'.
        inner_steps, inner_lr: N and γ of 'descent'.
        methods: further point methods beside gradient descent, in the order of METHODS.
        second: a second start, or None.

    Raises:
        ValueError: a setting is not admissible; the message names it and says what it may be.
    """

    landscape: str
    parameters: tuple[tuple[str, Value], ...]
    start: Point
    radius: float
    lr: float
    steps: int
    scale: float = 1.0
    contact: str = "rigid"
    inner_steps: int = 100
    inner_lr: float = 1e-3
    methods: tuple[str, ...] = ()
    second: Point | None = None

    def __post_init__(self) -> None:
        surface = self.surface()
        for name, point in (("start", self.start), ("second start", self.second or self.start)):
            for axis, value, limit in zip("xy", point, sides(surface), strict=True):
                _check(f"{name} {axis}", value, limit)
        _check("radius", self.radius, radius_limit(surface))
        for name, limit in LIMITS.items():
            _check(name, getattr(self, name), limit)
        if self.contact not in CONTACTS:
            raise ValueError(f"contact must be one of {', '.join(CONTACTS)}, got {self.contact!r}")
        if any(name not in METHODS for name in self.methods):
            raise ValueError(f"methods must be among {', '.join(METHODS)}, got {', '.join(self.methods)}")
        if self.methods != tuple(name for name in METHODS if name in self.methods):
            raise ValueError(f"methods must be listed once each, in the order {', '.join(METHODS)}")
        if dict(self.parameters) != shown(surface):
            raise ValueError(f"parameters must be all those of {self.landscape}, got {self.parameters}")

    def surface(self) -> landscapes.Landscape:
        """The landscape itself."""
        return build(self.landscape, dict(self.parameters))

    def plain(self) -> Experiment:
        """The usual experiment on this landscape: all that a picture of the landscape itself depends on."""
        return usual(self.landscape, dict(self.parameters))

    def radii(self) -> Limit:
        """The radii that a ball may have."""
        return radius_limit(self.surface())


def _check(name: str, value: object, limit: Limit) -> None:
    if not limit.holds(value):
        raise ValueError(f"{name} must be {limit}, got {value}")


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """The landscapes that are surfaces."""
    return tuple(name for name in landscapes.names() if build(name, {}).dim == 2)


def choices() -> tuple[str, ...]:
    """What a reader may choose: those, and a function of their own."""
    return (*names(), own.NAME)


def specification(landscape: str) -> landscapes.Specification:
    """Words and parameters of one of `choices()`; ValueError if there is none so named."""
    return own.SPECIFICATION if landscape == own.NAME else landscapes.specification(landscape)


def build(landscape: str, parameters: dict[str, Value], dim: int = 2) -> landscapes.Landscape:
    """A landscape as a surface, or as a curve; ValueError if it or a parameter is not admissible.

    One that has no curve of its own (`has_curve`) is a surface whatever `dim` is.
    """
    if landscape != own.NAME:
        return _built(landscape, dim, **parameters)
    surface = own.build(**parameters)
    return landscapes.section(surface, surface.domain[1][0]) if dim == 1 else surface


@lru_cache(maxsize=BUILT, typed=True)  # typed: 2.0 is no whole number, though it equals one
def _built(landscape: str, dim: int, /, **parameters: Value) -> landscapes.Landscape:
    return landscapes.get(
        landscape, **parameters, **({"dim": dim} if has_curve(landscape, parameters) else {})
    )


def has_curve(landscape: str, parameters: Mapping[str, Value]) -> bool:
    """Whether a landscape can be had with one coordinate."""
    if landscape == own.NAME:
        return own.in_x_alone(parameters)
    return any(parameter.name == "dim" for parameter in specification(landscape).parameters)


def knobs(landscape: str) -> tuple[landscapes.Parameter, ...]:
    """The parameters of a landscape that the playground offers."""
    return tuple(p for p in specification(landscape).parameters if p.name not in FIXED)


def shown(surface: landscapes.Landscape) -> dict[str, Value]:
    """The values of those parameters."""
    return {name: value for name, value in surface.values.items() if name not in FIXED}


def sides(surface: landscapes.Landscape) -> tuple[Limit, ...]:
    """Where a start may be, one limit an axis."""
    return tuple(Limit(low, high) for low, high in surface.domain)


def radius_limit(surface: landscapes.Landscape) -> Limit:
    """A ball from 1/2000 of the domain's longest side to the whole of it."""
    width = max(high - low for low, high in surface.domain)
    return Limit(float(f"{width / 2000:.3g}"), float(f"{width:.3g}"))


def usual(landscape: str, parameters: dict[str, Value] | None = None, **settings: object) -> Experiment:
    """The experiment that tells the story of a landscape, with other settings where given.

    >>> usual("wrinkled_bowl").radius
    0.6
    """
    surface = build(landscape, parameters or {})
    told = {
        "start": tuple(float(value) for value in surface.start),
        "radius": float(surface.radius),
        "lr": float(surface.lr),
        "steps": int(surface.steps),
        "scale": float(surface.loss_scale),
    }
    return Experiment(surface.name, tuple(sorted(shown(surface).items())), **(told | settings))


def clipped(value: float, limit: Limit) -> float:
    """The nearest value that the limit allows."""
    value = min(max(value, limit.low), limit.high)
    return math.floor(value) if limit.whole else float(value)
