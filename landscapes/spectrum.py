"""Fractional Brownian waves: random plane waves whose amplitudes follow a power law.

A field with stationary increments E|f(x+Δ) − f(x)|² ∝ |Δ|^{2H} has the spectral density |k|^{−2H−d}. Its
power in an octave of |k| is ∝ |k|^{−2H} in any dimension, so waves spread evenly over log |k| have
amplitudes ∝ |k|^{−H}. Between the coarsest and the finest wavelength this is spectral synthesis (Voss,
1985) with a finite sum that can be evaluated anywhere.
"""

from __future__ import annotations

import math

import numpy as np

WAVES_PER_OCTAVE = 10


def fractal_waves(
    dim: int, seed: int, amplitude: float, coarsest: float, octaves: int, hurst: float
) -> dict[str, np.ndarray]:
    """Random waves with wavelengths from `coarsest` down to `coarsest` / 2^octaves.

    Args:
        dim: 1 or 2.
        seed: of the directions, wavelengths and phases.
        amplitude: root-mean-square height of the sum.
        coarsest: the longest wavelength.
        octaves: number of halvings of the wavelength.
        hurst: H in [0, 1]: 0 is rough, 1 smooth.

    Returns:
        `amplitudes` (K,), `wavevectors` (K, dim) and `phases` (K,) with K = 10 octaves, for `WaveSum`.
    """
    count = WAVES_PER_OCTAVE * octaves
    random = np.random.default_rng(seed)
    # Stratified: one wave in each tenth of an octave, so that every seed has the same spectrum.
    k = 2 * math.pi / coarsest * 2 ** ((np.arange(count) + random.random(count)) / WAVES_PER_OCTAVE)
    # The golden angle spreads the directions of neighbouring wavelengths, whatever their number.
    golden = math.pi * (math.sqrt(5) - 1) / 2
    angle = golden * np.arange(count) + math.pi * random.random() + 0.3 * random.standard_normal(count)
    directions = np.stack([np.cos(angle), np.sin(angle)], 1) if dim == 2 else np.ones((count, 1))
    weights = k**-hurst
    return {
        "amplitudes": amplitude * weights * math.sqrt(2 / (weights**2).sum()),
        "wavevectors": k[:, None] * directions,
        "phases": 2 * math.pi * random.random(count),
    }
