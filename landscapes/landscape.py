"""A landscape: a formula on a domain, with the words and the settings that tell its story.

A `Specification` says what a landscape is and which parameters it takes; its `build` turns checked
parameter values into a `Surface`; the two together are the `Landscape` that users hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from landscapes.formula import Formula
from landscapes.parameter import Parameter

Point = tuple[float, ...]
Domain = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Surface:
    """A formula, where it is shown, and the run that tells its story (see `Landscape` for the fields)."""

    formula: Formula
    domain: Domain
    start: Point
    radius: float
    lr: float
    loss_scale: float = 1.0
    steps: int = 250
    minima: tuple[Point, ...] = ()
    finest_wavelength: float = math.inf


@dataclass(frozen=True)
class Specification:
    """What is known of a landscape before it is built."""

    name: str
    title: str
    description: str
    reference: str
    parameters: tuple[Parameter, ...]
    build: Callable[..., Surface] = field(repr=False)

    def check(self, given: Mapping[str, object]) -> dict[str, int | float | str]:
        """The value of every parameter: the given ones, checked, and the defaults of the others."""
        known = [parameter.name for parameter in self.parameters]
        for name in given:
            if name not in known:
                takes = f"it takes {', '.join(known)}" if known else "it takes none"
                raise ValueError(f"{self.name} has no parameter {name!r}: {takes}")
        return {p.name: p.check(given.get(p.name, p.default), self.name) for p in self.parameters}


@dataclass(frozen=True, eq=False)
class Landscape:
    """A synthetic loss f: R^d -> R that can be called on batches.

    Attributes:
        name, title, description, reference: the words; the description is two sentences for a student.
        parameters, values: the knobs, and the values in force.
        dim: d.
        domain: d pairs (low, high); f is finite on it.
        minima: the points of the domain where f is least, as far as they are known, else ().
        finest_wavelength: the shortest period that f has on its domain, in the units of θ; `math.inf` if it
            is smooth. A grid that searches or draws f needs at least 4 points for it.
        start, radius, lr, loss_scale, steps: a run that tells the story of this landscape.

    Example:
        >>> import torch, landscapes
        >>> f = landscapes.get("rosenbrock")
        >>> f(torch.tensor([[1.0, 1.0], [0.0, 0.0]]))
        tensor([0., 1.])
        >>> f.gradient(torch.zeros(5, 2)).shape
        torch.Size([5, 2])
    """

    name: str
    title: str
    description: str
    reference: str
    parameters: tuple[Parameter, ...]
    values: dict[str, int | float | str]
    formula: Formula = field(repr=False)
    domain: Domain
    start: Point
    radius: float
    lr: float
    loss_scale: float
    steps: int
    minima: tuple[Point, ...]
    finest_wavelength: float

    @property
    def dim(self) -> int:
        return len(self.domain)

    def __call__(self, theta: Tensor) -> Tensor:
        """f(θ): (*B, d) -> (*B,), in the dtype and on the device of θ; differentiable by autograd."""
        return self.formula.value(self._checked(theta))

    def gradient(self, theta: Tensor) -> Tensor:
        """∇f(θ): (*B, d) -> (*B, d). At a kink: an element of the subdifferential."""
        return self.formula.gradient(self._checked(theta))

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """f (*B,), ∇f (*B, d) and the Hessian (*B, d, d) at θ (*B, d), sharing their work."""
        return self.formula.jet(self._checked(theta))

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        """f on the product of `dim` 1-D tensors, shape (len(axes[0]), …), indexing "ij"."""
        if len(axes) != self.dim or any(axis.ndim != 1 for axis in axes):
            shapes = ", ".join(str(tuple(axis.shape)) for axis in axes)
            raise ValueError(f"{self.name}: axes must be {self.dim} tensors of shape (n,), got {shapes}")
        return self.formula.grid(axes)

    def _checked(self, theta: Tensor) -> Tensor:
        if theta.ndim == 0 or theta.shape[-1] != self.dim:
            raise ValueError(
                f"{self.name}: theta must have shape (..., {self.dim}), got {tuple(theta.shape)}"
            )
        if not theta.is_floating_point():
            raise ValueError(f"{self.name}: theta must be of a floating-point dtype, got {theta.dtype}")
        return theta


def build(specification: Specification, given: Mapping[str, object]) -> Landscape:
    """The landscape of `specification` with the given parameters; ValueError if one is not admissible."""
    values = specification.check(given)
    with torch.inference_mode(False):  # its tensors outlive the caller's mode
        surface = specification.build(**values)
    words = {
        name: getattr(specification, name)
        for name in ("name", "title", "description", "reference", "parameters")
    }
    return Landscape(values=values, **words, **vars(surface))
