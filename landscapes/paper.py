"""The landscapes of the Rolling Ball paper: Gaussian MSE, sine MSE and Whitley.

Reference: M. D. Belgoumri et al., Rolling Ball Optimizer, arXiv 2505.19527.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from landscapes.constants import Constants
from landscapes.formula import Formula
from landscapes.gaussians import BOX, GaussianDips
from landscapes.landscape import Specification, Surface
from landscapes.parameter import integer, number, seed
from landscapes.polynomial import Outer, PolynomialSum


def gaussian_mse(seed: int, centres: int, sigma: float) -> Surface:
    points = np.random.default_rng(seed).uniform(-BOX, BOX, (centres, 2))
    return Surface(
        GaussianDips(points, sigma),
        domain=((-BOX, BOX), (-BOX, BOX)),
        start=(2.3, 2.3),
        radius=0.8,
        lr=0.01,
        loss_scale=0.15,
        # A Gaussian has no shortest wave, but its spectrum exp(−k²σ²/2) falls to 0.7 % at k = π/σ, the
        # highest frequency that a grid of spacing σ can carry: 4 points for 4σ.
        finest_wavelength=4 * sigma,
    )


class SineMSE(Formula):
    """mean_n (θ₂ sin(θ₁ x_n) − y_n)² for data x (N,), y (N,)."""

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        self._data = Constants(x=x, y=y)

    def value(self, theta: Tensor) -> Tensor:
        data = self._data.like(theta)
        x, y = data.x, data.y
        return ((theta[..., 1:] * (theta[..., :1] * x).sin() - y) ** 2).mean(-1)

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """From the residual r = θ₂ sin(θ₁x) − y: ∇f = 2 mean r∇r and ∇²f = 2 mean (∇r∇rᵀ + r∇²r)."""
        data = self._data.like(theta)
        x, y = data.x, data.y
        phase, scale = theta[..., :1] * x, theta[..., 1:]
        sine, x_cosine = phase.sin(), x * phase.cos()
        r, r1 = scale * sine - y, scale * x_cosine
        gradient = torch.stack([r * r1, r * sine], -2).mean(-1)
        h11 = r1 * r1 - r * scale * x * x * sine
        h12 = r1 * sine + r * x_cosine
        hessian = torch.stack([h11, h12, h12, sine * sine], -2).mean(-1).unflatten(-1, (2, 2))
        return (r * r).mean(-1), 2 * gradient, 2 * hessian

    def gradient(self, theta: Tensor) -> Tensor:
        return self.jet(theta)[1]

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        """f is quadratic in θ₂, with means over the data that depend on θ₁ only."""
        first, second = axes
        data = self._data.like(first)
        sines = torch.outer(first, data.x).sin()
        squares, products = sines.square().mean(-1), (sines * data.y).mean(-1)
        heights = (squares[:, None] * second - 2 * products[:, None]) * second + data.y.square().mean()
        return heights.clamp(min=0)  # rounding may go below


def sine_mse(seed: int, samples: int, span: float, frequency: float, noise: float) -> Surface:
    x = np.linspace(0, span, samples)
    y = np.sin(frequency * x) + noise * np.random.default_rng(seed).standard_normal(samples)
    return Surface(
        SineMSE(x, y),
        domain=((0.0, 3.0), (-1.5, 1.5)),
        start=(2.7, 1.1),
        radius=0.4,
        lr=0.02,
        loss_scale=0.4,
        minima=() if noise else ((frequency, 1.0),),
        finest_wavelength=math.pi / span,  # sin² at the last sample has twice its frequency
    )


WHITLEY = Outer(
    lambda t: t * t / 4000 - t.cos() + 1, lambda t: t / 2000 + t.sin(), lambda t: 1 / 2000 + t.cos()
)


def whitley() -> Surface:
    """Σ_{i,j} t²/4000 − cos t + 1 with t = 100 (θ_i² − θ_j)² + (1 − θ_j)², where a grid can resolve it."""
    low, high = 0.5, 1.5
    # |∇t| is largest at θ = (high, low): t_θi = 400 θ_i (θ_i² − θ_j), t_θj = −200 (θ_i² − θ_j) − 2 (1 − θ_j).
    gap = high**2 - low
    steepest = math.hypot(400 * high * gap, 200 * gap + 2 * (1 - low))
    return Surface(
        PolynomialSum(2, [_whitley_argument(i, j) for i in range(2) for j in range(2)], WHITLEY),
        domain=((low, high), (low, high)),
        start=(1.14, 1.09),
        radius=0.06,
        lr=3e-5,
        loss_scale=0.02,
        minima=((1.0, 1.0),),
        finest_wavelength=2 * math.pi / steepest,
    )


def _whitley_argument(i: int, j: int) -> dict[tuple[int, int], float]:
    """100 (θ_i² − θ_j)² + (1 − θ_j)² as a polynomial."""
    terms: dict[tuple[int, int], float] = {}
    for power_i, power_j, c in ((4, 0, 100), (2, 1, -200), (0, 2, 101), (0, 1, -2), (0, 0, 1)):
        exponents = [0, 0]
        exponents[i] += power_i
        exponents[j] += power_j
        terms[tuple(exponents)] = terms.get(tuple(exponents), 0.0) + c
    return terms


SPECIFICATIONS = (
    Specification(
        name="gaussian_mse",
        title="Gaussian MSE",
        description="A parabola pierced by a thousand Gaussian dips, as in the demonstration of the paper. "
        "Gradient descent falls into the first dip; a ball wider than a dip rolls to the middle.",
        reference="|θ|² − Σ exp(−|θ − m|²/2σ²), m uniform: arXiv 2505.19527.",
        parameters=(
            seed(),
            integer("centres", 1000, 0, 2000, "number of dips"),
            number("sigma", 0.1, 0.05, 0.5, "width of a dip", 0.01),
        ),
        build=gaussian_mse,
    ),
    Specification(
        name="sine_mse",
        title="Sine MSE",
        description="The error of fitting θ₂ sin(θ₁x) to samples of a sine. "
        "Away from the true frequency the error only ripples, so the slope does not show the way to it.",
        reference="arXiv 2505.19527.",
        parameters=(
            seed(),
            integer("samples", 60, 10, 200, "number of samples"),
            number("span", 10, 2, 20, "the samples lie in [0, span]", 0.5),
            number("frequency", 1.5, 0.5, 2.5, "true frequency", 0.1),
            number("noise", 0, 0, 1, "standard deviation of the noise on the samples", 0.05),
        ),
        build=sine_mse,
    ),
    Specification(
        name="whitley",
        title="Whitley",
        description="Cosines of a steep polynomial: ripples that become finer the steeper the land is. "
        "Its minimum at (1, 1) lies in a calm hollow: a small ball reaches it, gradient descent stays in a "
        "wrinkle on the way.",
        reference="D. Whitley et al., Artificial Intelligence 85 (1996) 245; in arXiv 2505.19527.",
        parameters=(),
        build=whitley,
    ),
)
