"""What the ironing page shows: records for the viewer and the figures, numbers, and what they tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from figures import Profile, Relief
from figures.measures import Measures
from interface import compute
from interface.attempt import Work
from interface.ironing import surfaces
from interface.ironing.measures import MEASURES, SHARE, Measured
from interface.ironing.proofs import Proof
from interface.ironing.stories import STORIES
from interface.ironing.surfaces import Layers
from interface.ironing.view import View
from interface.stories import told_by
from interface.wording import number, percent, setting

Record = Profile | Relief
ALMOST = 0.99  # a share that, rounded, would be told as all


@dataclass(frozen=True)
class Picture:
    """A view and all that is shown of it.

    Args:
        experiment: the view.
        record: the curve or surface, with all radii or with the view's alone.
        lone: the radius of the view, where the family has come and lacks it.
        measures: of all radii; `index` is the view's.
        spread: of a curve, radii from small to large.
        notes: what the grid cannot show at the view's radius.
        text: what there is to see.
        proof: of a story: its inequality.
    """

    experiment: View
    record: Record
    lone: Record | None
    measures: Measures
    index: int
    spread: Profile | None
    notes: str
    text: str
    proof: Proof | None

    @property
    def title(self) -> str:
        """What the landscape is called."""
        return self.record.title


def compose(view: View, whole: bool) -> Picture:
    """The picture of a view."""
    key = surfaces.ironing(view)
    main = surfaces.family(key) if whole else surfaces.alone(key, view.radius)
    beside = surfaces.alone(key, view.radius) if view.radius not in main.radii else None
    both = [main] if beside is None else [main, beside]
    measures = measures_of(both)
    index = int(np.flatnonzero(measures.radii == view.radius)[0])
    here = next(layers for layers in both if view.radius in layers.radii)
    row = int(np.flatnonzero(here.radii == view.radius)[0])
    name = told_by(view, STORIES)
    proof = STORIES[name].prove(view) if name else None
    record = record_of(view, main)
    said = STORIES[name].text(proof) if name else sentence(view, here.raw, here.measures[row])
    return Picture(
        view,
        record,
        None if beside is None else record_of(view, beside),
        measures,
        index,
        spread=record_of(view, surfaces.spread(key, surfaces.PANELS)) if view.dim == 1 else None,
        notes=here.notes[row],
        text=said + running(record, view, here),
        proof=proof,
    )


def record_of(view: View, layers: Layers) -> Record:
    """Layers as the viewer and the figures want them."""
    common = {
        name: getattr(layers, name)
        for name in ("heights", "radii", "centers", "ironed", "reachable", "notes")
    }
    common |= {"title": title(view), "loss_scale": view.scale}
    if view.dim == 1:
        (x,) = layers.axes
        return Profile(x=x, slopes=layers.slopes, touch=layers.touch, turns=layers.turns, **common)
    x, y = layers.axes
    film = None
    if surfaces.runs(view):
        several = len(layers.radii) > 1
        film, _ = compute.film(replace(view, radius=float(layers.radii[0])), whole=several)
    return Relief(x=x, y=y, film=film, **common)


def title(view: View) -> str:
    """What the landscape, or its section, is called."""
    name = view.surface().title
    return f"{name} at y = {setting(view.section)}" if view.dim == 1 and view.section is not None else name


def measures_of(parts: list[Layers]) -> Measures:
    """The measures of all radii, in their order."""
    radii = np.concatenate([layers.radii for layers in parts])
    order = np.argsort(radii)
    every = [measure for layers in parts for measure in layers.measures]
    rows, raw = [every[k] for k in order], parts[0].raw
    return Measures(
        radii=radii[order],
        names=(*(measure.name for measure in MEASURES), SHARE),
        raw=(*raw.values, raw.share),
        ironed=tuple(np.array(values) for values in zip(*(listed(row) for row in rows), strict=True)),
        wavelengths=raw.wavelengths,
        raw_energies=raw.energies,
        energies=np.stack([row.energies for row in rows]),
    )


def listed(row: Measured) -> tuple[float, ...]:
    """All the single numbers of a surface."""
    return (*row.values, row.share)


def sentence(view: View, raw: Measured, ironed: Measured) -> str:
    """What there is to see where no story tells it."""
    kind = "curve" if view.dim == 1 else "surface"
    ball, valleys = f"A ball with ρ = {setting(view.radius)}", minima(round(ironed.values[0]))
    before, slope = number(raw.values[2]), number(ironed.values[2])
    if ironed.share == 0:
        return (
            f"{ball} reaches every grid point of this {kind}, so ironing leaves it as it is, with {valleys} "
            f"and a root mean square of its slope of {slope}."
        )
    if ironed.share > ALMOST:
        few = "none" if ironed.share == 1 else f"only {percent(1 - ironed.share)}"
        reach = f"reaches {few} of the grid points"
    else:
        reach = f"cannot touch {percent(ironed.share)}"
    same = ironed.values[0] == raw.values[0]
    has = f"still has {valleys}" if same else f"has {valleys} instead of {raw.values[0]:.0f}"
    now = f"still {slope}" if slope == before else f"{slope} instead of {before}"
    return (
        f"{ball} {reach} of this {kind}. Ironed by it, the {kind} {has}, and the root mean square of its "
        f"slope is {now}."
    )


def minima(count: int) -> str:
    """So many local minima."""
    return {0: "no local minimum", 1: "1 local minimum"}.get(count, f"{count} local minima")


def running(record: Record, view: View, here: Layers) -> str:
    """A sentence on the ball's centre and the centre surface, where the ball runs; else ''."""
    if not isinstance(record, Relief) or record.film is None:
        return ""
    ball, _ = compute.film(view, whole=False)
    row = int(np.flatnonzero(here.radii == view.radius)[0])
    return (
        " The ball's centre runs down the centre surface: on its way they are nowhere more than "
        f"{percent(departure(ball.centers[0], here, row))} of ρ apart."
    )


def departure(path: np.ndarray, layers: Layers, row: int) -> float:
    """The greatest height between centres (T+1, 3) and a centre surface, in radii, where both are known."""
    x, y = layers.axes
    surface = RegularGridInterpolator((y, x), layers.centers[row], bounds_error=False)
    away = np.abs(surface(path[:, 1::-1]) - path[:, 2])
    return float(np.nanmax(away)) / float(layers.radii[row])


def table(measures: Measures) -> Iterator[str]:
    """The measures as lines of a table with commas: a row a radius, the raw surface as that of radius 0."""
    columns = [*(measure.column for measure in MEASURES), "unreachable_share"]
    yield ",".join(["radius", *columns])
    yield ",".join(repr(float(value)) for value in (0.0, *measures.raw))
    for k, radius in enumerate(measures.radii):
        yield ",".join(repr(float(value)) for value in (radius, *(row[k] for row in measures.ironed)))


def spectra(measures: Measures) -> Iterator[str]:
    """The spectra likewise: a row a radius and wavelength."""
    yield "radius,wavelength,energy"
    radii = np.concatenate([[0.0], measures.radii])
    for radius, energies in zip(radii, [measures.raw_energies, *measures.energies], strict=True):
        for wavelength, energy in zip(measures.wavelengths, energies, strict=True):
            yield f"{float(radius)!r},{float(wavelength)!r},{float(energy)!r}"


WORK = Work(
    compose,
    ready=lambda view: surfaces.has_family(view),
    prepare=lambda view: surfaces.prepare(view),
    alone="the one radius that was asked for",
)
