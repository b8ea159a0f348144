"""A view: an experiment, and how the ironing page looks at it. A link says it, and it says a link.

    usual("wrinkled_bowl")              the curve that tells a landscape's story
    usual("wrinkled_bowl", dim=2)       the surface

On top of what an experiment is (`interface.experiment`) a link has `dim`, `paths`, and `section` for a
landscape that has no curve of its own; the ball is always the rigid one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import landscapes
from interface import address, experiment
from interface.address import Reading, text_of
from interface.experiment import Experiment, Limit, Value, has_curve, sides
from interface.state import Page

DIMS = {"1": 1, "2": 2}
RATES = ("lr", "steps", "scale")
ALWAYS = {"contact": "rigid", "methods": (), "second": None}  # of an experiment, on this page


@dataclass(frozen=True)
class View(Experiment):
    """An experiment on the ironing page.

    Args:
        dim: 1 for a curve, 2 for the surface.
        section: y of the curve, for a landscape that has no curve of its own; else None.
        paths: whether the ball and gradient descent run over the surface.

    Raises:
        ValueError: a setting is not admissible; the message names it and says what it may be.
    """

    dim: int = 1
    section: float | None = None
    paths: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.dim not in DIMS.values():
            raise ValueError(f"dim must be 1 or 2, got {self.dim}")
        if not isinstance(self.paths, bool):
            raise ValueError(f"paths must be True or False, got {self.paths}")
        limit = section_limit(self)
        if limit is None and self.section is not None:
            raise ValueError(f"{self.landscape} is a curve by itself, got section {self.section}")
        if limit is not None and not limit.holds(self.section):
            raise ValueError(f"section must be {limit}, got {self.section}")
        for name, value in ALWAYS.items():
            if getattr(self, name) != value:
                raise ValueError(f"{name} must be {value} on this page, got {getattr(self, name)}")

    def ground(self) -> landscapes.Landscape:
        """The landscape that is ironed, with `dim` coordinates."""
        if self.dim == 2:
            return self.surface()
        if self.section is None:
            return experiment.build(self.landscape, dict(self.parameters), dim=1)
        return landscapes.section(self.surface(), self.section)


def section_limit(view: Experiment) -> Limit | None:
    """Where a curve may be cut out; None for a landscape that is a curve by itself."""
    if has_curve(view.landscape, dict(view.parameters)):
        return None
    return sides(view.surface())[1]


def usual(landscape: str, parameters: dict[str, Value] | None = None, **settings: object) -> View:
    """The view that tells the story of a landscape, with other settings where given.

    >>> usual("himmelblau").section, usual("wedge").section
    (2.0, None)
    """
    plain = experiment.usual(landscape, parameters)
    surface, section = plain.surface(), None
    if not has_curve(landscape, surface.values):  # through a minimum, where one is known
        section = float(surface.minima[0][1] if surface.minima else sum(surface.domain[1]) / 2)
    told = {name: getattr(plain, name) for name in ("start", "radius", "lr", "steps", "scale")}
    return View(landscape, plain.parameters, **(told | {"section": section} | settings))


def read(query: Mapping[str, str]) -> tuple[View, tuple[str, ...]]:
    """The view of a link, and a sentence for each thing that the link says wrongly."""
    reading = Reading({name: text for name, text in query.items() if name not in address.FRAMES})
    plain = usual(*reading.landscape())
    settings = reading.settings(plain, RATES)
    settings["dim"] = DIMS[reading.word("dim", str(plain.dim), tuple(DIMS))]
    settings["paths"] = reading.word("paths", "no", ("no", "yes")) == "yes"
    limit = section_limit(plain)
    if limit is not None:
        settings["section"] = reading.number("section", plain.section, limit)
    reading.nothing_else()
    return replace(plain, **settings), tuple(reading.notes)


def write(view: View) -> dict[str, str]:
    """The query of a link to a view; what is usual is left out."""
    plain = usual(view.landscape, dict(view.parameters))
    query = address.write(view)
    for name in ("dim", "section"):
        value = getattr(view, name)
        query |= {name: text_of(value)} if value != getattr(plain, name) else {}
    return query | ({"paths": "yes"} if view.paths else {})


def frames(view: View) -> dict[str, Limit]:
    """What the viewer writes into the address: where the ball is."""
    along, across = sides(view.surface())
    return {address.STEP: Limit(0, view.steps, whole=True), "position": along, "across": across}


PAGE = Page("ironing page", read, write, usual, kept=("dim", "paths"), frames=frames)
