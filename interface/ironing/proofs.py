"""The numbers of the three stories, and the lines that draw what they claim (formulas and sources in `rbo`).

    weak      φ bounded: sup φ − (ρ − √(ρ² − d²)) ≤ F_ρ − ρ ≤ sup φ, d the distance to the nearest summit
    linear    w·x + b + φ, φ bounded: inf φ ≤ F_ρ − (w·x + b + ρ√(1+|w|²)) ≤ sup φ
    rule      parabola ax²/2: ρ*(x) = √(x² + 1/a²), and not 1/a

The first two are the paper's theorems on weak and linear ironing (arXiv 2505.19527), for every ρ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

import rbo
from figures.bounds import Bounds, Line
from interface.compute import DTYPE
from interface.ironing import surfaces
from interface.ironing.ground import ground_of
from interface.ironing.surfaces import Layers
from interface.ironing.view import View

BOUNDED = 3  # which of the radii has its lower bound drawn
KEPT = 8
PLACES = 121  # at which ρ* is computed


@dataclass(frozen=True, eq=False)
class Proof:
    """What bears a story out: the drawing, and its numbers by name."""

    bounds: Bounds
    radius: float
    numbers: dict[str, float]


def weak(view: View) -> Proof:
    """Weak ironing of a bounded curve: each centre curve less its ρ, between its bounds."""
    key = surfaces.ironing(view)
    layers = surfaces.spread(key, surfaces.THEOREM)
    (x,), around = layers.axes, ground_of(key, float(layers.radii[-1]))
    highest = float(around.wide.max())
    summits = around.wide > highest - 1e-9 * (highest - float(around.wide.min()))
    everywhere = x[0] + around.spacing[0] * (np.arange(len(around.wide)) - around.margin[0])
    away = np.abs(x[:, None] - everywhere[summits]).min(1)
    lowered = layers.centers - layers.radii[:, None]
    root = np.sqrt(np.clip(layers.radii[:, None] ** 2 - away**2, 0, None))
    lower = np.where(away <= layers.radii[:, None], highest - (layers.radii[:, None] - root), -np.inf)
    short = highest - lowered.min(1)
    return Proof(
        Bounds(
            "The centre curve less ρ becomes flat",
            "x",
            "F − ρ",
            _lines(x, layers, lowered),
            at=x,
            low=np.where(np.isfinite(lower[BOUNDED]), lower[BOUNDED], np.nan),
            high=highest,
            bound=(f"lower bound for ρ = {layers.radii[BOUNDED]:.3g}", "sup φ, the upper bound"),
        ),
        view.radius,
        {
            "highest": highest,
            "summit": float(away.max()),
            "first radius": float(layers.radii[0]),
            "last radius": float(layers.radii[-1]),
            "first short": float(short[0]),
            "last short": float(short[-1]),
            "rising": float(np.diff(lowered, axis=0).min()),
            "below upper": float((highest - lowered).min()),
            "above lower": float((lowered - lower).min()),
        },
    )


def linear(view: View) -> Proof:
    """Linear ironing of a tilted curve: what each centre curve has beside that of the straight line."""
    key = surfaces.ironing(view)
    layers, slope = surfaces.spread(key, surfaces.THEOREM), -view.scale * dict(view.parameters)["slope"]
    (x,), around = layers.axes, ground_of(key, float(layers.radii[-1]))
    everywhere = x[0] + around.spacing[0] * (np.arange(len(around.wide)) - around.margin[0])
    wrinkles = around.wide - slope * everywhere
    beside = layers.centers - (slope * x + layers.radii[:, None] * math.hypot(1, slope))
    low, high = float(wrinkles.min()), float(wrinkles.max())
    return Proof(
        Bounds(
            "The centre curve is straight, up to the wrinkles",
            "x",
            "F − (wx + b + ρ√(1 + w²))",
            _lines(x, layers, beside),
            at=x,
            low=low,
            high=high,
            bound=("inf φ, the lower bound", "sup φ, the upper bound"),
        ),
        view.radius,
        {
            "slope": slope,
            "low": low,
            "high": high,
            "least": float(beside.min()),
            "greatest": float(beside.max()),
            "first radius": float(layers.radii[0]),
            "last radius": float(layers.radii[-1]),
            "first span": float(np.ptp(beside[0])),
            "last span": float(np.ptp(beside[-1])),
        },
    )


def _lines(x: np.ndarray, layers: Layers, curves: np.ndarray) -> tuple[Line, ...]:
    return tuple(
        Line(f"ρ = {radius:.3g}", x, curve, size=k / (len(curves) - 1))
        for k, (radius, curve) in enumerate(zip(layers.radii, curves, strict=True))
    )


def rule(view: View) -> Proof:
    """A parabola: the largest ball that reaches each point, against the rule of thumb 1/|H|."""
    layers = surfaces.alone(surfaces.ironing(view), view.radius)
    a = view.scale * dict(view.parameters)["curvature"]
    x, touch = largest(surfaces.ironing(view))
    exact = np.sqrt(x**2 + 1 / a**2)
    (grid,), reached = layers.axes, layers.reachable[0]
    left, right = layers.touch[0, int(np.abs(grid).argmin())]
    return Proof(
        Bounds(
            "The largest ball that reaches the point x",
            "x",
            "radius",
            (
                Line("ρ*, computed", x, touch, "ball"),
                Line("√(x² + 1/a²)", x, exact, "center"),
                Line("the rule 1/|H|", x, np.full_like(x, 1 / a), "rule"),
            ),
            at=x,
            high=view.radius,
            bound=("", f"this ball, ρ = {view.radius:.3g}"),
            points=((float(left), view.radius), (float(right), view.radius)),
            points_name="what it touches, with its centre over 0",
        ),
        view.radius,
        {
            "a": a,
            "error": float(np.abs(touch - exact).max()),
            "out of reach": 1 - float(reached.mean()),
            "edge": float(np.abs(grid[reached]).min()) if reached.any() else math.inf,
            "exact edge": math.sqrt(max(0.0, view.radius**2 - 1 / a**2)),
            "left": float(left),
            "right": float(right),
            "cell": layers.axes[0][1] - layers.axes[0][0],
        },
    )


@st.cache_data(max_entries=KEPT, show_spinner=False)
def largest(view: View) -> tuple[np.ndarray, np.ndarray]:
    """ρ* at places of a curve."""
    loss = view.ground()
    x = torch.linspace(*loss.domain[0], PLACES, dtype=DTYPE)
    return x.numpy(), rbo.touch_radius(loss, x[:, None], loss_scale=view.scale).numpy()
