"""What rolls on a slice: an experiment of the playground, its landscape a slice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from interface.experiment import LIMITS, Limit, Point, clipped, sides
from interface.neural.slicing import Cut, Slicing, cut, slicing
from interface.neural.study import Study
from landscapes import Landscape


@dataclass(frozen=True)
class Run:
    """A start and a ball on a slice; the fields of `interface.experiment.Experiment`, as far as they have a
    choice here, and its methods.

    Args:
        slicing: which slice.
        start, radius, lr, steps, scale: as in an experiment.
    """

    slicing: Slicing
    start: Point
    radius: float
    lr: float
    steps: int
    scale: float
    contact: str = "rigid"
    methods: tuple[str, ...] = ()
    second: Point | None = None

    def cut(self) -> Cut:
        """The slice with all that belongs to it."""
        return cut(self.slicing)

    def surface(self) -> Landscape:
        """The landscape: the spline through the slice."""
        return self.cut().spline

    def plain(self) -> Run:
        """The usual run on this slice."""
        return usual(self.slicing)

    def radii(self) -> Limit:
        """The radii that a ball may have."""
        return radius_limit(self.surface())

    @property
    def landscape(self) -> str:
        """A name for the slice, so that widgets know another one."""
        return hashlib.sha1(repr(self.slicing).encode(), usedforsecurity=False).hexdigest()[:12]


def radius_limit(surface: Landscape) -> Limit:
    """From 1/2000 of the domain's width to the quarter by which the slice is known beyond its domain."""
    width = max(high - low for low, high in surface.domain)
    return Limit(float(f"{width / 2000:.3g}"), float(f"{width / 4:.3g}"))


def usual(key: Slicing) -> Run:
    """The run that suits a slice, as far as the page allows it: a training that diverged may leave a loss of
    any size."""
    surface = cut(key).spline
    lr, scale = clipped(surface.lr, LIMITS["lr"]), clipped(surface.loss_scale, LIMITS["scale"])
    return Run(key, surface.start, surface.radius, lr, surface.steps, scale)


def run(study: Study) -> tuple[Run, tuple[str, ...]]:
    """The run of a study, and a sentence for each setting that the slice does not allow: the nearest one is
    taken."""
    plain = usual(slicing(study))
    surface = plain.surface()
    x, y = sides(surface)
    asked = {
        "x": (study.x, plain.start[0], x),
        "y": (study.y, plain.start[1], y),
        "radius": (study.radius, plain.radius, plain.radii()),
        "lr": (study.lr, plain.lr, LIMITS["lr"]),
        "scale": (study.scale, plain.scale, LIMITS["scale"]),
    }
    found, notes = {}, []
    for name, (value, usual_value, limit) in asked.items():
        found[name] = usual_value if value is None else clipped(value, limit)
        if value is not None and not limit.holds(value):
            notes.append(
                f"On this plane {name} is {limit}: {found[name]:.4g} is used instead of {value:.4g}."
            )
    start = found.pop("x"), found.pop("y")
    return replace(plain, start=start, steps=study.steps, **found), tuple(notes)
