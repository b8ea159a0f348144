"""Measures of the raw and of the ironed surface against the radius, and their spectra at one radius."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from figures.arrays import axis_length
from figures.panels import Panels
from figures.theme import IRONED, RAW, axis, log_axis, palette

PANEL = 225  # pixels high
BANDS = 3  # of the spectra, an octave
FLOOR = 1e-9  # of the greatest energy: what is below is rounding


@dataclass(frozen=True, eq=False)
class Measures:
    """Named measures of R radii.

    Args:
        radii: (R,) increasing, > 0.
        names: what each measure is called.
        raw: one number a measure, of the raw surface.
        ironed: (R,) numbers a measure.
        wavelengths: (K,) of the spectra, longest first.
        raw_energies: (K,) of the raw surface.
        energies: (R, K) of the ironed ones.

    Raises:
        ValueError: a field has the wrong shape; the message names it.
    """

    radii: np.ndarray
    names: tuple[str, ...]
    raw: tuple[float, ...]
    ironed: tuple[np.ndarray, ...]
    wavelengths: np.ndarray
    raw_energies: np.ndarray
    energies: np.ndarray

    def __post_init__(self) -> None:
        balls, waves = axis_length("radii", self.radii, 1), np.shape(self.wavelengths)
        if not len(self.names) == len(self.raw) == len(self.ironed):
            raise ValueError("names, raw and ironed must be as many")
        for name, values in zip(self.names, self.ironed, strict=True):
            if np.shape(values) != (balls,):
                raise ValueError(f"ironed: {name} must have shape {(balls,)}, got {np.shape(values)}")
        for name, shape in (("raw_energies", waves), ("energies", (balls, *waves))):
            if np.shape(getattr(self, name)) != shape:
                raise ValueError(f"{name} must have shape {shape}, got {np.shape(getattr(self, name))}")


def figure(measures: Measures, radius_index: int, theme: str = "light") -> go.Figure:
    """A panel a measure, with a line at the radius, and one with the spectra at that radius.

    Args:
        measures: of a family of radii.
        radius_index: the current one.
        theme: 'light' or 'dark'.
    """
    if not 0 <= radius_index < len(measures.radii):
        raise ValueError(f"radius_index must be from 0 to {len(measures.radii) - 1}, got {radius_index}")
    spectra = f"energy by wavelength at ρ = {measures.radii[radius_index]:.3g}"
    plot = Panels([*measures.names, spectra], PANEL, 100, theme, horizontal_spacing=0.12)
    for k, name in enumerate(measures.names):
        _measure(plot, measures, k, name, radius_index)
    _spectra(plot, measures, radius_index)
    return plot.figure()


def _measure(plot: Panels, measures: Measures, k: int, name: str, now: int) -> None:
    radii, ironed, raw = measures.radii, measures.ironed[k], measures.raw[k]
    ends = radii[[0, -1]] if len(radii) > 1 else radii[[0, 0]] * [0.5, 2]
    plot.add_line(k, "Raw", ends, [raw, raw], RAW, showlegend=k == 0)
    plot.add_line(k, "Ironed", radii, ironed, IRONED, showlegend=k == 0)
    edge = {"color": palette(plot.theme).text, "width": 1.5}
    plot.add(
        k,
        x=[radii[now]],
        y=[ironed[now]],
        mode="markers",
        name=f"{name} at ρ = {radii[now]:.3g}",
        showlegend=False,
        cliponaxis=False,
        marker={"color": IRONED.color(plot.theme), "size": 11, "line": edge},
    )
    plot.add_upright(k, radii[now])
    plot.set_axes(
        k,
        log_axis(plot.theme, "radius ρ", ends[0], ends[1]),
        axis(plot.theme, "", rangemode="tozero", nticks=5),
    )


def _spectra(plot: Panels, measures: Measures, now: int) -> None:
    k, spectra = len(measures.names), (measures.raw_energies, measures.energies[now])
    floor = FLOOR * max(float(energies.sum()) for energies in spectra)
    for name, energies, mark in zip(("Raw", "Ironed"), spectra, (RAW, IRONED), strict=True):
        wavelengths, sums = banded(measures.wavelengths, energies)
        plot.add_line(k, name, wavelengths, np.where(sums > floor, sums, np.nan), mark, showlegend=False)
    ends = float(measures.wavelengths.min()), float(measures.wavelengths.max())
    plot.set_axes(
        k,
        log_axis(plot.theme, "wavelength", *ends),
        axis(plot.theme, "", type="log", exponentformat="power", nticks=5),
    )


def banded(wavelengths: np.ndarray, energies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Energies summed over thirds of an octave, and the middle of each; bands without a wave are left out.

    >>> [part.tolist() for part in banded(np.array([8.0, 7.9, 4.0]), np.array([1.0, 2.0, 4.0]))]
    [[8.0, 4.0], [3.0, 4.0]]
    """
    longest = wavelengths.max()
    band = np.rint(BANDS * np.log2(longest / wavelengths)).astype(int)
    sums, counts = np.bincount(band, energies), np.bincount(band)
    middles = longest / 2 ** (np.arange(len(sums)) / BANDS)
    return middles[counts > 0], sums[counts > 0]


def describe(measures: Measures, radius_index: int) -> str:
    """The panels in words: each measure, raw and ironed, at the radius."""
    parts = [
        f"{name} {raw:.4g} raw, {ironed[radius_index]:.4g} ironed"
        for name, raw, ironed in zip(measures.names, measures.raw, measures.ironed, strict=True)
    ]
    return f"At ρ = {measures.radii[radius_index]:.3g}: {'; '.join(parts)}."
