"""The parts below the rigid ball against brute force: the table, the proximal step, the Newton step."""

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import landscapes
from rbo.contact.rigid import DropMeasure, hemisphere
from rbo.graph import Graph
from rbo.heightfield import Heightfield, Points
from rbo.nearest import nearest_points
from rbo.newton import Symmetric
from rbo.proximal import ProximalStep
from rbo.spacing import grid_spacing, search_spacing

F64 = torch.float64
numbers = st.floats(-3, 3)


@pytest.mark.parametrize("radius", [0.1, 0.5, 1.3])
@pytest.mark.parametrize("dim", [1, 2])
def test_the_search_finds_every_hill_above_its_floor(dim, radius):
    """Branch and bound against every point of the table."""
    bowl = landscapes.get("wrinkled_bowl", dim=dim)
    field = Heightfield.of(Graph(bowl), ((-4.0, 4.0),) * dim, torch.zeros(1, dtype=F64), spacing=0.05)
    x = 2 * torch.rand(40, dim, dtype=F64, generator=torch.Generator().manual_seed(1)) - 1
    axis = field.origin[0] + 0.05 * torch.arange(165)
    grid = torch.stack(torch.meshgrid(*[axis] * dim, indexing="ij"), -1)
    measure, reach = DropMeasure(torch.full((40,), radius**2), 0.05), torch.full_like(x[:, 0], radius)
    heights = bowl(grid.double()).float()
    slopes = torch.stack(torch.gradient(heights, spacing=0.05)).flatten(1)[:, None].expand(dim, 40, -1)
    offset = (grid.flatten(0, -2) - x.float()[:, None]).movedim(-1, 0)
    drops, way = measure.between(Points(offset, heights.flatten(), slopes))
    bare = hemisphere(torch.tensor(radius**2), offset.square().sum(0), heights.flatten())
    assert (way != 0).any()
    assert torch.equal(drops[(way == 0).all(0)], bare[(way == 0).all(0)])
    drops = drops.reshape(40, *grid.shape[:-1])
    best, highest = drops.flatten(1).amax(-1), torch.ones_like(drops, dtype=torch.bool)
    for ways in product((-1, 0, 1), repeat=dim):
        highest &= drops >= drops.roll(ways, tuple(range(1, dim + 1)))
    for depth in (0.0, 0.05 * radius, 0.5 * radius):
        floor = best - 1e-5 - depth
        found = field.search(x, measure, floor, reach)
        expected = (highest & (drops >= floor.view(40, *[1] * dim))).flatten(1).sum(1)
        assert torch.equal(found.rows.bincount(minlength=40), expected)
        assert torch.equal(found.rows, found.rows.sort().values)
        peaks = torch.full_like(x[:, 0], -torch.inf).scatter_reduce(0, found.rows, found.peaks, "amax")
        assert (peaks >= best - 1e-5).all() and (expected > 0).all()


def test_on_a_steep_plane_the_search_sees_between_the_points_of_the_grid():
    """A ball on the plane g·θ touches it at x + ρg/s, at a drop of g·x + ρs."""
    slope, radius = torch.tensor([5.0, 2.0], dtype=F64), 0.1
    field = Heightfield.of(Graph(lambda p: p @ slope), ((-1.0, 1.0),) * 2, slope, spacing=0.03)
    x = torch.rand(50, 2, dtype=F64, generator=torch.Generator().manual_seed(4)) - 0.5
    s = (1 + slope.square().sum()).sqrt()
    drop, touch = x @ slope + radius * s, x + radius * slope / s
    measure = DropMeasure(torch.full((50,), radius**2), 0.03)
    found = field.search(x, measure, drop - 1e-4, torch.full_like(drop, radius))
    peaks = torch.full_like(drop, -torch.inf).scatter_reduce(0, found.rows, found.peaks, "amax")
    assert torch.allclose(peaks, drop, atol=1e-4)
    nearest = (found.points - touch[found.rows]).norm(dim=-1)
    assert torch.full_like(drop, torch.inf).scatter_reduce(0, found.rows, nearest, "amin").max() < 1e-3


@pytest.mark.parametrize("dim", [1, 2])
def test_a_search_finds_at_least_what_is_near_a_point(dim):
    bowl = landscapes.get("wrinkled_bowl", dim=dim)
    field = Heightfield.of(Graph(bowl), ((-2.0, 2.0),) * dim, torch.zeros(1, dtype=F64), spacing=0.03)
    x = 2 * torch.rand(30, dim, dtype=F64, generator=torch.Generator().manual_seed(2)) - 1
    measure, reach = DropMeasure(torch.full((30,), 0.4**2), 0.03), torch.full_like(x[:, 0], 0.4)
    near = field.near(x, measure, x)
    straight_below = bowl(x) + 0.4
    assert ((near > straight_below - 0.1) & near.isfinite()).all()
    found = field.search(x, measure, near, reach)
    assert (found.rows.bincount(minlength=30) > 0).all()


def test_the_nearest_point_is_the_nearest_of_a_dense_grid():
    bowl = landscapes.get("weierstrass")
    graph = Graph(bowl, 0.25)
    field = Heightfield.of(graph, ((-1.5, 1.5),) * 2, torch.zeros(1, dtype=F64))
    generator = torch.Generator().manual_seed(3)
    centers = torch.rand(12, 3, dtype=F64, generator=generator) * torch.tensor([1.0, 1.0, 0.8]) - 0.3
    _, distance, _ = nearest_points(graph, field, centers, centers[:, None, :2])
    axis = torch.linspace(-1.5, 1.5, 1501, dtype=F64)
    heights = graph.grid([axis, axis])
    for center, found in zip(centers, distance, strict=True):
        lateral = (axis[:, None] - center[0]).square() + (axis[None] - center[1]).square()
        dense = float((lateral + (heights - center[2]).square()).sqrt().min())
        assert found <= dense + 1e-12
        assert float(found) == pytest.approx(dense, abs=2e-3)


@settings(max_examples=200, deadline=None)
@given(
    heights=st.lists(st.floats(-0.5, 0), min_size=3, max_size=3),
    slopes=st.lists(st.tuples(numbers, numbers), min_size=4, max_size=4),
    lr=st.floats(0.01, 1.0),
)
def test_the_proximal_step_is_the_minimum_of_its_model(heights, slopes, lr):
    """No step of a fine grid around it, nor no step at all, gives the model a lower value."""
    h = torch.tensor([[0.0, *heights]], dtype=F64)
    g = torch.tensor([slopes], dtype=F64)
    rate = torch.tensor([lr], dtype=F64)
    step = ProximalStep.over(4, 2, g)(h, g.movedim(-1, 0), rate)[:, 0]

    def model(motion):
        return (h[0] + motion @ g[0].T).amax(-1) + motion.square().sum(-1) / (2 * lr)

    reach = 3 * lr * (1 + float(g.abs().max()))
    axis = torch.linspace(-reach, reach, 101, dtype=F64)
    trials = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), -1).flatten(0, 1)
    trials = torch.cat([trials, step + 1e-3 * trials, torch.zeros(1, 2, dtype=F64)])
    assert model(step) <= model(trials).min() + 1e-9


def test_uphill_is_newtons_step_without_the_signs_of_the_eigenvalues():
    generator = torch.Generator().manual_seed(5)
    half = torch.randn(200, 2, 2, dtype=F64, generator=generator)
    matrices = torch.cat(
        [half + half.mT, torch.eye(2, dtype=F64).expand(2, 2, 2) * torch.tensor([[[2.0]], [[-3.0]]])]
    )
    side = torch.randn(2, len(matrices), dtype=F64, generator=generator)
    values, vectors = torch.linalg.eigh(matrices)
    expected = (vectors @ ((vectors.mT @ side.T[..., None]) / values.abs()[..., None]))[..., 0].T
    assert torch.allclose(Symmetric.of(matrices).uphill(side), expected, rtol=1e-9, atol=1e-9)


def test_with_one_contact_the_proximal_step_is_gradient_descent():
    g = torch.tensor([[[1.0, -2.0], [0.0, 0.0], [0.0, 0.0]]], dtype=F64)
    h = torch.tensor([[0.3, -torch.inf, -torch.inf]], dtype=F64)
    step = ProximalStep.over(3, 2, g)(h, g.movedim(-1, 0), torch.tensor([0.1], dtype=F64))
    assert torch.allclose(step, torch.tensor([[-0.1], [0.2]], dtype=F64))


def test_between_two_equal_walls_the_ball_goes_along_the_groove():
    g = torch.tensor([[[1.0, 0.1], [-1.0, 0.1]]], dtype=F64)
    h, lr = torch.zeros(1, 2, dtype=F64), torch.tensor([0.5], dtype=F64)
    step = ProximalStep.over(2, 2, g)(h, g.movedim(-1, 0), lr)
    assert torch.allclose(step, torch.tensor([[0.0], [-0.05]], dtype=F64), atol=1e-15)


def test_a_grid_is_finer_where_the_graph_is_steep():
    sides, like = ((-2.0, 2.0),) * 2, torch.zeros(1, dtype=F64)
    usual = grid_spacing(None, sides)

    def spacing(loss, sides=sides):
        return search_spacing(Graph(loss), sides, like)

    assert spacing(lambda p: p.sum(-1)) == usual
    assert spacing(lambda p: 8 * p.sum(-1)) < usual / 1.9
    assert spacing(lambda p: 1e200 * p[..., 0] ** 3) == spacing(lambda p: 1e3 * p.sum(-1)) == 4 / 768
    assert spacing(lambda p: 1e3 * (p[..., 0] > 0).to(p)) == usual  # a jump is no slope
    assert spacing(lambda p: p[..., 0] * torch.nan) == usual
    assert spacing(lambda p: 50 * p.sum(-1), ((-2.0, 2.0),)) == grid_spacing(None, ((-2.0, 2.0),)) / 4
    assert spacing(lambda p: 1e3 * p[..., 0].sin(), ((-2.0, 2.0), (0.0, 1e-3))) < usual  # a thin box
