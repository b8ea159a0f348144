"""Maps: every cell is the run it stands for; ends are counted as a person would count them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from scipy.cluster.hierarchy import fcluster, linkage

import rbo
from rbo.experiments.maps import ball_basins, linked, point_basins, rate_map

F64 = torch.float64
BOX = ((-3.0, 3.0),)


def wrinkled(p):
    return (p.square() + 0.3 * torch.cos(12 * p)).sum(-1)


def test_a_cell_is_the_run_of_its_radius_and_rate():
    start, contact = torch.tensor([2.0], dtype=F64), rbo.Rigid(BOX)
    radii, lrs = torch.linspace(0.05, 1, 6, dtype=F64), torch.tensor([0.01, 0.1, 50.0], dtype=F64)
    found = rate_map(wrinkled, start, radii, lrs, 40, contact)
    for i, j in ((0, 0), (3, 1), (5, 0), (5, 2)):
        alone = rbo.roll(wrinkled, start, float(radii[i]), float(lrs[j]), 40, contact)
        assert found.outcome[i, j] == alone.outcome
        if alone.outcome in (rbo.Outcome.LEFT, rbo.Outcome.NOT_FINITE):
            assert found.diverged[i, j] and found.losses[i, j].isnan()
        else:
            assert float(found.losses[i, j]) == pytest.approx(float(alone.losses[-1]), abs=1e-9)
    assert found.diverged[:, 2].all() and not found.diverged[:, 0].any()


def test_an_executor_gives_the_same_map():
    start, radii = torch.tensor([2.0], dtype=F64), torch.linspace(0.05, 1, 5, dtype=F64)
    lrs = torch.tensor([0.01, 0.1], dtype=F64)
    here = rate_map(wrinkled, start, radii, lrs, 20, rbo.Rigid(BOX))
    with ThreadPoolExecutor(2) as pool:
        there = rate_map(wrinkled, start, radii, lrs, 20, rbo.Rigid(BOX), pool=pool)
    assert torch.equal(here.losses, there.losses)


def test_an_executor_gives_the_same_basins():
    starts, contact = torch.linspace(-2.5, 2.5, 12, dtype=F64).view(3, 4, 1), rbo.Rigid(BOX)
    here = ball_basins(wrinkled, starts, 0.3, 0.02, 60, contact)
    with ThreadPoolExecutor(2) as pool:
        there = ball_basins(wrinkled, starts, 0.3, 0.02, 60, contact, pool=pool)
    whole = rbo.roll(wrinkled, starts, 0.3, 0.02, 60, contact)
    assert torch.equal(here.ends, there.ends) and torch.equal(here.basin, there.basin)
    torch.testing.assert_close(here.ends, whole.contacts[-1], atol=1e-9, rtol=0)
    assert here.moving.tolist() == (whole.outcome == rbo.Outcome.STEPS).tolist()


def test_a_ball_that_fits_no_wrinkle_forgets_the_start():
    """f = x² + 0.3 cos 12x has many minima; a ball of ρ = 1 > 1/f'' at each rolls over them, GD does not."""
    starts = torch.linspace(-2.5, 2.5, 60, dtype=F64)[:, None]
    points = point_basins(wrinkled, starts, lr=0.002, steps=600, domain=BOX)
    x = torch.linspace(-3, 3, 600_001, dtype=F64)
    slope = 2 * x - 3.6 * torch.sin(12 * x)
    minima = x[1:][(slope[:-1] < 0) & (slope[1:] >= 0)]
    reached = (points.ends - minima).abs().argmin(-1).unique()
    assert points.count == len(reached) >= 6
    nearest = (points.ends - minima).abs().amin(-1)
    assert nearest.max() < 1e-3
    ball = ball_basins(wrinkled, starts, 1.0, lr=0.02, steps=600, contact=rbo.Rigid(BOX))
    assert ball.count < points.count / 2
    assert ball.basin.shape == (60,) and set(ball.basin.tolist()) <= set(range(-1, ball.count))


def test_ends_are_linked_as_single_linkage_links_them():
    generator = torch.Generator().manual_seed(0)
    centres = torch.rand(12, 2, generator=generator, dtype=F64) * 10
    points = (centres[:, None] + 0.01 * torch.randn(12, 40, 2, generator=generator, dtype=F64)).flatten(0, 1)
    group, count = linked(points, 0.3)
    oracle = torch.from_numpy(fcluster(linkage(points.numpy(), "single"), 0.3, "distance"))
    assert count == len(oracle.unique())
    assert torch.equal(group[:, None] == group, oracle[:, None] == oracle)


def test_no_ends_are_no_basins():
    assert linked(torch.zeros(0, 2), 0.1)[1] == 0


def test_apart_must_be_positive():
    with pytest.raises(ValueError, match="apart must be > 0 and finite, got 0"):
        point_basins(wrinkled, torch.zeros(3, 1), 0.1, 2, apart=0)
