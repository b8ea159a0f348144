"""The touch radius ρ*: the largest ball that touches the graph at a point and cuts into it nowhere.

The ball that touches at θ and passes through another point θ' of the graph has the curvature

    κ(θ') = 2 (Δf − g·Δθ) / (s (|Δθ|² + Δf²)),    Δ = θ' − θ,  g = ∇f(θ),  s = √(1 + |g|²).

So 1/ρ* is the largest κ over all θ', and as θ' → θ it is at best the top eigenvalue of the shape operator.
The map of ρ* answers for every radius at once: a ball of radius ρ reaches θ exactly when ρ <= ρ*(θ).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from rbo.contact.base import check_domain, check_spacing, within
from rbo.graph import Graph, Loss
from rbo.pattern import climb
from rbo.settings import check_batch, check_loss, check_points, check_positive
from rbo.spacing import Sides, grid_spacing

PAIRS = 1 << 20  # pairs of a point and a grid point looked at together: bounds the memory
HILLS = 4  # local maxima of κ on the grid that are looked at
CLIMBS = 3  # places from which κ is climbed: the best of all those looked at
NEAR = 4  # distances to the point, each a quarter of the one before, that are looked at as well
WIDEST = 0.5  # first stride of a climb, as a share of the way to the point: a swing is no leap
NOISE = 1e8  # roundings of a height below which Δf − g·Δθ says too little: there the shape operator speaks


def touch_radius(
    loss: Loss,
    points: Tensor,
    domain: Sides | None = None,
    loss_scale: float = 1.0,
    spacing: float | None = None,
) -> Tensor:
    """ρ* at points of the graph of a loss.

    κ is searched on a grid over the whole domain and climbed from its highest hills, without derivatives and
    hence onto kinks as well. The cost is that of points × grid points: meant for curves, and for some points
    of a surface.

    Args:
        loss: callable (*B, d) -> (*B,), d = 1 or 2; its `gradient`, `jet` and `grid` are used if there.
        points: θ, (*B, d), anywhere.
        domain: d pairs (low, high), where the graph is; None takes `loss.domain`.
        loss_scale: λ, the graph being that of λ·loss.
        spacing: of the grid; None resolves the loss's `finest_wavelength`, or takes a fixed fine grid.

    Returns:
        ρ*, (*B,), in the units of θ; inf where any ball touches, nan where the loss is not finite.

    Raises:
        ValueError: for a loss, points, domain, loss_scale or spacing that is not of this kind.

    >>> touch_radius(lambda x: x[..., 0] ** 2, torch.tensor([[0.0], [1.0]]), domain=[(-3, 3)])
    tensor([0.5000, 1.1180])
    """
    sides = checked_sides(loss, points, domain)
    check_positive("loss_scale", loss_scale)
    check_spacing(spacing)
    graph, flat = Graph(loss, loss_scale), points.detach().double().reshape(-1, len(sides))
    grid = Grid.of(graph, sides, flat, spacing)
    size = max(1, PAIRS // grid.heights.numel())
    with torch.no_grad():
        parts = [greatest_curvature(graph, grid, part) for part in flat.split(size) if len(part)]
        curvature = torch.cat([flat[:0, 0], *parts])
    return (1 / curvature.clamp_min(0)).reshape(points.shape[:-1]).to(points.dtype)  # 1/0 = inf


@dataclass(frozen=True)
class Grid:
    """Heights over the domain."""

    sides: Sides
    shape: tuple[int, ...]
    spacing: float
    points: Tensor  # (G, d)
    heights: Tensor  # (G,)
    rounding: Tensor  # of the greatest height

    @staticmethod
    def of(graph: Graph, sides: Sides, like: Tensor, spacing: float | None) -> Grid:
        spacing = spacing or grid_spacing(graph.finest_wavelength, sides)
        axes = [
            torch.linspace(low, high, math.ceil((high - low) / spacing) + 1).to(like) for low, high in sides
        ]
        heights = graph.grid(axes)
        rounding = torch.finfo(like.dtype).eps * heights.abs().nan_to_num(0.0, 0.0).max()
        points = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).flatten(0, -2)
        return Grid(sides, tuple(heights.shape), spacing, points, heights.flatten(), rounding)

    def hills(self, values: Tensor, count: int) -> Tensor:
        """Points (n, count, d) of the highest local maxima of values (n, G)."""
        pool = {1: torch.nn.functional.max_pool1d, 2: torch.nn.functional.max_pool2d}[len(self.shape)]
        around = pool(values.reshape(-1, 1, *self.shape), 3, stride=1, padding=1).reshape(values.shape)
        return self.points[values.masked_fill(values < around, -math.inf).topk(count, dim=1).indices]


@dataclass(frozen=True)
class Touch:
    """A ball that touches the graph at n points."""

    point: Tensor  # (n, d)
    height: Tensor  # (n,)
    gradient: Tensor  # (n, d)
    rounding: Tensor  # of heights

    def curvature_through(self, others: Tensor, heights: Tensor) -> Tensor:
        """κ of the balls through points (n, m, d) of the graph, heights (n, m); 0 where rounding hides it."""
        rise = heights - self.height[:, None]
        above, square = rise.clone(), rise.square()  # above the tangent plane; of the distance
        for other, point, slope in zip(others.unbind(-1), self.point.T, self.gradient.T, strict=True):
            delta = other - point[:, None]
            above.addcmul_(delta, slope[:, None], value=-1)
            square.addcmul_(delta, delta)
        s = (1 + self.gradient.square().sum(-1)).sqrt()[:, None]
        kappa = (2 / s) * above / square
        return kappa.masked_fill_((above.abs() <= NOISE * self.rounding) | ~kappa.isfinite(), 0.0)


def greatest_curvature(graph: Graph, grid: Grid, points: Tensor) -> Tensor:
    """1/ρ* at points (n, d): (n,), negative or 0 where nothing bounds the ball."""
    height, gradient, hessian = graph.jet(points)
    touch = Touch(points, height, gradient, grid.rounding)

    def curvature(others: Tensor) -> Tensor:
        kappa = touch.curvature_through(others, graph.height(others))
        return kappa.masked_fill(~within(grid.sides, others), -math.inf)

    on_grid = touch.curvature_through(grid.points[None], grid.heights.expand(len(points), -1))
    local, directions = principal(gradient, hessian)
    seeds = torch.cat([grid.hills(on_grid, HILLS), nearby(points, directions, grid.spacing)], 1)
    best = curvature(seeds).topk(CLIMBS, dim=1).indices
    seeds = seeds.gather(1, best[..., None].expand(-1, -1, points.shape[1]))
    arms = seeds - points[:, None]
    stride = (grid.spacing / 2 / arms.norm(dim=-1)).clamp_max(WIDEST)

    def swung(z: Tensor) -> Tensor:
        ends = swing(arms[:, :, None], z.unflatten(1, (CLIMBS, -1)))  # (n, CLIMBS, ·, d)
        return curvature(points[:, None] + ends.flatten(1, 2))

    _, highest, _ = climb(swung, torch.zeros_like(arms), stride)
    greatest = torch.maximum(highest.amax(1), torch.maximum(on_grid.amax(1), local.nan_to_num(nan=-math.inf)))
    return greatest.masked_fill(~height.isfinite(), math.nan)


def swing(arms: Tensor, z: Tensor) -> Tensor:
    """Arms (..., d) times e^z, in 2-D as complex numbers: z (..., d) is how much longer and how far turned.

    Near θ, κ hardly depends on the distance, so its ridges point at θ: in z they run along an axis.
    """
    if z.shape[-1] == 1:
        return arms * z.exp()
    turn = torch.polar(z[..., 0].exp(), z[..., 1])
    return torch.view_as_real(torch.view_as_complex(arms.contiguous()) * turn)


def nearby(points: Tensor, directions: Tensor, spacing: float) -> Tensor:
    """Places (n, 2d·NEAR, d) on either side of points (n, d), for what is nearer than the grid can tell."""
    distances = spacing / 4.0 ** torch.arange(NEAR, dtype=points.dtype, device=points.device)
    both = torch.cat([directions, -directions], 1)
    return points[:, None] + (distances[:, None, None] * both[:, None]).flatten(1, 2)


def principal(gradient: Tensor, hessian: Tensor) -> tuple[Tensor, Tensor]:
    """The top eigenvalue (n,) of the shape operator, and the directions (n, d, d) of all as rows, in θ.

    It is similar to RHR/s with R = (I + ggᵀ)^(-1/2): its eigenvectors are those of RHR times R.
    """
    s2 = 1 + gradient.square().sum(-1)
    s = s2.sqrt()[:, None, None]
    eye = torch.eye(gradient.shape[-1], dtype=gradient.dtype, device=gradient.device)
    root = eye - gradient[:, :, None] * gradient[:, None] / (s * (1 + s))  # (1/s − 1)/|g|² = −1/(s(1 + s))
    whole = root @ hessian.nan_to_num(0.0, 0.0, 0.0) @ root / s
    curvatures, vectors = torch.linalg.eigh((whole + whole.mT) / 2)
    return curvatures[:, -1], torch.nn.functional.normalize(root @ vectors, dim=1).mT


def checked_sides(loss: Loss, points: Tensor, domain: Sides | None) -> Sides:
    """The domain, once loss, points and domain fit each other."""
    sides = getattr(loss, "domain", None) if domain is None else domain
    if sides is None:
        raise ValueError("domain must be given for a loss that has none")
    sides = check_domain(sides)
    check_points("points", points)
    if points.shape[-1] != len(sides):
        raise ValueError(f"points have {points.shape[-1]} coordinates but the domain has {len(sides)}")
    check_loss(loss, points)
    check_batch(loss, points)
    return sides
