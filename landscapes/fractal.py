"""Self-similar sums: Weierstrass, its relative, fractional Brownian surfaces and Takagi's blancmange.

All are finite sums that stop at a stated finest wavelength, so that a grid can resolve them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from landscapes.formula import Formula
from landscapes.landscape import Specification, Surface
from landscapes.parameter import DIM, integer, number, seed
from landscapes.spectrum import fractal_waves
from landscapes.waves import WaveSum


def _separable(dim: int, amplitudes: np.ndarray, k: np.ndarray, phase: float) -> WaveSum:
    """Σ_i Σ_n a_n cos(k_n θ_i + φ): the same 1-D sum over each coordinate."""
    wavevectors = np.concatenate([np.outer(k, axis) for axis in np.eye(dim)])
    return WaveSum(
        dim, amplitudes=np.tile(amplitudes, dim), wavevectors=wavevectors, phases=np.full(dim * len(k), phase)
    )


def weierstrass(dim: int, decay: float, ratio: int, terms: int) -> Surface:
    n = np.arange(terms + 1)
    formula = _separable(dim, decay**n, math.pi * float(ratio) ** n, 0.0)
    # For odd b every b^n π is an odd multiple of π, so that all cosines are −1 at odd integers.
    odd = ((1.0,), (-1.0,)) if dim == 1 else ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0))
    return Surface(
        formula,
        domain=((-2.0, 2.0),) * dim,
        start=(0.14, 1.39)[:dim],
        radius=0.4,
        lr=0.001,
        loss_scale=0.25,
        steps=400,
        minima=odd if ratio % 2 else (),
        finest_wavelength=formula.finest_wavelength,
    )


def weierstrass_like(dim: int, terms: int) -> Surface:
    n = np.arange(1, terms + 1)
    formula = _separable(dim, 1.0 / n**2, 1.0 * n**2, -math.pi / 2)  # sin z = cos(z − π/2)
    return Surface(
        formula,
        domain=((-math.pi, math.pi),) * dim,
        start=(0.6, 0.6)[:dim],
        radius=0.6,
        lr=0.02,
        loss_scale=0.5,
        finest_wavelength=formula.finest_wavelength,
    )


def fbm_surface(
    dim: int, seed: int, hurst: float, octaves: int, wavelength: float, amplitude: float
) -> Surface:
    formula = WaveSum(dim, **fractal_waves(dim, seed, amplitude, wavelength, octaves, hurst))
    return Surface(
        formula,
        domain=((-3.0, 3.0),) * dim,
        start=(-0.57, -1.14)[:dim],
        radius=0.6,
        lr=0.03,
        finest_wavelength=formula.finest_wavelength,
    )


@dataclass(frozen=True)
class Takagi(Formula):
    """Σ_i Σ_{n=0}^{N} w^n s(2^n θ_i), s(x) the distance to the nearest integer: teeth of ever smaller size.

    It is piecewise linear; at a kink the gradient takes one of the two slopes, or 0 where they are opposite.
    """

    weight: float
    terms: int

    def _teeth(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Offsets from the nearest integer (*B, d, N + 1), the weights w^n and the slopes (2w)^n."""
        n = torch.arange(self.terms + 1, device=theta.device, dtype=theta.dtype)
        stretched = theta[..., None] * 2**n
        return stretched - stretched.round(), self.weight**n, (2 * self.weight) ** n

    def value(self, theta: Tensor) -> Tensor:
        offsets, weights, _ = self._teeth(theta)
        return (offsets.abs() @ weights).sum(-1)

    def gradient(self, theta: Tensor) -> Tensor:
        offsets, _, slopes = self._teeth(theta)
        return offsets.sign() @ slopes

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        offsets, weights, slopes = self._teeth(theta)
        hessian = theta.new_zeros((*theta.shape, theta.shape[-1]))
        return (offsets.abs() @ weights).sum(-1), offsets.sign() @ slopes, hessian

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        profiles = [self.value(axis[:, None]) for axis in axes]
        return profiles[0] if len(axes) == 1 else profiles[0][:, None] + profiles[1][None]


def takagi(dim: int, weight: float, terms: int) -> Surface:
    return Surface(
        Takagi(weight, terms),
        domain=((-0.75, 0.75),) * dim,
        start=(0.2, 0.18)[:dim],
        radius=0.1,
        lr=0.002,
        loss_scale=0.5,
        minima=((0.0,) * dim,),
        finest_wavelength=0.5**terms,
    )


SPECIFICATIONS = (
    Specification(
        name="weierstrass",
        title="Weierstrass",
        description="Waves on waves on waves: with infinitely many terms it would be continuous and "
        "nowhere smooth. "
        "Gradient descent is caught by the finest wave, the ball by the finest one "
        "that it can enter.",
        reference="K. Weierstrass, 1872: Σ a^n cos(b^n π x) over each coordinate.",
        parameters=(
            DIM,
            number("decay", 0.5, 0.1, 0.9, "ratio a of the amplitudes of neighbouring terms", 0.05),
            integer("ratio", 3, 2, 7, "ratio b of their frequencies"),
            integer("terms", 3, 0, 5, "index of the last term"),
        ),
        build=weierstrass,
    ),
    Specification(
        name="weierstrass_like",
        title="Weierstrass-like",
        description="Ripples whose frequency and smallness both grow with the square of their index. "
        "Every term is as steep as the first, so the slope at a point says little about the valley.",
        reference="Σ sin(n² x)/n² over each coordinate (Riemann's function), as in arXiv 2505.19527.",
        parameters=(DIM, integer("terms", 6, 1, 12, "number of terms")),
        build=weierstrass_like,
    ),
    Specification(
        name="fbm_surface",
        title="Fractional Brownian surface",
        description="A random mountain range that looks alike at every scale between its coarsest and "
        "finest wavelength. "
        "The Hurst exponent sets its roughness: the difference of two heights grows "
        "like the distance to that power.",
        reference="B. Mandelbrot and J. Van Ness, SIAM Review 10 (1968) 422; spectral synthesis: R. F. "
        "Voss, 1985.",
        parameters=(
            DIM,
            seed(),
            number("hurst", 0.7, 0.0, 1.0, "Hurst exponent: 0 is rough, 1 smooth"),
            integer("octaves", 5, 1, 7, "how often the wavelength is halved"),
            number("wavelength", 6.0, 1.0, 12.0, "longest wavelength"),
            number("amplitude", 0.4, 0.0, 1.0, "root-mean-square height"),
        ),
        build=fbm_surface,
    ),
    Specification(
        name="takagi",
        title="Takagi's blancmange",
        description="Tents upon tents, each half as wide as the one before: a curve with a kink at every "
        "step of its ruler. "
        "Gradient descent is held by the first notch, a ball feels only the notches "
        "that it fits into.",
        reference="T. Takagi, 1903: Σ w^n s(2^n x), s the distance to the nearest integer.",
        parameters=(
            DIM,
            number("weight", 0.5, 0.25, 0.75, "ratio w of the heights of neighbouring tents", 0.05),
            integer("terms", 5, 0, 9, "index of the last term"),
        ),
        build=takagi,
    ),
)
