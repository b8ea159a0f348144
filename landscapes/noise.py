"""Fractal noise: octaves of random lattice noise, smooth between the lattice points.

    f(θ) = A Σ_o 2^{−oH} n_o(2^o θ / L),  or with ridges  f = A Σ_o 2^{−oH} (1 − √(n_o² + ε²))

A lattice point carries a random height (value noise) or slope (gradient noise); Perlin's quintic blends the
four corners of a cell, so that f is twice continuously differentiable. Within a cell, noise is a polynomial
Σ C_{mn} P_m(u) Q_n(v), which gives all derivatives, and a grid, as small matrix products.

Reference: K. Perlin, Improving noise, SIGGRAPH 2002; F. K. Musgrave's ridges in Texturing and Modeling, 1994.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import torch
from numpy.polynomial import Polynomial
from torch import Tensor

from landscapes.constants import Constants
from landscapes.formula import Formula
from landscapes.landscape import Specification, Surface
from landscapes.parameter import DIM, Parameter, choice, integer, number, seed

PERIOD = 1024  # lattice cells after which an octave repeats
CREST = 0.1  # ε: the half-width of a ridge in units of the noise, so that the crest is round, not a kink


def _blends() -> np.ndarray:
    """Coefficients (7, 2 bases, 3 derivatives, 2 corners) in powers of u ∈ [0, 1].

    Basis 0 weighs the height of a corner, basis 1 its slope: S_c(u) and S_c(u) (u − c), with Perlin's quintic
    S_1 = 6u⁵ − 15u⁴ + 10u³ and S_0 = 1 − S_1.
    """
    one = Polynomial([0, 0, 0, 10, -15, 6])
    corners = [1 - one, one]
    bases = [corners, [corners[0] * Polynomial([0, 1]), corners[1] * Polynomial([-1, 1])]]
    out = np.zeros((7, 2, 3, 2))
    for i, basis in enumerate(bases):
        for corner, polynomial in enumerate(basis):
            for order in range(3):
                c = polynomial.deriv(order).coef if order else polynomial.coef
                out[: len(c), i, order, corner] = c
    return out


class FractalNoise(Formula):
    """Octaves of lattice noise in 1-D or 2-D (in 1-D: the 2-D noise along a line).

    Args:
        seed: of the lattice.
        amplitude, spacing, octaves, hurst: A, the lattice spacing L of the coarsest octave, their
            number, and H.
        basis: "gradient" or "value".
        ridged: fold the noise into rounded ridges.
    """

    def __init__(
        self,
        seed: int,
        amplitude: float,
        spacing: float,
        octaves: int,
        hurst: float,
        basis: str,
        ridged: bool,
    ) -> None:
        random = np.random.default_rng(seed)
        o = np.arange(octaves)
        self.ridged = ridged
        if basis == "gradient":  # (x basis, y basis, column of the table)
            self._terms = ((1, 0, 0), (0, 1, 1))
            angle = 2 * np.pi * (np.arange(PERIOD) + random.random()) / PERIOD
            table = np.stack([np.cos(angle), np.sin(angle)], 1)
        else:
            self._terms = ((0, 0, 0),)
            table = np.linspace(-1, 1, PERIOD)[:, None]
        # Each octave has its own permutation of the lattice and its own origin: octaves are independent.
        self._constants = Constants(
            table=table,
            permutations=np.stack([random.permutation(PERIOD) for _ in o]),
            origins=random.random((octaves, 2)),
            frequencies=2.0**o / spacing,
            scales=(2.0**o / spacing)[:, None] ** np.arange(3),  # of the derivatives of each octave
            weights=amplitude * 2.0 ** (-hurst * o),
            blends=_blends(),
        )

    def _corners(self, octave: Tensor, column: Tensor, row: Tensor, c: SimpleNamespace) -> Tensor:
        """Random numbers of lattice points, by index arrays that broadcast: (…, 1 or 2)."""
        # Perlin's hash: permute, add the other coordinate, permute again. PERIOD is a power of 2.
        inner = c.permutations[octave, column & (PERIOD - 1)]
        return c.table[c.permutations[octave, (inner + row) & (PERIOD - 1)]]

    def _cells(self, coordinate: Tensor, c: SimpleNamespace) -> tuple[Tensor, Tensor]:
        """The cell of a lattice coordinate (…,), its blends (…, 2 bases, 3 derivatives, 2 corners)."""
        cell = coordinate.floor()
        u = coordinate - cell
        powers = [torch.ones_like(u), u]
        while len(powers) < 7:
            powers.append(powers[-1] * u)
        return cell.long(), (torch.stack(powers, -1) @ c.blends.flatten(1)).unflatten(-1, c.blends.shape[1:])

    def _octaves(self, theta: Tensor) -> tuple[Tensor, Tensor, SimpleNamespace]:
        """For all octaves: random numbers of the corners (*B, O, 2, 2, 1 or 2), and blends (*B, O, 2, …)."""
        c = self._constants.like(theta)
        plane = theta if theta.shape[-1] == 2 else torch.cat([theta, torch.zeros_like(theta)], -1)
        cell, blends = self._cells(plane[..., None, :] * c.frequencies[:, None] + c.origins, c)
        octave = torch.arange(len(c.frequencies), device=theta.device)[:, None, None]
        step = torch.arange(2, device=theta.device)
        column, row = cell[..., 0, None, None] + step[:, None], cell[..., 1, None, None] + step
        return self._corners(octave, column, row, c), blends, c

    def value(self, theta: Tensor) -> Tensor:
        corners, blends, c = self._octaves(theta)
        bx, by = (
            blends[..., 0, :, 0, :, None],
            blends[..., 1, :, 0, None, :],
        )  # (*B, O, 2 bases, 2, 2 corners)
        n = sum(
            (bx[..., p, :, :] * by[..., q, :, :] * corners[..., i]).sum((-2, -1)) for p, q, i in self._terms
        )
        return self._fold(n) @ c.weights

    def _derivatives(self, theta: Tensor) -> tuple[Tensor, SimpleNamespace]:
        """∂^{i+j} n_o / ∂x^i ∂y^j for all octaves: (*B, O, 3, 3), in units of θ."""
        corners, blends, c = self._octaves(theta)
        bx, by = blends[..., 0, :, :, :], blends[..., 1, :, :, :]
        n = sum(bx[..., p, :, :] @ corners[..., i] @ by[..., q, :, :].mT for p, q, i in self._terms)
        return n * c.scales[:, :, None] * c.scales[:, None, :], c

    def _fold(self, n: Tensor) -> Tensor:
        return 1 - (n * n + CREST**2).sqrt() if self.ridged else n

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        d = theta.shape[-1]
        jets, c = self._derivatives(theta)
        n, weights = jets[..., 0, 0], c.weights
        first = torch.stack([jets[..., 1, 0], jets[..., 0, 1]], -1)[..., :d]  # (*B, O, d)
        rows = [
            torch.stack([jets[..., 2, 0], jets[..., 1, 1]], -1),
            torch.stack([jets[..., 1, 1], jets[..., 0, 2]], -1),
        ]
        second = torch.stack(rows, -2)[..., :d, :d]
        if self.ridged:  # r(n) = 1 − √(n² + ε²): r' = −n/√, r'' = −ε²/√³
            root = (n * n + CREST**2).sqrt()
            slope, bend = (-n / root)[..., None, None], (-(CREST**2) / root**3)[..., None, None]
            second = bend * first[..., :, None] * first[..., None, :] + slope * second
            first = slope[..., 0] * first
        gradient = (weights[:, None] * first).sum(-2)
        return self._fold(n) @ weights, gradient, (weights[:, None, None] * second).sum(-3)

    def gradient(self, theta: Tensor) -> Tensor:
        return self.jet(theta)[1]

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        """Noise on a grid is a product of matrices with one row of blends for each line of the grid."""
        x, y = axes if len(axes) == 2 else (axes[0], axes[0].new_zeros(1))
        c = self._constants.like(x)
        octaves = (self._fold(self._octave_grid(o, x, y, c)) for o in range(len(c.weights)))
        total = sum(weight * n for weight, n in zip(c.weights, octaves, strict=True))
        return total if len(axes) == 2 else total[:, 0]

    def _octave_grid(self, o: int, x: Tensor, y: Tensor, c: SimpleNamespace) -> Tensor:
        column, left = self._hats(x * c.frequencies[o] + c.origins[o, 0], c)
        row, right = self._hats(y * c.frequencies[o] + c.origins[o, 1], c)
        corners = self._corners(torch.tensor(o, device=x.device), column[:, None], row, c)
        return sum(left[p] @ corners[..., i] @ right[q].T for p, q, i in self._terms)

    def _hats(self, coordinate: Tensor, c: SimpleNamespace) -> tuple[Tensor, Tensor]:
        """The m lattice points around n coordinates, and their shares by each basis, (2, n, m)."""
        cell, blends = self._cells(coordinate, c)
        points = torch.arange(int(cell.min()), int(cell.max()) + 2, device=cell.device)
        hats = coordinate.new_zeros(2, len(cell), len(points))
        line = torch.arange(len(cell), device=cell.device)
        for corner in range(2):
            hats[:, line, cell - points[0] + corner] = blends[:, :, 0, corner].T
        return points, hats


def fractal_noise(
    dim: int, seed: int, basis: str, hurst: float, octaves: int, spacing: float, amplitude: float
) -> Surface:
    return Surface(
        FractalNoise(seed, amplitude, spacing, octaves, hurst, basis, ridged=False),
        domain=((-3.0, 3.0),) * dim,
        start=(0.85, 0.7)[:dim],
        radius=0.5,
        lr=0.03,
        finest_wavelength=spacing / 2 ** (octaves - 1),
    )


def ridged_noise(
    dim: int, seed: int, basis: str, hurst: float, octaves: int, spacing: float, amplitude: float
) -> Surface:
    return Surface(
        FractalNoise(seed, amplitude, spacing, octaves, hurst, basis, ridged=True),
        domain=((-3.0, 3.0),) * dim,
        start=(2.3, -1.1)[:dim],
        radius=0.4,
        lr=0.02,
        finest_wavelength=spacing / 2**octaves,  # |n| has twice the frequency of n
    )


def _parameters(amplitude: float) -> tuple[Parameter, ...]:
    return (
        DIM,
        seed(),
        choice(
            "basis", "gradient", ("gradient", "value"), "what a lattice point carries: a slope or a height"
        ),
        number("hurst", 0.8, 0.0, 1.0, "how fast the octaves fade: 0 is rough, 1 smooth"),
        integer("octaves", 4, 1, 6, "number of octaves, each with half the spacing of the one before"),
        number("spacing", 2.0, 0.5, 4.0, "lattice spacing of the coarsest octave"),
        number("amplitude", amplitude, 0.0, 3.0, "height of the coarsest octave"),
    )


SPECIFICATIONS = (
    Specification(
        name="fractal_noise",
        title="Fractal noise",
        description="The terrain of computer graphics: smooth random noise, added up at ever finer scales. "
        "Small bumps sit on larger ones, and the radius of the ball decides which of them it feels.",
        reference="K. Perlin, Improving noise, SIGGRAPH 2002.",
        parameters=_parameters(1.0),
        build=fractal_noise,
    ),
    Specification(
        name="ridged_noise",
        title="Ridged noise",
        description="Fractal noise folded at zero, so that rounded crests cross the land like mountain "
        "chains. "
        "The ball rides on crests that a point has to cross one by one.",
        reference="F. K. Musgrave in Texturing and Modeling: A Procedural Approach, 1994; crests rounded "
        "here.",
        parameters=_parameters(1.5),
        build=ridged_noise,
    ),
)
