"""Measures of a surface by their exact names; `rbo.ironing` says what each one is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import rbo

Spacing = tuple[float, ...]


@dataclass(frozen=True)
class Measure:
    """One measure.

    Args:
        name: what it is called, wherever it is shown.
        column: its name in a table, with its unit.
        of: its value for heights on a grid of this spacing.
    """

    name: str
    column: str
    of: Callable[[np.ndarray, Spacing], float]


MEASURES = (
    Measure("local minima", "local_minima", lambda heights, _: rbo.local_minima(heights)),
    Measure("total variation", "total_variation", rbo.total_variation),
    Measure("root mean square of the slope", "rms_slope", rbo.rms_slope),
    Measure("root mean square of the curvature", "rms_curvature", rbo.rms_curvature),
)
SHARE = "share of unreachable points"


@dataclass(frozen=True, eq=False)
class Measured:
    """All measures of one surface.

    Args:
        values: one for each of MEASURES.
        share: of the points that the ball cannot touch; 0 for the raw surface.
        wavelengths, energies: (K,) its spectrum, longest first.
    """

    values: tuple[float, ...]
    share: float
    wavelengths: np.ndarray
    energies: np.ndarray


def measured(heights: np.ndarray, spacing: Spacing, reachable: np.ndarray) -> Measured:
    """Measure heights (N,) or (ny, nx), of which the ball can touch what is reachable."""
    waves = rbo.spectrum(heights, spacing)
    return Measured(
        values=tuple(float(measure.of(heights, spacing)) for measure in MEASURES),
        share=1.0 - float(reachable.mean()),
        wavelengths=waves.wavelengths,
        energies=waves.energies,
    )
