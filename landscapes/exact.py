"""Shapes for which the ball's path is known exactly: plane, trough, bowl, wedge, roof and sinusoid.

In two dimensions all but the bowl are the 1-D shape drawn out along y, with a constant slope there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from landscapes.formula import Formula
from landscapes.landscape import Specification, Surface
from landscapes.parameter import DIM, Parameter, number
from landscapes.waves import WaveSum

SLOPE_Y = number("slope", 0.1, 0, 1, "slope along y (2-D only)", 0.05)


def plane(dim: int, slope: float, angle: float) -> Surface:
    turn = math.radians(angle) if dim == 2 else 0.0
    return Surface(
        WaveSum(dim, slope=[slope * math.cos(turn), slope * math.sin(turn)][:dim]),
        domain=((-2.0, 2.0),) * dim,
        start=(1.5, 1.0)[:dim],
        radius=0.5,
        lr=0.02,
    )


def parabolic_trough(dim: int, curvature: float, slope: float) -> Surface:
    return Surface(
        WaveSum(
            dim,
            slope=[0.0, slope][:dim],
            curvature=[[curvature, 0.0], [0.0, 0.0]] if dim == 2 else [[curvature]],
        ),
        domain=((-1.5, 1.5),) * dim,
        start=(-0.5, 1.2)[:dim],  # the ball first touches within the domain
        radius=1.0,
        lr=0.05,
        minima=_bottom(dim, slope),
    )


def sinusoid(dim: int, amplitude: float, wavelength: float, slope: float) -> Surface:
    k = 2 * math.pi / wavelength
    return Surface(
        WaveSum(dim, slope=[0.0, slope][:dim], amplitudes=[-amplitude], wavevectors=[[k, 0.0][:dim]]),
        domain=((-2.0, 2.0),) * dim,
        start=(-0.4, 1.5)[:dim],
        radius=0.5,
        lr=0.05,
        minima=_bottom(dim, slope),
        finest_wavelength=wavelength,
    )


@dataclass(frozen=True)
class CircularBowl(Formula):
    """R − √(R² − r²), r = |θ|: half a sphere up to r = 0.95 R, from there on its tangent cone."""

    radius: float

    def value(self, theta: Tensor) -> Tensor:
        R, rim = self.radius, 0.95 * self.radius
        square = (theta * theta).sum(-1)
        inside = square <= rim**2
        root = (R**2 - torch.where(inside, square, 0)).sqrt()
        sphere = square / (R + root)  # R − √(R² − r²) cancels for small r
        edge = math.sqrt(R**2 - rim**2)
        cone = R - edge + rim / edge * (torch.where(inside, 1, square).sqrt() - rim)
        return torch.where(inside, sphere, cone)


def circular_bowl(dim: int, bowl_radius: float) -> Surface:
    return Surface(
        CircularBowl(bowl_radius),
        domain=((-0.6 * bowl_radius, 0.6 * bowl_radius),) * dim,
        start=(-0.33 * bowl_radius, 0.15 * bowl_radius)[:dim],
        radius=0.4 * bowl_radius,
        lr=0.02 * bowl_radius,
        minima=((0.0,) * dim,),
    )


@dataclass(frozen=True)
class Crease(Formula):
    """m|x| + s y: two half-planes that meet at x = 0 (s only in 2-D); there the x-slope is taken as 0."""

    steepness: float
    slope: float

    def value(self, theta: Tensor) -> Tensor:
        f = self.steepness * theta[..., 0].abs()
        return f if theta.shape[-1] == 1 else f + self.slope * theta[..., 1]

    def gradient(self, theta: Tensor) -> Tensor:
        gx = self.steepness * theta[..., :1].sign()
        return gx if theta.shape[-1] == 1 else torch.cat([gx, torch.full_like(gx, self.slope)], -1)

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        flat = torch.zeros_like(theta)
        return self.value(theta), self.gradient(theta), flat[..., None] * flat[..., None, :]


def wedge(dim: int, steepness: float, slope: float) -> Surface:
    return Surface(
        Crease(steepness, slope),
        domain=((-2.0, 2.0),) * dim,
        start=(-1.2, 1.5)[:dim],
        radius=0.5,
        lr=0.05,
        minima=_bottom(dim, slope),
    )


def roof(dim: int, steepness: float, slope: float) -> Surface:
    return Surface(
        Crease(-steepness, slope),
        domain=((-2.0, 2.0),) * dim,
        start=(-0.1, 1.5)[:dim],
        radius=0.5,
        lr=0.015,
    )


def _bottom(dim: int, slope: float) -> tuple[tuple[float, ...], ...]:
    """The middle of the bottom line x = 0; none with a slope along y, which has no least point inside."""
    return () if dim == 2 and slope else ((0.0,) * dim,)


def _exact(
    name: str, title: str, description: str, parameters: tuple[Parameter, ...], build: Callable[..., Surface]
) -> Specification:
    reference = "The ball's centre, contact and clearance are known in closed form."
    return Specification(name, title, description, reference, parameters, build)


SPECIFICATIONS = (
    _exact(
        "plane",
        "Plane",
        "The same slope everywhere. The ball rolls straight down, parallel to gradient descent.",
        (
            DIM,
            number("slope", 0.5, 0, 2, "slope", 0.05),
            number("angle", 30, 0, 360, "uphill direction in degrees", 5),
        ),
        plane,
    ),
    _exact(
        "parabolic_trough",
        "Parabolic trough",
        "A gutter with the profile ax²/2. A ball of radius above 1/a is too big for the bottom: it rests "
        "on two points and leaves a gap below.",
        (DIM, number("curvature", 2, 0.1, 4, "curvature a at the bottom", 0.1), SLOPE_Y),
        parabolic_trough,
    ),
    _exact(
        "circular_bowl",
        "Circular bowl",
        "The lower half of a sphere of radius R. The centre of a ball of radius ρ moves on a sphere of "
        "radius R − ρ.",
        (DIM, number("bowl_radius", 2, 0.5, 4, "radius R of the sphere", 0.1)),
        circular_bowl,
    ),
    _exact(
        "wedge",
        "Wedge",
        "Two planes meet in a sharp groove. No ball ever touches the bottom: it sits on both walls and "
        "runs along the groove.",
        (DIM, number("steepness", 1, 0.1, 3, "slope m of the walls", 0.1), SLOPE_Y),
        wedge,
    ),
    _exact(
        "roof",
        "Roof",
        "Two planes meet in a sharp ridge. The ball rolls over the ridge as if it were round, and every "
        "point is touched.",
        (
            DIM,
            number("steepness", 0.5, 0.1, 3, "slope m of the two sides", 0.1),
            number("slope", 0, 0, 1, "slope along y (2-D only)", 0.05),
        ),
        roof,
    ),
    _exact(
        "sinusoid",
        "Sinusoid",
        "A regular corrugation −A cos(2πx/L). Its bottoms are touched only by balls of radius up to "
        "L²/(4π²A).",
        (
            DIM,
            number("amplitude", 0.1, 0.01, 0.5, "amplitude A", 0.01),
            number("wavelength", 1, 0.2, 4, "wavelength L", 0.1),
            SLOPE_Y,
        ),
        sinusoid,
    ),
)
