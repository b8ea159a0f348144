"""The other contact solvers: the authors' published paths, Algorithm 1 as written, any dimension."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

import landscapes
import rbo
from landscapes.waves import WaveSum

F64 = torch.float64
DATA = Path(__file__).parent / "data"
CASES = json.loads((DATA / "trajectories.json").read_text())
ARRAYS = np.load(DATA / "trajectories.npz")


class GaussianMSE:
    """|p|² − Σ exp(−|p−c|²/2σ²) over the published centres, with the closed forms that a loss may offer."""

    centres, width2 = torch.from_numpy(ARRAYS["gaussian_centres"]), 0.1**2

    def __call__(self, p):
        return p.square().sum(-1) - self.dips(p[..., None, :] - self.centres).sum(-1)

    def gradient(self, p):
        away = p[..., None, :] - self.centres
        return 2 * p + (away * self.dips(away)[..., None]).sum(-2) / self.width2

    def grid(self, axes):
        x, y = (
            self.dips((axis[:, None] - c)[..., None]) for axis, c in zip(axes, self.centres.T, strict=True)
        )
        return axes[0].square()[:, None] + axes[1].square() - x @ y.T

    def dips(self, away):
        return torch.exp(-away.square().sum(-1) / (2 * self.width2))


def reference_loss(name):
    """The landscapes of the reference data, from its own arrays where it has some."""
    if name == "gaussian_mse":
        return GaussianMSE()
    if name == "quadratic":
        return WaveSum(2, curvature=ARRAYS["quadratic_A"]).value
    if name == "weierstrass_like_n5":
        k = torch.arange(1, 6, dtype=F64)
        return lambda p: (torch.sin(k**2 * p[..., None]) / k**2).sum((-1, -2))
    return landscapes.get("rastrigin")


@cache
def rolled(number):
    """The path of a published case."""
    case = CASES[number]
    return rbo.roll(
        reference_loss(case["landscape"]),
        torch.tensor(case["start"], dtype=F64),
        radius=case["radius"],
        lr=case["learning_rate"],
        steps=case["n_steps"],
        contact=rbo.Descent(steps=case["n_projection_steps"], lr=case["projection_step_size"]),
    )


@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=lambda n: f"{CASES[n]['key']}-{CASES[n]['landscape']}"
)
def test_descent_reproduces_the_published_paths(number):
    published = torch.from_numpy(ARRAYS[CASES[number]["key"]])
    error = (rolled(number).contacts - published).norm(dim=-1)
    assert error[:41].max() < 1e-8
    assert error.max() < 1e-5


def test_the_authors_ball_sinks_into_their_own_landscape():
    depth = -rolled(0).clearance[:101] / CASES[0]["radius"]
    assert depth.min() > -1e-6
    assert depth.median() > 0.9


def test_footpoint_takes_the_global_nearest_point():
    """Against a dense grid of the parabola: p' is the point of Γ nearest to c − ητ(p)."""
    a, radius, lr = 2.0, 1.3, 0.02
    parabola = lambda p: a * p[..., 0] ** 2 / 2  # noqa: E731
    path = rbo.roll(
        parabola,
        torch.tensor([1.0], dtype=F64),
        radius=radius,
        lr=lr,
        steps=60,
        contact=rbo.Footpoint(((-3, 3),)),
    )
    x = torch.linspace(-3, 3, 600_001, dtype=F64)
    graph = torch.stack([x, a * x**2 / 2], -1)
    for step in (0, 10, 40):
        grad = a * path.contacts[step]
        target = path.centers[step] - lr * rbo.ascent_tangent(grad)
        nearest = x[(graph - target).norm(dim=-1).argmin()]
        distance = (graph - target).norm(dim=-1).min()
        reached = torch.cat([path.contacts[step + 1], path.losses[step + 1, None]])
        assert float((reached - target).norm()) == pytest.approx(float(distance), abs=1e-8)
        assert abs(float(path.contacts[step + 1])) == pytest.approx(abs(float(nearest)), abs=2e-5)


def test_footpoint_still_cuts_into_a_valley_narrower_than_the_ball():
    path = rbo.roll(
        lambda p: p[..., 0] ** 2,
        torch.tensor([1.0], dtype=F64),
        radius=1.3,
        lr=0.02,
        steps=200,
        contact=rbo.Footpoint(((-3, 3),)),
    )
    assert path.clearance.min() < -0.15


def test_footpoint_and_rigid_agree_to_first_order_where_the_surface_is_convex():
    start, lr = torch.tensor([0.8, -0.4], dtype=F64), 1e-3
    bowl = lambda p: p[..., 0] ** 2 + 0.5 * p[..., 1] ** 2  # noqa: E731
    box = ((-2, 2), (-2, 2))
    foot = rbo.roll(bowl, start, radius=0.2, lr=lr, steps=50, contact=rbo.Footpoint(box))
    rigid = rbo.roll(bowl, foot.centers[0, :2], radius=0.2, lr=lr, steps=50, contact=rbo.Rigid(box))
    assert torch.allclose(foot.centers, rigid.centers, atol=2e-4)
    assert foot.clearance.abs().max() < 1e-6


def test_descent_in_many_dimensions():
    generator = torch.Generator().manual_seed(0)
    scales = torch.rand(50, dtype=F64, generator=generator) + 0.1
    start = torch.randn(50, dtype=F64, generator=generator)
    path = rbo.roll(
        lambda p: (scales * p.square()).sum(-1),
        start,
        radius=0.1,
        lr=0.05,
        steps=200,
        contact=rbo.Descent(20, 0.02),
    )
    assert path.centers.shape == (201, 51)
    assert path.losses[-1] < 1e-2 * path.losses[0]
    assert (path.clearance <= 1e-9).all()
