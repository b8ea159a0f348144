"""The nearest point of Γ to a centre, globally: branch and bound on a table of heights, then Newton on the
loss itself."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rbo.graph import Graph
from rbo.heightfield import Heightfield, Points
from rbo.newton import Symmetric, components, points
from rbo.spacing import Sides
from rbo.tiles import Seen

NEWTON = 8  # updates


@dataclass(frozen=True)
class NearMeasure:
    """Minus the squared distance from n centres, as what a search maximises."""

    y: Tensor  # (n,) heights of the centres

    def bound(self, seen: Seen, half: float) -> Tensor:
        vertical = (seen.bottom - self.y).clamp_min(0) + (self.y - seen.top).clamp_min(0)
        return -(seen.gap2(half) + vertical.square())

    def score(self, distance2: Tensor, height: Tensor) -> Tensor:
        return -(distance2 + (height - self.y[:, None]).square())

    def steep(self, distance2: Tensor) -> Tensor:
        return torch.zeros_like(distance2, dtype=torch.bool)

    def between(self, points: Points) -> tuple[Tensor, Tensor]:
        return self.score(points.offset.square().sum(0), points.height), torch.zeros_like(points.offset)

    def rows(self, chosen: Tensor) -> NearMeasure:
        return NearMeasure(self.y[chosen])


def nearest_points(
    graph: Graph, field: Heightfield, centers: Tensor, guess: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Global nearest points of Γ within a table.

    Args:
        graph: the surface.
        field: table of its heights.
        centers: c = (x, y), (n, d+1).
        guess: points to start from as well, (n, k, d): none is further away than these.

    Returns:
        θ (n, d), its distance |(θ, f(θ)) − c| (n,), and the number (n,) of places from which it was sought.
    """
    x, y = centers[:, :-1], centers[:, -1]
    n, k, _ = guess.shape
    height = graph.height(guess)
    gaps = (guess - x[:, None]).square().sum(-1) + (height - y[:, None]).square()
    reach = gaps.amin(1).sqrt().nan_to_num(torch.inf)
    # the grid may pass the nearest point by up to half its spacing, and be further away there
    floor = -(reach + field.spacing).square()
    found = field.search(x, NearMeasure(y.float()), floor, reach)
    rows = torch.cat([found.rows, torch.arange(n, device=x.device).repeat_interleave(k)])
    theta = torch.cat([found.points, guess.flatten(0, 1)])
    best, distance = descend_to_nearest(graph, centers[rows], theta)
    least = torch.full_like(y, torch.inf).scatter_reduce(0, rows, distance, "amin")
    winners = (distance == least[rows]).nonzero()[:, 0]
    return x.index_put((rows[winners],), best[winners]), least, rows.bincount()


def descend_to_nearest(graph: Graph, centers: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    """Damped Newton on ½|(θ, f(θ)) − c|² of centres c (N, d+1) from θ (N, d): the best points (N, d), and
    their distances (N,)."""
    d = theta.shape[1]
    x, y, theta = components(centers[:, :-1]), centers[:, -1], components(theta)
    best, least, step = theta, torch.full_like(y, torch.inf), torch.zeros_like(theta)
    for _ in range(NEWTON):
        height, grad, hess = graph.jet(points(theta, d))
        grad, away, rise = components(grad), theta - x, height - y
        distance = (away.square().sum(0) + rise.square()).sqrt_()
        better = distance < least
        best, least = torch.where(better, theta, best), torch.where(better, distance, least)
        slope, metric = torch.addcmul(away, rise, grad), Symmetric.metric(grad)
        matrix = metric.plus(rise, Symmetric.of(hess))
        newton = torch.where(matrix.positive, matrix.solve(slope), metric.solve(slope))  # else Gauss–Newton
        step = torch.where(better, newton, 0.25 * step)
        theta = best - step
    return points(best, d), least


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
    _, distance, _ = nearest_points(graph, field, centers, torch.stack([contacts, safe], 1))
    return torch.where(finite, distance - radius, torch.nan)
