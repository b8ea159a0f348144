"""A landscape that is written by hand: a formula in x and y, read by a grammar of our own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from landscapes.expression import Expression
from landscapes.first_run import first_run
from landscapes.formula import Formula
from landscapes.grammar import Work, read
from landscapes.landscape import Domain, Landscape
from landscapes.lexicon import refuse

NUMBERS = 1 << 22  # points times operations at once: bounds the memory of sums over many terms
TAPE = 1 << 19  # the same where autograd keeps them all
COARSEST, FINEST = 768, 2048  # points a side of a table of heights: of a steep one, of the finest waves
TABLE = 2_000_000_000  # operations to fill one
LATTICE = 33  # points a side from which its finest wavelength is estimated, about half as many
MUCH = 400  # where it takes more operations than these


class Written(Formula):
    """An expression in x and y, NaN where it is not finite; its derivatives are those of autograd.

    Args:
        expression: the tree.
        work: how many operations it takes at a point, at least 1.
    """

    def __init__(self, expression: Expression, work: int) -> None:
        self.expression, self.work = expression, work

    def value(self, theta: Tensor) -> Tensor:
        points, most = theta.reshape(-1, 2), max(1, NUMBERS // self.work)
        if len(points) <= most:
            return self._at(*theta.unbind(-1))
        parts = points.split(most)
        return torch.cat([self._at(*part.unbind(-1)) for part in parts]).reshape(theta.shape[:-1])

    def gradient(self, theta: Tensor) -> Tensor:
        return self._derivatives(theta, 1)[1]

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        f, g, hess = self._derivatives(theta, 2)
        return f, g, hess

    def grid(self, axes: Sequence[Tensor]) -> Tensor:
        """What depends on one coordinate alone is evaluated along that axis alone."""
        x, y = axes
        heights = x.new_empty(len(x), len(y))  # filled in place: many small results would scatter the memory
        rows = max(1, NUMBERS // (self.work * max(1, len(y))))
        for first in range(0, len(x), rows):
            part = slice(first, first + rows)
            heights[part] = self._at(x[part, None], y[None])
        return heights

    def _at(self, x: Tensor, y: Tensor) -> Tensor:
        f = self.expression.at(x, y)
        f = f + 0 * f.detach()  # inf + 0 inf = nan
        return f.expand(torch.broadcast_shapes(x.shape, y.shape)).contiguous()

    def _derivatives(self, theta: Tensor, order: int) -> tuple[Tensor, ...]:
        """f, ∇f and in order 2 the Hessian, for a part of the batch at a time."""
        points = theta.reshape(-1, 2).split(max(1, TAPE // self.work))
        parts = zip(*(self._taped(part, order) for part in points), strict=True)
        return tuple(torch.cat(part).reshape((*theta.shape[:-1], *part[0].shape[1:])) for part in parts)

    def _taped(self, points: Tensor, order: int) -> tuple[Tensor, ...]:
        """The same at points (N, 2)."""
        with torch.inference_mode(False), torch.enable_grad():
            point = points.detach().clone().requires_grad_()
            f = self.value(point)
            g = _slope(f, point, create_graph=order == 2)
            if order == 1:
                return f.detach(), g
            hess = torch.stack([_slope(column, point) for column in g.unbind(-1)], -2)
            return f.detach(), g.detach(), hess


def _slope(values: Tensor, point: Tensor, create_graph: bool = False) -> Tensor:
    """d(sum of values)/d(point); zero where the values do not depend on it (constants, planes)."""
    if not values.requires_grad:
        return torch.zeros_like(point)
    (slope,) = torch.autograd.grad(
        values.sum(), point, create_graph=create_graph, retain_graph=True, materialize_grads=True
    )
    return slope


def parse_formula(text: str, domain: Domain = ((-3.0, 3.0), (-3.0, 3.0))) -> Landscape:
    """The landscape of a formula in x and y.

    It may be made of decimal numbers, x, y, pi, + - * / ^ (also **, −, ·, ×, ÷), parentheses, sin, cos, tan,
    exp, log, sqrt, abs, tanh, min, max, and sums: sum(k, 1, 20, sin(k*x)/k). Python's order of operations:
    -x^2 is -(x^2), 2^3^2 is 2^9. Limits: see `landscapes.grammar`. Nothing of the text is executed.

    Args:
        text: at most 200 characters.
        domain: where it is shown, (low, high) for x and for y.

    Returns:
        A landscape with two coordinates. It is NaN where the formula is not finite, such as log(x) for
        x <= 0. `finest_wavelength` is an estimate, from the fastest phase of a sin, cos or tan on it;
        start, radius, lr and loss_scale are those of `landscapes.first_run`.

    Raises:
        ValueError: the text is no such formula: one sentence with the column of the error, counted from 1
            (1 where the whole is too costly); or the domain is not two pairs low < high.

    Example:
        >>> f = parse_formula("x^2 + y^2 - 0.1*sum(k, 1, 3, cos(2^k*x))")
        >>> f(torch.tensor([[0.0, 0.0], [0.0, 2.0]]))
        tensor([-0.3000,  3.7000])
        >>> parse_formula("x^2 + sine(y)")
        Traceback (most recent call last):
        ...
        ValueError: column 7: the name 'sine' is unknown; did you mean sin
    """
    domain = _checked(domain)
    with torch.inference_mode(False), torch.no_grad():  # its tensors outlive the caller's mode
        expression, work = read(text)
        wavelength = finest_wavelength(expression, work, domain)
        _check_table(work, wavelength, domain)
        formula = Written(expression, max(work.total, 1))
        run = first_run(formula, domain)
    return Landscape(
        name="formula",
        title=" ".join(text.split()),
        description="A function that is written as a formula in x and y. "
        "Where the formula has no finite value, the surface has a hole.",
        reference="Written by hand.",
        parameters=(),
        values={},
        formula=formula,
        domain=domain,
        minima=(),
        finest_wavelength=wavelength,
        **vars(run),
    )


def _checked(domain: Domain) -> Domain:
    try:
        (left, right), (front, back) = ((float(low), float(high)) for low, high in domain)
    except (TypeError, ValueError):
        raise ValueError(f"domain must be two pairs (low, high), got {domain!r}") from None
    if not (-math.inf < left < right < math.inf and -math.inf < front < back < math.inf):
        raise ValueError(f"domain must be two finite pairs low < high, got {domain!r}")
    return (left, right), (front, back)


def _check_table(work: Work, wavelength: float, domain: Domain) -> None:
    """A ball is rolled on a table of heights that resolves the finest waves: it must not take minutes."""
    sides = [min(FINEST, max(COARSEST, 8 * (high - low) / wavelength)) for low, high in domain]
    if work.joint * math.prod(sides) > TABLE:
        wrong = f"the waves, {wavelength:.2g} long, are too fine for a formula of {work.total} operations"
        refuse(1, wrong, "use slower waves, or sum over fewer terms")


def finest_wavelength(expression: Expression, work: Work, domain: Domain) -> float:
    """2π / max |∇φ| over the phases φ of all sines, cosines and tangents, by differences on a lattice;
    infinite if there are none that vary."""
    side = LATTICE if work.total <= MUCH else LATTICE // 2 + 1
    axes = [torch.linspace(low, high, side, dtype=torch.float64, device="cpu") for low, high in domain]
    x, y = torch.meshgrid(*axes, indexing="ij")
    h = [1e-5 * (high - low) for low, high in domain]

    def along(dx: float, dy: float) -> list[Tensor]:
        """The slopes of all phases in a direction."""
        after: list[Tensor] = []
        before: list[Tensor] = []
        expression.at(x + dx, y + dy, after)
        expression.at(x - dx, y - dy, before)
        return [(a - b).div_(2 * (dx + dy)) for a, b in zip(after, before, strict=True)]

    slopes = zip(along(h[0], 0.0), along(0.0, h[1]), strict=True)
    rates = [torch.hypot(*pair).nan_to_num_(0.0, 0.0, 0.0).max().item() for pair in slopes]
    fastest = max(rates, default=0.0)
    return 2 * math.pi / fastest if fastest > 1e-9 else math.inf
