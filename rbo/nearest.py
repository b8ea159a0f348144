"""The nearest point of Γ to a centre, globally: branch and bound on a table of heights, then Newton on the
loss itself."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rbo.graph import Graph
from rbo.heightfield import Heightfield, Sides, Tiles
from rbo.newton import newton_step

HILLS = 4  # grid points polished
NEWTON = 6


@dataclass(frozen=True)
class NearMeasure:
    """Minus the squared distance from n centres, as what a search maximises."""

    y: Tensor  # (n, 1) heights of the centres

    def bound(self, x: Tensor, numbers: Tensor, tiles: Tiles) -> Tensor:
        seen = tiles.seen_from(x, numbers)
        vertical = (seen.bottom - self.y).clamp_min(0) + (self.y - seen.top).clamp_min(0)
        return -(seen.gap2(tiles.half) + vertical.square())

    def score(self, distance2: Tensor, height: Tensor) -> Tensor:
        return -(distance2 + (height - self.y[..., None]).square())

    def rows(self, chosen: Tensor) -> NearMeasure:
        return NearMeasure(self.y[chosen])


def nearest_points(
    graph: Graph, field: Heightfield, centers: Tensor, guess: Tensor, reach: float | None = None
) -> tuple[Tensor, Tensor]:
    """Global nearest points of Γ within a table.

    Args:
        graph: the surface.
        field: table of its heights.
        centers: c = (x, y), (n, d+1).
        guess: points of the domain to start from as well, (n, k, d).
        reach: no nearest point is further away than this, horizontally; None searches the whole table.

    Returns:
        θ (n, d) and its distance |(θ, f(θ)) − c| (n,).
    """
    x = centers[:, :-1]
    found = field.search(x, NearMeasure(centers[:, -1:].float()), HILLS, reach)
    seeds = torch.where(found.peaks[..., None].isfinite(), found.points, x[:, None])
    return descend_to_nearest(graph, centers, torch.cat([seeds, guess], 1))


def descend_to_nearest(graph: Graph, centers: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    """Damped Newton on ½|(θ, f(θ)) − c|² from each of θ (n, k, d): the best point (n, d) and its distance
    (n,)."""
    n, k, d = theta.shape
    theta, centers = theta.reshape(-1, d), centers[:, None].expand(n, k, d + 1).reshape(-1, d + 1)
    x, y = centers[:, :-1], centers[:, -1]
    best, least, step = theta, torch.full_like(y, torch.inf), torch.zeros_like(theta)
    for _ in range(NEWTON):
        height, grad, hess = graph.jet(theta)
        rise = height - y
        distance = ((theta - x).square().sum(-1) + rise.square()).sqrt()
        better = distance < least
        best, least = torch.where(better[:, None], theta, best), torch.where(better, distance, least)
        slope = theta - x + rise[:, None] * grad
        along = (grad * slope).sum(-1, keepdim=True) / (1 + grad.square().sum(-1, keepdim=True))
        newton, _ = newton_step(
            grad, hess, rise, slope, slope - grad * along
        )  # else Gauss–Newton: (I + ggᵀ)⁻¹
        step = torch.where(better[:, None], newton, 0.25 * step)
        theta = best - step
    least, at = least.view(n, k).min(-1)
    return best.view(n, k, d).gather(1, at[:, None, None].expand(-1, 1, d))[:, 0], least


def clearance(
    graph: Graph, contacts: Tensor, centers: Tensor, radius: Tensor, spacing: float | None = None
) -> Tensor:
    """Distance of each centre from Γ, minus the radius: 0 touching, negative where the ball cuts in.

    Γ passes within ρ of every centre (at the contact), so a table over the centres, grown by the radius,
    sees all that matters.

    Args:
        graph: the surface, d = 1 or 2.
        contacts: (n, d).
        centers: (n, d+1).
        radius: (n,).

    Returns:
        (n,); nan where a centre is not finite.
    """
    x = centers[:, :-1]
    finite = centers.isfinite().all(-1) & contacts.isfinite().all(-1)
    safe = torch.where(finite[:, None], x, x[finite].mean(0) if finite.any() else torch.zeros_like(x[0]))
    margin = float(radius.max())
    sides: Sides = tuple(
        (float(low) - margin, float(high) + margin)
        for low, high in zip(safe.amin(0).tolist(), safe.amax(0).tolist(), strict=True)
    )
    field = Heightfield.of(graph, sides, contacts, spacing)
    _, distance = nearest_points(graph, field, centers, torch.stack([contacts, safe], 1), margin)
    return torch.where(finite, distance - radius, torch.nan)
