"""The classic test functions of optimisation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from landscapes.formula import Formula
from landscapes.landscape import Specification, Surface
from landscapes.parameter import DIM, number
from landscapes.polynomial import IDENTITY, SQUARE, PolynomialSum
from landscapes.waves import WaveSum


def quadratic(dim: int, condition: float, angle: float) -> Surface:
    """½ θᵀAθ with the eigenvalues 1 and 1/condition; `angle` (degrees) turns the valley off the x axis."""
    turn = math.radians(angle)
    along, across = np.array([math.cos(turn), math.sin(turn)]), np.array([-math.sin(turn), math.cos(turn)])
    A = np.outer(along, along) / condition + np.outer(across, across) if dim == 2 else np.eye(1)
    return Surface(
        WaveSum(dim, curvature=A),
        domain=((-2.0, 2.0),) * dim,
        start=(-1.7, 0.3)[:dim],
        radius=0.5,
        lr=0.1,
        minima=((0.0,) * dim,),
    )


def rosenbrock(steepness: float) -> Surface:
    root = math.sqrt(steepness)
    return Surface(
        PolynomialSum(2, [{(0, 1): root, (2, 0): -root}, {(0, 0): 1.0, (1, 0): -1.0}], SQUARE),
        domain=((-1.5, 1.5), (-0.5, 2.5)),
        start=(-1.2, 1.0),
        radius=0.2,
        lr=0.05 / steepness,  # the largest curvature is about 30 steepness
        loss_scale=0.2 / steepness,
        steps=300,
        minima=((1.0, 1.0),),
    )


def himmelblau() -> Surface:
    return Surface(
        PolynomialSum(
            2, [{(2, 0): 1.0, (0, 1): 1.0, (0, 0): -11.0}, {(1, 0): 1.0, (0, 2): 1.0, (0, 0): -7.0}], SQUARE
        ),
        domain=((-5.0, 5.0), (-5.0, 5.0)),
        start=(-0.5, -1.0),
        radius=1.0,
        lr=0.002,
        loss_scale=0.005,
        minima=(  # (3, 2) and the roots of both squares, to the last digit of float64
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.283185991286170),
            (3.584428340330492, -1.848126526964404),
        ),
    )


def beale() -> Surface:
    squares = [{(0, 0): c, (1, 0): -1.0, (1, n): 1.0} for n, c in ((1, 1.5), (2, 2.25), (3, 2.625))]
    return Surface(
        PolynomialSum(2, squares, SQUARE),
        domain=((-0.5, 4.0), (-1.5, 1.5)),
        start=(0.6, 1.2),
        radius=0.3,
        lr=0.004,
        loss_scale=0.005,
        minima=((3.0, 0.5),),
    )


def styblinski_tang(dim: int) -> Surface:
    axes = [tuple(int(i == j) for j in range(dim)) for i in range(dim)]
    terms = [{tuple(n * e for e in axis): c for n, c in ((4, 0.5), (2, -8.0), (1, 2.5))} for axis in axes]
    return Surface(
        PolynomialSum(dim, terms, IDENTITY),
        domain=((-4.0, 4.0),) * dim,
        start=(1.0, -0.5)[:dim],
        radius=0.8,
        lr=0.005,
        loss_scale=0.03,
        minima=((-2.903534027771177,) * dim,),  # the least root of 2x³ − 16x + 5/2
    )


def saddle(curvature: float) -> Surface:
    return Surface(
        WaveSum(2, curvature=np.diag([curvature, -curvature])),
        domain=((-2.0, 2.0), (-2.0, 2.0)),
        start=(-1.6, 0.02),
        radius=0.5,
        lr=0.05,
        steps=180,
    )


def rastrigin(dim: int, amplitude: float) -> Surface:
    formula = WaveSum(
        dim,
        constant=amplitude * dim,
        curvature=2 * np.eye(dim),
        amplitudes=[-amplitude] * dim,
        wavevectors=2 * math.pi * np.eye(dim),
    )
    return Surface(
        formula,
        domain=((-3.0, 3.0),) * dim,
        start=(-1.6, 1.2)[:dim],
        radius=3.0,
        lr=0.004,
        loss_scale=0.1,
        minima=((0.0,) * dim,),
        finest_wavelength=1.0 if amplitude else math.inf,
    )


@dataclass(frozen=True)
class Ackley(Formula):
    """a + e − a exp(−b √(mean θ²)) − exp(mean cos cθ) with a = 20, b = 0.2, c = 2π."""

    def value(self, theta: Tensor) -> Tensor:
        square = (theta * theta).mean(-1)
        apex = square == 0  # the tip of a cone: give it the gradient 0, not 0/0
        cone = torch.where(apex, 0, torch.where(apex, 1, square).sqrt())
        ripples = (2 * math.pi * theta).cos().mean(-1)
        # −expm1 keeps f exact near the minimum, where 20 − 20 exp(−r/5) cancels
        return -20 * torch.expm1(-0.2 * cone) - math.e * torch.expm1(ripples - 1)


def ackley(dim: int) -> Surface:
    return Surface(
        Ackley(),
        domain=((-4.0, 4.0),) * dim,
        start=(-3.1, 2.9)[:dim],
        radius=1.5,
        lr=0.02,
        loss_scale=0.25,
        minima=((0.0,) * dim,),
        finest_wavelength=1.0,
    )


SPECIFICATIONS = (
    Specification(
        name="quadratic",
        title="Quadratic valley",
        description="The simplest valley, longer than it is wide by the root of its condition number. "
        "Where the ball is small against the curvature it follows gradient descent.",
        reference="½ θᵀAθ with the eigenvalues 1 and 1/condition.",
        parameters=(
            DIM,
            number("condition", 10, 1, 100, "ratio of the two curvatures (one in 1-D)", 1),
            number("angle", 30, 0, 90, "direction of the valley in degrees", 5),
        ),
        build=quadratic,
    ),
    Specification(
        name="rosenbrock",
        title="Rosenbrock's banana",
        description="A steep, curved gorge leads to the minimum at (1, 1). "
        "The floor of the gorge is nearly flat, so the way along it is slow.",
        reference="H. H. Rosenbrock, The Computer Journal 3 (1960) 175.",
        parameters=(number("steepness", 100, 1, 200, "factor b of b (y − x²)² + (1 − x)²", 1),),
        build=rosenbrock,
    ),
    Specification(
        name="himmelblau",
        title="Himmelblau",
        description="Four equally deep valleys surround one hill. "
        "Which of them is reached depends on the start, and a ball too big for a valley rests on its walls.",
        reference="D. M. Himmelblau, Applied Nonlinear Programming, 1972.",
        parameters=(),
        build=himmelblau,
    ),
    Specification(
        name="rastrigin",
        title="Rastrigin",
        description="A bowl under a regular egg box with a local minimum in every cell. "
        "Gradient descent ends in the cell where it starts; a ball much wider than a cell rolls down over "
        "the crests and comes to rest above the middle.",
        reference="L. A. Rastrigin, Systems of Extremal Control, 1974.",
        parameters=(DIM, number("amplitude", 10, 0, 10, "height of the egg box; 0 leaves the bowl", 0.5)),
        build=rastrigin,
    ),
    Specification(
        name="ackley",
        title="Ackley",
        description="A wide funnel with ripples all over and a sharp hole in the middle. "
        "A ball that rides over the ripples follows the funnel, but it is too big for the hole.",
        reference="D. H. Ackley, A Connectionist Machine for Genetic Hillclimbing, 1987.",
        parameters=(DIM,),
        build=ackley,
    ),
    Specification(
        name="beale",
        title="Beale",
        description="A plateau with steep corners and a long, flat valley towards the minimum at (3, 0.5). "
        "On the plateau the slope is so small that every method crawls.",
        reference="E. M. L. Beale, On an iterative method for finding a local minimum, Princeton, 1958.",
        parameters=(),
        build=beale,
    ),
    Specification(
        name="styblinski_tang",
        title="Styblinski–Tang",
        description="Each coordinate has a shallow and a deep valley, and only one corner is deepest. "
        "Descent from the wrong side ends in a shallow valley.",
        reference="M. A. Styblinski and T.-S. Tang, Neural Networks 3 (1990) 467.",
        parameters=(DIM,),
        build=styblinski_tang,
    ),
    Specification(
        name="saddle",
        title="Saddle",
        description="A valley in one direction, a ridge in the other, and no minimum at all. "
        "Started almost on the bottom line of the valley, descent first heads for the saddle point "
        "and only then turns "
        "away.",
        reference="The normal form of a nondegenerate critical point of index 1 (Morse).",
        parameters=(number("curvature", 0.5, 0.1, 2, "curvature of the valley and of the ridge", 0.1),),
        build=saddle,
    ),
)
