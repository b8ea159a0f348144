"""View -> parts of a sweep -> the records that the figures draw.

A sweep depends on nothing that it goes through: the map not on ρ and η of the view, the starts not on its
start. So another cell, or another start, costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
import torch

import rbo
from figures.basins import Ends
from figures.maps import Counts, RateMap
from interface import compute
from interface.compute import DEVICE, DTYPE
from interface.experiment import LIMITS, clipped
from interface.training.jobs import Job, Part, job
from interface.training.view import STARTS, View, usual
from rbo.experiments import maps
from rbo.experiments.forgetting import APART, middles
from rbo.experiments.maps import DIVERGED
from rbo.experiments.rates import DECADES, RADII, spaced

ROWS = 4  # of radii, or of starts, in a part: few are seen soon, many are done sooner
COUNTED = 8  # radii whose ends are counted


@dataclass(frozen=True)
class Grid:
    """What a map goes through: radii and rates, of few digits, so that a link has the very ones."""

    radii: tuple[float, ...]
    rates: tuple[float, ...]


def width(view: View) -> float:
    """The domain's longest side."""
    return max(high - low for low, high in view.surface().domain)


def grid(view: View) -> Grid:
    """The cells of the map of a view."""
    radii, lr = (share * width(view) for share in RADII), view.plain().lr
    ends = (clipped(lr * 10**power, LIMITS["lr"]) for power in (-DECADES, DECADES))
    return Grid(spaced(*radii, view.cells), spaced(*ends, view.cells))


def tensor(values: object) -> torch.Tensor:
    """Numbers as the runs want them."""
    return torch.tensor(values, dtype=DTYPE, device=DEVICE)


def plain(view: View, *names: str) -> View:
    """A view in which all but the settings of these names has its usual value, and so plays no part."""
    kept = {name: getattr(view, name) for name in ("steps", "scale", *names)}
    return usual(view.landscape, dict(view.parameters), **kept)


# --- radius × rate


def rates_job(view: View) -> Job:
    """The map of a view: a part is a strip of radii."""
    key = plain(view, "start", "cells")
    return job(("rates", key), lambda: _strips(key))


def _strips(view: View) -> tuple[Part, ...]:
    surface, cells = view.surface(), grid(view)
    rates, start = tensor(cells.rates)[None], tensor(view.start)
    rest = (rates, view.steps, rbo.Rigid(surface.domain), view.scale)
    strips = reversed(tensor(cells.radii).split(ROWS))  # large balls first: they are quick
    return tuple(
        Part(tuple(some.tolist()), maps.ends, (surface, start, some[:, None], *rest)) for some in strips
    )


def rate_map(view: View, results: Mapping[Any, Any]) -> RateMap:
    """What is known of the map of a view."""
    cells = grid(view)
    losses = np.full((len(cells.radii), len(cells.rates)), np.nan)
    diverged, done = np.zeros(losses.shape, dtype=bool), np.zeros(len(losses), dtype=bool)
    for radii, (found, outcome) in results.items():
        rows = [cells.radii.index(radius) for radius in radii]
        out = np.isin(outcome.astype(str), DIVERGED)
        losses[rows], diverged[rows], done[rows] = np.where(out, np.nan, found.cpu().numpy()), out, True
    points, out, start = point_rates(plain(view, "start"), cells.rates)
    return RateMap(np.array(cells.radii), np.array(cells.rates), losses, diverged, done, points, out, start)


@st.cache_data(max_entries=64, show_spinner=False)
def point_rates(view: View, rates: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray, float]:
    """Gradient descent at each rate: its loss at the end, whether it diverged, and the loss at the start."""
    surface = view.surface()
    path = rbo.descend(surface, tensor(view.start), tensor(rates), view.steps, domain=surface.domain)
    out = np.isin(np.asarray(path.outcome).astype(str), DIVERGED)
    return np.where(out, np.nan, path.losses[-1].cpu().numpy()), out, float(path.losses[0, 0])


# --- starts


def starts(view: View, side: int) -> tuple[np.ndarray, ...]:
    """x and y of the starts: the middles of equal cells of the domain."""
    return tuple(low + (high - low) * (np.arange(side) + 0.5) / side for low, high in view.surface().domain)


def places(view: View, side: int) -> torch.Tensor:
    """Starts (side, side, 2), y first, as a picture has them."""
    return middles(view.surface().domain, side).to(DEVICE, DTYPE)


def starts_job(view: View) -> Job:
    """The ends of the ball of a view from all starts; gradient descent takes no time to speak of."""
    key = plain(view, "radius", "lr", "starts")
    return job(("starts", key), lambda: _rows(key))


def _rows(view: View) -> tuple[Part, ...]:
    rest = (view.radius, view.lr, view.steps, rbo.Rigid(view.surface().domain), view.scale)
    some = places(view, view.starts).split(ROWS)
    return tuple(Part(k, maps.finals, (view.surface(), rows, *rest)) for k, rows in enumerate(some))


def apart(view: View) -> float:
    """Ends nearer than this are one."""
    return float(f"{APART * width(view):.2g}")


def ball_ends(view: View, results: Mapping[Any, Any]) -> Ends | None:
    """Where the ball of a view leads, once that is known."""
    if len(results) * ROWS < view.starts:
        return None
    last, outcome, losses = zip(*(results[k] for k in range(len(results))), strict=True)
    found = maps.basins(torch.cat(last), np.concatenate(outcome), torch.cat(losses), apart(view))
    return ends(view, view.starts, found, f"Ball, ρ = {view.radius:.3g}")


def point_ends(view: View) -> Ends:
    """Where gradient descent leads."""
    found = point_basins(plain(view, "lr"), view.starts)
    return ends(view, view.starts, found, compute.GRADIENT_DESCENT)


@st.cache_data(max_entries=64, show_spinner=False)
def point_basins(view: View, side: int) -> maps.Basins:
    """Gradient descent from all starts."""
    domain = view.surface().domain
    return maps.point_basins(view.surface(), places(view, side), view.lr, view.steps, domain, apart(view))


def ends(view: View, side: int, found: maps.Basins, name: str) -> Ends:
    """Basins as the figure draws them."""
    x, y = starts(view, side)
    return Ends(
        name,
        x,
        y,
        *(getattr(found, field).cpu().numpy() for field in ("ends", "basin", "losses", "moving")),
        domain=view.surface().domain,
    )


# --- distinct ends against ρ


def counts_job(view: View) -> Job:
    """The ends of balls of several radii, from the coarse grid of starts."""
    key = plain(view, "lr")
    radii = reversed(counted(view))  # large balls first: they are quick
    return job(("counts", key), lambda: tuple(_ball(key, radius, STARTS[0]) for radius in radii))


def _ball(view: View, radius: float, side: int) -> Part:
    surface = view.surface()
    rest = (view.lr, view.steps, rbo.Rigid(surface.domain), view.scale, apart(view))
    return Part(radius, maps.ball_basins, (surface, places(view, side), radius, *rest))


def counted(view: View) -> tuple[float, ...]:
    """The radii whose ends are counted."""
    return spaced(*(share * width(view) for share in RADII), COUNTED)


def counts(view: View, results: Mapping[float, maps.Basins]) -> Counts:
    """What is known of the number of ends of each radius."""
    point = point_basins(plain(view, "lr"), STARTS[0])
    radii = np.array(sorted(results))
    balls = [results[radius] for radius in radii]
    return Counts(
        radii,
        np.array([ball.count for ball in balls], dtype=int),
        np.array([int(ball.moving.sum()) for ball in balls], dtype=int),
        np.array([int((ball.basin < 0).sum()) for ball in balls], dtype=int),
        point=(point.count, int(point.moving.sum()), int((point.basin < 0).sum())),
        starts=STARTS[0] ** 2,
    )
