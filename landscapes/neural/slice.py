"""The loss of a network on a plane of its weight space: a landscape like any other.

    f(a, b) = loss_fn(model(inputs; θ₀ + a·d₁ + b·d₂), targets)

The model is copied, never changed. It is evaluated in evaluation mode: dropout is off, and batch
normalisation uses the running statistics of the model as given, at every point of the plane, as in Li et al.
(2018, arXiv 1712.09913); with `batch_statistics` it uses those of the inputs at that point.

    >>> model, (x, y) = torch.nn.Linear(2, 2, bias=False), (torch.eye(2), torch.tensor([0, 1]))
    >>> directions = {"weight": torch.eye(2)}, {"weight": torch.eye(2).flip(0)}
    >>> f = loss_slice(model, torch.nn.functional.cross_entropy, (x, y), directions)
    >>> f(torch.zeros(5, 2)).shape, f.grid(3).shape
    (torch.Size([5]), torch.Size([3, 3]))
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor, nn

from landscapes.landscape import Domain, Point
from landscapes.neural.evaluation import CHUNK, Way, way_for
from landscapes.neural.frozen import frozen_copy, loss_at, own_batch
from landscapes.neural.plane import Batch, Directions, LossFn, Plane, plane_of
from landscapes.neural.twice import told
from landscapes.neural.weights import Weights, weights_of

BUDGET = 64 << 20
SLOPE_KEEPS, JET_KEEPS = 3, 12  # what a gradient and a Hessian keep, in units of what an evaluation creates
REPEATS = 1e-4  # two evaluations of a loss that draws nothing at random agree to this share of it
COARSE = 17  # points a side for the settings of a first run


@dataclass(frozen=True, eq=False)
class Slice:
    """f: R² -> R, the loss on a plane; made by `loss_slice`.

    It has the attributes of `landscapes.Landscape`. Those that tell a first run (`start`, `radius`, `lr`,
    `loss_scale`) are found on a coarse grid when they are first asked for.

    Attributes:
        plane: θ₀, d₁, d₂ and what they are.
        domain: where it is shown; f is defined everywhere.
        evaluates: a sentence: what is evaluated, with normalisation and dropout.
        way: how it is evaluated: 'layers', 'vmap' or 'loop' (`landscapes.neural.evaluation`).
        finest_wavelength: inf: nothing is known of it.
    """

    plane: Plane = field(repr=False)
    domain: Domain
    title: str
    description: str
    evaluates: str
    way: str
    budget: int
    evaluation: Way = field(repr=False)
    name: str = "loss_slice"
    reference: str = "H. Li et al. (2018), Visualizing the loss landscape of neural nets, arXiv 1712.09913"
    parameters: tuple[()] = ()
    steps: int = 250
    minima: tuple[Point, ...] = ()
    finest_wavelength: float = math.inf
    values: dict[str, object] = field(default_factory=dict)

    @property
    def dim(self) -> int:
        return 2

    @property
    def dtype(self) -> torch.dtype:
        """The model's."""
        return self._like.dtype

    @property
    def device(self) -> torch.device:
        """The model's."""
        return self._like.device

    def __call__(self, theta: Tensor) -> Tensor:
        """f(θ): (*B, 2) -> (*B,), evaluated in the dtype and on the device of the model, returned in those of
        θ; differentiable by autograd, twice as well. A gradient keeps the whole batch, else a chunk."""
        return self._many(self._checked(theta))

    def gradient(self, theta: Tensor) -> Tensor:
        """∇f(θ): (*B, 2) -> (*B, 2), in chunks."""
        points = self._checked(theta).detach().reshape(-1, 2)
        found = [self._slope(part) for part in points.split(self._chunk(SLOPE_KEEPS))]
        return torch.cat(found).reshape(theta.shape)

    def jet(self, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """f (*B,), ∇f (*B, 2) and the Hessian (*B, 2, 2), in chunks; ValueError where torch has no second
        derivative of a layer."""
        points, batch = self._checked(theta).detach().reshape(-1, 2), theta.shape[:-1]
        chunks = zip(*(self._jet(part) for part in points.split(self._chunk(JET_KEEPS))), strict=True)
        f, g, hess = (torch.cat(parts) for parts in chunks)
        return f.reshape(batch), g.reshape(*batch, 2), hess.reshape(*batch, 2, 2)

    def grid(self, axes: int | Sequence[Tensor]) -> Tensor:
        """f on a grid, indexing "ij", in chunks, without a gradient.

        Args:
            axes: n, for n × n points of the domain, in the model's dtype and on its device; or two tensors
                (n₁,), (n₂,), as for any landscape.

        Returns:
            Heights (n₁, n₂): the first index goes along d₁.
        """
        axes = self.axes(axes) if isinstance(axes, int) else axes
        if len(axes) != 2 or any(axis.ndim != 1 for axis in axes):
            shapes = ", ".join(str(tuple(axis.shape)) for axis in axes)
            raise ValueError(f"{self.name}: axes must be n or 2 tensors of shape (n,), got {shapes}")
        with torch.no_grad():
            return self._many(torch.cartesian_prod(*axes)).view(len(axes[0]), len(axes[1]))

    def axes(self, n: int) -> list[Tensor]:
        """The two axes (n,) of a grid over the domain, in the dtype and on the device of the model."""
        if isinstance(n, bool) or n < 2:
            raise ValueError(f"a grid must have n >= 2 points a side, got {n}")
        return [
            torch.linspace(low, high, n, dtype=self.dtype, device=self.device) for low, high in self.domain
        ]

    def weights(self, theta: Tensor) -> Weights:
        """The weights at a point (2,) of the plane."""
        return self.plane.at(self._checked(theta))

    @cached_property
    def start(self) -> Point:
        """The highest of four places half-way to the corners."""
        (a, b), (c, d) = self.domain
        places = [(a + x * (b - a), c + y * (d - c)) for x in (0.2, 0.8) for y in (0.2, 0.8)]
        losses = (
            self(torch.tensor(places, dtype=self.dtype, device=self.device)).detach().nan_to_num(-math.inf)
        )
        return places[int(losses.argmax())]

    @cached_property
    def radius(self) -> float:
        """A tenth of the domain."""
        return _short(0.1 * self._width)

    @cached_property
    def loss_scale(self) -> float:
        """λ that draws the relief half as high as the domain is wide."""
        relief = float(self._heights.max() - self._heights.min())
        return _short(0.5 * self._width / relief) if 0 < relief < math.inf else 1.0

    @cached_property
    def lr(self) -> float:
        """η with which a step is a hundredth of the domain where the slope is usual."""
        h = self._width / (COARSE - 1)
        slope = float(
            torch.stack([d.abs().median() for d in torch.gradient(self._heights, spacing=h)]).norm()
        )
        return _short(0.01 * self._width / slope) if 0 < slope < math.inf else 1.0

    @cached_property
    def _heights(self) -> Tensor:
        return self.grid(COARSE).double()

    @property
    def _width(self) -> float:
        return max(high - low for low, high in self.domain)

    @property
    def _like(self) -> Tensor:
        return next(iter(self.plane.origin.values()))

    def _chunk(self, keeps: int) -> int:
        return max(1, self.budget // (keeps * self.evaluation.bytes))

    def _many(self, theta: Tensor) -> Tensor:
        if theta[..., 0].numel() == 0:
            return theta.sum(-1)
        points = theta.reshape(-1, 2).to(self._like)
        mix = torch.cat([torch.ones_like(points[:, :1]), points], -1)  # (K, 3)
        if mix.requires_grad and torch.is_grad_enabled():
            losses = self.evaluation.losses(mix)
        else:
            with torch.no_grad():
                losses = torch.cat([self.evaluation.losses(part) for part in mix.split(self._chunk(1))])
        return losses.to(theta).reshape(theta.shape[:-1])

    def _slope(self, points: Tensor) -> Tensor:
        with torch.inference_mode(False), torch.enable_grad():
            points = points.clone().requires_grad_()
            return torch.autograd.grad(self._many(points).sum(), points)[0]

    def _jet(self, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        with told(), torch.inference_mode(False), torch.enable_grad():
            points = points.clone().requires_grad_()
            f = self._many(points)
            (g,) = torch.autograd.grad(f.sum(), points, create_graph=True)
            rows = [
                torch.autograd.grad(g[:, i].sum(), points, retain_graph=True, materialize_grads=True)[0]
                if g.requires_grad
                else torch.zeros_like(points)
                for i in range(2)
            ]
        return f.detach(), g.detach(), torch.stack(rows, -2)

    def _checked(self, theta: Tensor) -> Tensor:
        if theta.ndim == 0 or theta.shape[-1] != 2:
            raise ValueError(f"{self.name}: theta must have shape (..., 2), got {tuple(theta.shape)}")
        if not theta.is_floating_point():
            raise ValueError(f"{self.name}: theta must be of a floating-point dtype, got {theta.dtype}")
        return theta


def loss_slice(
    model: nn.Module,
    loss_fn: LossFn,
    batch: Batch,
    directions: tuple[Mapping[str, Tensor], Mapping[str, Tensor]] | Directions | Plane,
    *,
    domain: Domain | None = None,
    batch_statistics: bool = False,
    budget: int = BUDGET,
    way: str | None = None,
    title: str | None = None,
) -> Slice:
    """The loss of a model on a plane of its weight space.

    Args:
        model: any module; it is copied. One dtype and one device for all parameters, inputs moved to it.
        loss_fn: (outputs, targets) -> scalar.
        batch: inputs (N, ...) and targets (N, ...).
        directions: two dicts 'parameter name -> tensor' (a plane through the model's weights, used as
            given; a parameter that is not named stays as it is); or a part that makes a plane; or a plane.
        domain: ((low, high), (low, high)) in units of the directions; that of the plane where it is None.
        batch_statistics: batch normalisation with the statistics of the inputs, not the running ones.
        budget: bytes that evaluations may create at once, at least 16 MiB. Chunks are chosen from it; one
            evaluation, of one point, is the least.
        way: 'layers', 'vmap' or 'loop'; chosen by the model where it is None.
        title: one is made of the plane's where it is None.

    Raises:
        ValueError: directions that span no plane or do not fit the model, an empty domain, a loss that is not
            a finite number at the centre.
    """
    if not budget >= CHUNK:
        raise ValueError(f"budget must be >= {CHUNK} bytes, got {budget}")
    with torch.inference_mode(False):  # its tensors outlive the caller's mode
        frozen, evaluates = frozen_copy(model, batch_statistics)
        like = next(frozen.parameters())
        data = own_batch(batch, like)
        plane = _plane(frozen, loss_fn, data, directions)
        again = [loss_at(plane.origin, frozen, loss_fn, data) for _ in range(2)]
        if not math.isclose(*again, rel_tol=REPEATS):
            evaluates += " Two evaluations of it differ: it draws random numbers."
        name, evaluation = way_for(way, frozen, loss_fn, data, plane)
    return Slice(
        plane=plane,
        domain=_checked_domain(domain or plane.domain),
        title=title or f"Loss along {plane.title}",
        description=f"The loss of a network on a plane of its weights, spanned by {plane.title}. {evaluates}",
        evaluates=evaluates,
        way=name,
        budget=budget,
        evaluation=evaluation,
    )


def _plane(model: nn.Module, loss_fn: LossFn, batch: Batch, directions: object) -> Plane:
    if isinstance(directions, Plane):
        directions.check_model(dict(model.named_parameters()))
        return directions
    if hasattr(directions, "plane"):
        return directions.plane(model, loss_fn, batch)
    if not isinstance(directions, tuple | list) or len(directions) != 2:
        raise ValueError(
            "directions must be two dicts 'parameter name -> tensor', or a part that makes a plane"
        )
    note = "The directions are used as given, not orthonormalised."
    return plane_of(weights_of(model), *directions, note=note)


def _checked_domain(domain: Sequence[Sequence[float]]) -> Domain:
    sides = tuple((float(low), float(high)) for low, high in domain)
    if len(sides) != 2 or not all(-math.inf < low < high < math.inf for low, high in sides):
        raise ValueError(f"domain must be two pairs low < high, got {domain}")
    return sides


def _short(value: float) -> float:
    """Two digits."""
    return float(f"{value:.2g}")
