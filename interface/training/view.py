"""A view of the page 'Train': an experiment, which sweep is shown, and how fine it is.

    usual("wrinkled_bowl")                        radius × rate of a landscape
    usual("wrinkled_bowl", show="starts")         where its starts lead
    usual("wrinkled_bowl", show="network_rates")  radius × rate of a network; the landscape waits
    usual("wrinkled_bowl", show="networks")       the optimisers on a network

On top of what an experiment is (`interface.experiment`) a link has the names of EXTRA. ρ and η of the
experiment are the cell of the map that is looked at; the ball is always the rigid one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from interface import address, experiment
from interface.address import Reading, text_of
from interface.experiment import Experiment, Limit, Value
from interface.state import Page
from rbo.experiments.methods import METHODS
from rbo.experiments.networks import NETWORKS
from rbo.experiments.table1 import EQUALS

SHOWS = ("rates", "starts", "network_rates", "networks")
CELLS = (12, 24, 32)  # a side of the map of radius × rate; the first comes by itself
STARTS = (15, 31)  # a side of the grid of starts, likewise
EPOCHS, SEEDS = Limit(1, 10, whole=True), Limit(1, 5, whole=True)
WORDS = {"show": SHOWS, "model": tuple(NETWORKS), "equal": EQUALS}
COUNTS = {"cells": CELLS, "starts": STARTS}
NUMBERS = {"epochs": EPOCHS, "seeds": SEEDS, "net_radius": Limit(1e-3, 1e3), "net_lr": Limit(1e-4, 1e3)}
EXTRA = (*WORDS, *COUNTS, *NUMBERS, "optimizers")
ALWAYS = {"contact": "rigid", "methods": (), "second": None}  # of an experiment, on this page
RATES = ("lr", "steps", "scale")
USUAL = ("sgd", "momentum", "adamw", "entropy", "sam", "rbo")


@dataclass(frozen=True)
class View(Experiment):
    """An experiment on the page 'Train'.

    Args:
        show: one of SHOWS.
        cells, starts: a side of the map and of the grid of starts.
        model, epochs, seeds, optimizers: of the table; the optimizers in the order of the library. Model and
            epochs are those of the network's map, too.
        net_radius, net_lr: the cell of the network's map.
        equal: what the curves of the table are drawn against.

    Raises:
        ValueError: a setting is not admissible; the message names it and says what it may be.
    """

    show: str = "rates"
    cells: int = CELLS[0]
    starts: int = STARTS[0]
    model: str = "mlp"
    epochs: int = 3
    seeds: int = 3
    net_radius: float = 1.0
    net_lr: float = 1.0
    optimizers: tuple[str, ...] = USUAL
    equal: str = "gradients"

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, choices in (WORDS | COUNTS).items():
            if getattr(self, name) not in choices:
                known = ", ".join(str(choice) for choice in choices)
                raise ValueError(f"{name} must be one of {known}, got {getattr(self, name)!r}")
        for name, limit in NUMBERS.items():
            if not limit.holds(getattr(self, name)):
                raise ValueError(f"{name} must be {limit}, got {getattr(self, name)}")
        if not self.optimizers or self.optimizers != ordered(self.optimizers):
            raise ValueError(f"optimizers must be some of {', '.join(METHODS)}, got {self.optimizers}")
        for name, value in ALWAYS.items():
            if getattr(self, name) != value:
                raise ValueError(f"{name} must be {value} on this page, got {getattr(self, name)}")


def ordered(names: tuple[str, ...]) -> tuple[str, ...]:
    """Optimizers once each, in the order of the library."""
    return tuple(name for name in METHODS if name in names)


def usual(landscape: str, parameters: dict[str, Value] | None = None, **settings: object) -> View:
    """The view that a landscape begins with, with other settings where given.

    >>> usual("wrinkled_bowl").show, usual("wrinkled_bowl").radius
    ('rates', 0.6)
    """
    plain = experiment.usual(landscape, parameters)
    told = {name: getattr(plain, name) for name in ("start", "radius", "lr", "steps", "scale")}
    return View(landscape, plain.parameters, **(told | settings))


def read(query: Mapping[str, str]) -> tuple[View, tuple[str, ...]]:
    """The view of a link, and a sentence for each thing that the link says wrongly."""
    reading = Reading({name: text for name, text in query.items() if name not in address.FRAMES})
    plain = usual(*reading.landscape())
    settings = reading.settings(plain, RATES)
    for name, choices in WORDS.items():
        settings[name] = reading.word(name, getattr(plain, name), choices)
    for name, counts in COUNTS.items():
        known = tuple(str(count) for count in counts)
        settings[name] = int(reading.word(name, str(getattr(plain, name)), known))
    for name, limit in NUMBERS.items():
        settings[name] = reading.number(name, getattr(plain, name), limit)
    settings["optimizers"] = _optimizers(reading)
    reading.nothing_else()
    return replace(plain, **settings), tuple(reading.notes)


def _optimizers(reading: Reading) -> tuple[str, ...]:
    text = reading.query.pop("optimizers", None)
    asked = tuple(name for name in (text or "").split(",") if name)
    found = ordered(asked)
    if text is not None and (not found or len(found) < len(set(asked))):
        reading.note("optimizers", text, f"not a list of {', '.join(METHODS)}", ",".join(found or USUAL))
    return found or USUAL


def write(view: View) -> dict[str, str]:
    """The query of a link to a view; what is usual is left out."""
    plain = usual(view.landscape, dict(view.parameters))
    query = address.write(view)
    for name in EXTRA:
        value = getattr(view, name)
        if value != getattr(plain, name):
            query[name] = ",".join(value) if name == "optimizers" else text_of(value)
    return query


def playground(view: View, radius: float, lr: float) -> dict[str, str]:
    """The query of the playground that shows the run of one radius and rate from the start of a view."""
    plain = experiment.usual(view.landscape, dict(view.parameters))
    return address.write(
        replace(plain, start=view.start, radius=radius, lr=lr, steps=view.steps, scale=view.scale)
    )


PAGE = Page("train page", read, write, usual, kept=EXTRA, frames=lambda view: {})
