"""Simple shapes covered with fractal wrinkles: what the ball is for.

A large shape (a bowl, a plane) carries the message, a bounded fractal hides it from whatever reads the
slope at a point.
"""

from __future__ import annotations

import math

import numpy as np

from landscapes.landscape import Specification, Surface
from landscapes.parameter import DIM, integer, number, seed
from landscapes.spectrum import fractal_waves
from landscapes.waves import WaveSum

VALLEY = (0.5, -0.4)  # off the centre of the domain: reaching it is not a matter of symmetry
START = (-2.2, 1.7)
LR = 0.03  # below 2/60, 60 the curvature of the wrinkles: gradient descent comes to rest, it does not bounce


def wrinkled_bowl(
    dim: int, seed: int, amplitude: float, wavelength: float, octaves: int, hurst: float, steepness: float
) -> Surface:
    valley = np.array(VALLEY[:dim])
    formula = WaveSum(
        dim,
        constant=steepness / 2 * valley @ valley,
        slope=-steepness * valley,
        curvature=steepness * np.eye(dim),
        **fractal_waves(dim, seed, amplitude, wavelength, octaves, hurst),
    )
    return Surface(
        formula,
        domain=((-3.0, 3.0),) * dim,
        start=START[:dim],
        radius=0.6,
        lr=LR,
        steps=300,
        minima=() if amplitude else (VALLEY[:dim],),
        finest_wavelength=formula.finest_wavelength if amplitude else math.inf,
    )


def tilted_wrinkles(
    dim: int, seed: int, amplitude: float, wavelength: float, octaves: int, hurst: float, slope: float
) -> Surface:
    formula = WaveSum(
        dim, slope=[-slope, 0.0][:dim], **fractal_waves(dim, seed, amplitude, wavelength, octaves, hurst)
    )
    return Surface(
        formula,
        domain=((-3.0, 3.0),) * dim,
        start=(-2.3, 1.1)[:dim],
        radius=0.6,
        lr=LR,
        steps=300,
        finest_wavelength=formula.finest_wavelength if amplitude else math.inf,
    )


WRINKLES = (
    DIM,
    seed(7),
    number("amplitude", 0.03, 0.0, 0.15, "root-mean-square height of the wrinkles; 0 leaves the bare shape"),
    number("wavelength", 0.5, 0.3, 3.0, "longest wavelength of the wrinkles"),
    integer("octaves", 2, 1, 4, "how often the wavelength is halved"),
    number("hurst", 0.3, 0.0, 1.0, "Hurst exponent of the wrinkles: 0 is rough, 1 smooth"),
)

SPECIFICATIONS = (
    Specification(
        name="wrinkled_bowl",
        title="Wrinkled bowl",
        description="One wide valley, covered with fractal wrinkles that are steeper than the bowl itself. "
        "A point that follows the slope is caught by the first wrinkle, while a ball too big for the "
        "wrinkles rolls on to the valley.",
        reference="A quadratic bowl plus spectral synthesis: R. F. Voss, Random fractal forgeries, 1985.",
        parameters=(*WRINKLES, number("steepness", 0.28, 0.05, 0.5, "curvature of the bowl")),
        build=wrinkled_bowl,
    ),
    Specification(
        name="tilted_wrinkles",
        title="Tilted wrinkles",
        description="A plane with bounded fractal wrinkles. Seen from the centre of the ball it becomes "
        "the plane again, up to the height of the wrinkles, whatever the radius: linear ironing.",
        reference="The theorem on linear ironing in arXiv 2505.19527.",
        parameters=(*WRINKLES, number("slope", 0.5, 0.0, 1.0, "slope of the plane, downhill along x")),
        build=tilted_wrinkles,
    ),
)
