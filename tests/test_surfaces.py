"""The surfaces of the ball against scipy's morphology and against closed forms."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

import rbo
from rbo import dilation, dualtree

SIZES = st.one_of(
    st.tuples(st.integers(1, 90)),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
)


def hemisphere(spacing, radius):
    """Footprint and structure of a hemisphere, the oracle's own way to say where it ends."""
    axes = [np.arange(-math.floor(radius / h) - 1, math.floor(radius / h) + 2) * h for h in spacing]
    square = sum(np.square(mesh) for mesh in np.meshgrid(*axes, indexing="ij"))
    return {
        "footprint": square <= radius**2,
        "structure": np.sqrt(np.clip(radius**2 - square, 0, None)),
    }


def oracle(heights, spacing, radius):
    """Centre and ironed surface by scipy, padded: it reads outside of arrays smaller than the footprint."""
    ball = hemisphere(spacing, radius)
    pad = [(n // 2, n // 2) for n in ball["footprint"].shape]
    inner = tuple(slice(low, low + n) for (low, _), n in zip(pad, heights.shape, strict=True))
    below = np.pad(heights, pad, constant_values=-np.inf)
    centers = ndimage.grey_dilation(below, **ball)[inner]
    above = np.pad(centers, pad, constant_values=np.inf)
    return centers, ndimage.grey_erosion(above, **ball)[inner]


def rough(shape, seed, amplitude=1.0):
    return amplitude * np.random.default_rng(seed).standard_normal(shape)


def surfaces(n=120):
    """Structured heights on a square grid, in points."""
    x, y = np.meshgrid(np.linspace(-3, 3, n), np.linspace(-3, 3, n), indexing="ij")
    return {
        "flat": 0 * x,
        "bowl": 20 * (x**2 + y**2),
        "steep bowl": 900 * (x**2 + y**2),
        "wrinkled": 10 * (x**2 + y**2) + 6 * np.cos(9 * x) * np.cos(11 * y),
        "cliff": 30.0 * (x > 0.3),
        "needle": 50.0 * ((x == x[60, 60]) & (y == y[60, 60])),
        "noise": rough((n, n), 0, 5.0),
        "wedge": 25 * np.abs(x) + 3 * y,
        "far from zero": 1e4 + x * y,
    }


# --- the oracle


@settings(max_examples=60, deadline=None)
@given(
    shape=SIZES,
    spacing=st.tuples(st.floats(0.05, 4), st.floats(0.05, 4)),
    radius=st.floats(0.01, 12),
    amplitude=st.sampled_from([0.0, 0.1, 1.0, 30.0]),
    seed=st.integers(0, 1000),
)
def test_equal_to_grey_dilation_and_grey_closing(shape, spacing, radius, amplitude, seed):
    spacing = spacing[: len(shape)]
    radius = min(radius, 30 * min(spacing))
    heights = rough(shape, seed, amplitude)
    centers, ironed = oracle(heights, spacing, radius)
    np.testing.assert_allclose(rbo.center_surface(heights, spacing, radius), centers, rtol=0, atol=1e-12)
    np.testing.assert_allclose(rbo.ironed_surface(heights, spacing, radius), ironed, rtol=0, atol=1e-12)


@pytest.mark.parametrize("shape, spacing, radius", [((61,), (0.5,), 6.2), ((43, 31), (1.0, 0.7), 9.3)])
def test_the_edge_is_that_of_scipy_by_default(shape, spacing, radius):
    """A reflected point is never nearer than the point itself."""
    heights, ball = rough(shape, 3, 4.0), hemisphere(spacing, radius)
    centers, ironed = ndimage.grey_dilation(heights, **ball), ndimage.grey_closing(heights, **ball)
    np.testing.assert_allclose(rbo.center_surface(heights, spacing, radius), centers, rtol=0, atol=1e-12)
    np.testing.assert_allclose(rbo.ironed_surface(heights, spacing, radius), ironed, rtol=0, atol=1e-12)


@pytest.mark.parametrize("radius", [45.0, 45.7])
def test_equal_to_scipy_where_the_bounds_work(radius):
    heights = rough((70, 90), 9, 6.0) + 0.02 * np.square(np.arange(90) - 40)
    centers, ironed = oracle(heights, (1.0, 0.9), radius)
    np.testing.assert_allclose(rbo.center_surface(heights, (1.0, 0.9), radius), centers, rtol=0, atol=1e-12)
    np.testing.assert_allclose(rbo.ironed_surface(heights, (1.0, 0.9), radius), ironed, rtol=0, atol=1e-12)


@pytest.mark.parametrize("radius", [3.0, 12.5, 40.0, 85.0, 500.0])
@pytest.mark.parametrize("name", surfaces())
def test_the_bounds_lose_nothing(name, radius):
    """Branch and bound against the plain maximum over the disc."""
    heights = torch.from_numpy(surfaces()[name][:, :97])
    reach = [min(int(radius), n - 1) for n in heights.shape]
    for grid in (heights, -heights):
        found = dualtree.dilate(grid, (1.0, 1.0), radius)
        torch.testing.assert_close(
            found, dilation.shifted(grid, (1.0, 1.0), radius, reach), rtol=1e-15, atol=1e-12
        )


@settings(max_examples=40, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 150), st.integers(1, 150)),
    spacing=st.tuples(st.floats(0.1, 3), st.floats(0.1, 3)),
    radius=st.floats(0.1, 100),
    amplitude=st.sampled_from([0.1, 3.0, 100.0]),
    slope=st.floats(-50, 50),
    seed=st.integers(0, 1000),
)
def test_the_bounds_lose_nothing_whatever_the_shape(shape, spacing, radius, amplitude, slope, seed):
    heights = torch.from_numpy(rough(shape, seed, amplitude) + slope * np.arange(shape[1]) * spacing[1])
    reach = [min(int(radius / h) + 1, n - 1) for h, n in zip(spacing, shape, strict=True)]
    found = dualtree.dilate(heights, spacing, radius)
    torch.testing.assert_close(
        found, dilation.shifted(heights, spacing, radius, reach), rtol=1e-14, atol=1e-12
    )


def test_a_long_curve_of_large_radius():
    heights = torch.from_numpy(np.cumsum(rough(5000, 4)))[None]
    found = dualtree.dilate(heights, (1.0, 0.01), 11.0)
    torch.testing.assert_close(found, dilation.shifted(heights, (1.0, 0.01), 11.0, [0, 1100]))


# --- theorems


@pytest.mark.parametrize("name", surfaces())
def test_ironing_twice_changes_nothing(name):
    once = rbo.ironed_surface(surfaces()[name], 1.0, 14.0)
    np.testing.assert_allclose(rbo.ironed_surface(once, 1.0, 14.0), once, rtol=1e-14, atol=1e-11)


@pytest.mark.parametrize("radius", [2.0, 45.0])
def test_order_of_the_surfaces(radius):
    heights = surfaces()["wrinkled"]
    centers, ironed = (make(heights, 1.0, radius) for make in (rbo.center_surface, rbo.ironed_surface))
    assert (ironed >= heights).all()
    assert (ironed <= heights.max()).all()
    assert (centers >= ironed + radius - 1e-12).all()


def test_a_lifted_graph_lifts_its_surfaces():
    heights = rough((40, 50), 1)
    np.testing.assert_allclose(
        rbo.center_surface(heights + 7.0, 0.3, 2.0), rbo.center_surface(heights, 0.3, 2.0) + 7.0, atol=1e-12
    )


def test_higher_graphs_have_higher_surfaces():
    low, high = rough((40, 50), 1), rough((40, 50), 1) + np.abs(rough((40, 50), 2))
    for make in (rbo.center_surface, rbo.ironed_surface):
        assert (make(high, 0.3, 5.0) >= make(low, 0.3, 5.0) - 1e-12).all()


@pytest.mark.parametrize("n", [101, 201, 401])
def test_a_ball_on_a_ball_is_a_larger_ball(n):
    """F_{a+b} = (F_a)_b but for the grid: never above, and short by about spacing² over the radius."""
    x = torch.linspace(-3, 3, n, dtype=torch.float64)
    h = 6 / (n - 1)
    heights = 0.3 * torch.cos(4 * x)[:, None] * torch.cos(3 * x) + 0.1 * x.square()
    whole = rbo.center_surface(heights, h, 1.1)
    twice = rbo.center_surface(rbo.center_surface(heights, h, 0.5), h, 0.6)
    assert (twice <= whole + 1e-12).all()
    assert (whole - twice).max() <= 2 * h**2 / 0.5


def test_reachable_sets_shrink_as_the_radius_grows():
    x = torch.linspace(-3, 3, 241, dtype=torch.float64)
    heights = 0.2 * torch.cos(5 * x)[:, None] * torch.cos(4 * x) + 0.2 * x.square()
    h = float(x[1] - x[0])
    touched = [rbo.reachable(heights, h, radius) for radius in (0.0, 0.1, 0.25, 0.5, 1.0, 2.0)]
    assert touched[0].all()
    for small, large in pairwise(touched):
        assert not (large & ~small).any()
    assert 0 < touched[-1].double().mean() < touched[1].double().mean() < 1


# --- closed forms, to the grid's error

GRID = torch.linspace(-3, 3, 601, dtype=torch.float64)
STEP = 0.01
INNER = GRID.abs() <= 1.5


@pytest.mark.parametrize("slope", [0.0, 0.7, -2.0])
def test_plane(slope):
    found = rbo.center_surface(slope * GRID + 1, STEP, 1.2)
    exact = slope * GRID + 1 + 1.2 * math.sqrt(1 + slope**2)
    assert ((exact - found)[INNER] >= -1e-12).all()
    assert ((exact - found)[INNER] <= (1 + slope**2) ** 1.5 * STEP**2 / (8 * 1.2) * 1.01).all()


def test_tilted_plane_of_two_sides():
    x = torch.linspace(-2, 2, 161, dtype=torch.float64)
    plane = 0.5 * x[:, None] - 0.8 * x
    found = rbo.center_surface(plane, 0.025, 0.9)
    inner = (x.abs() < 1.1)[:, None] & (x.abs() < 1.1)
    s = math.sqrt(1 + 0.25 + 0.64)
    assert ((plane + 0.9 * s - found)[inner].abs() <= s**3 * 2 * 0.025**2 / (8 * 0.9)).all()
    assert rbo.reachable(plane, 0.025, 0.9)[inner].all()


def test_ball_too_large_for_a_parabola():
    """Centre at height (a²ρ² + 1)/(2a), on contacts ±√(ρ² − 1/a²), over a gap (aρ − 1)²/(2a)."""
    a, radius, middle = 2.0, 1.1, 300
    heights = a * GRID.square() / 2
    centers, ironed = (make(heights, STEP, radius) for make in (rbo.center_surface, rbo.ironed_surface))
    assert centers[middle] == pytest.approx((a**2 * radius**2 + 1) / (2 * a), abs=1e-4)
    assert ironed[middle] == pytest.approx((a * radius - 1) ** 2 / (2 * a), abs=1e-4)
    touched = rbo.reachable(heights, STEP, radius)
    edge = math.sqrt(radius**2 - 1 / a**2)
    assert not touched[GRID.abs() < edge - 1.5 * STEP].any()
    assert touched[(GRID.abs() > edge + 1.5 * STEP) & INNER].all()


def test_circular_bowl():
    bowl, radius = 2.5, 0.8
    x = torch.linspace(-2, 2, 201, dtype=torch.float64)
    r2 = x[:, None].square() + x.square()
    disc = r2 <= 2.0**2
    heights = bowl - (bowl**2 - r2.clamp_max(2.0**2)).sqrt()
    exact = bowl - ((bowl - radius) ** 2 - r2).clamp_min(0).sqrt()
    inner = r2 <= (0.9 * 2.0 * (bowl - radius) / bowl) ** 2
    found = rbo.center_surface(heights, 0.02, radius)
    assert ((exact - found)[inner].abs() <= 4 * 0.02**2 / radius).all()
    assert rbo.reachable(heights, 0.02, radius)[inner & disc].all()


def test_wedge():
    """F = m|x| + ρ√(1+m²); what is touched begins at ρm/√(1+m²), the apex never."""
    m, radius = 1.5, 0.9
    heights, s = m * GRID.abs(), math.sqrt(1 + 1.5**2)
    found = rbo.center_surface(heights, STEP, radius)
    assert ((heights + radius * s - found)[INNER].abs() <= s**3 * STEP**2 / (8 * radius) * 1.01).all()
    touched, edge = rbo.reachable(heights, STEP, radius), radius * m / s
    assert not touched[GRID.abs() < edge - 1.5 * STEP].any()
    assert touched[(GRID.abs() > edge) & INNER].all()


def test_roof():
    """All of it is touched; over the ridge the centre goes round a circle."""
    m, radius = 1.5, 0.9
    heights, s = -m * GRID.abs(), math.sqrt(1 + 1.5**2)
    round_ridge = (radius**2 - GRID.square()).clamp_min(0).sqrt()
    exact = torch.where(GRID.abs() <= m * radius / s, round_ridge, heights + radius * s)
    found = rbo.center_surface(heights, STEP, radius)
    assert ((exact - found)[INNER].abs() <= s**3 * STEP**2 / (8 * radius) * 1.01).all()
    assert rbo.reachable(heights, STEP, radius)[INNER].all()


@pytest.mark.parametrize("share, touched", [(0.97, True), (1.05, False)])
def test_the_bottom_of_a_sinusoid(share, touched):
    amplitude, length = 0.2, 1.5
    heights = -amplitude * torch.cos(2 * math.pi * GRID / length)
    radius = share * length**2 / (4 * math.pi**2 * amplitude)
    assert rbo.reachable(heights, STEP, radius, tolerance=1e-6)[300] == touched


def test_weak_and_linear_ironing():
    """inf φ <= F − (plane + ρ√(1+|w|²)) <= sup φ where the whole disc is at hand."""
    bounded = 0.1 * torch.sin(7 * GRID)
    for slope in (0.0, 0.6):
        found = rbo.center_surface(slope * GRID + bounded, STEP, 1.4)
        rest = found - slope * GRID - 1.4 * math.sqrt(1 + slope**2)
        assert (rest[INNER] >= -0.1 - 1e-3).all()
        assert (rest[INNER] <= 0.1 + 1e-12).all()


# --- the contract


@pytest.mark.parametrize("make", [rbo.center_surface, rbo.ironed_surface, rbo.reachable])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(30,), (17, 22)])
def test_what_comes_back_is_what_went_in(make, dtype, shape):
    array = rough(shape, 5).astype(dtype)
    tensor = torch.from_numpy(array)
    kept = array.copy()
    from_array, from_tensor = make(array, 0.5, 3.0), make(tensor, 0.5, 3.0)
    assert isinstance(from_array, np.ndarray)
    assert isinstance(from_tensor, torch.Tensor)
    assert from_array.shape == tuple(from_tensor.shape) == shape
    expected = "bool" if make is rbo.reachable else dtype
    assert str(from_array.dtype) == expected
    assert str(from_tensor.dtype) == f"torch.{expected}"
    np.testing.assert_array_equal(from_array, from_tensor.numpy())
    np.testing.assert_array_equal(array, kept)


def test_views_that_are_not_contiguous_or_not_writeable():
    heights = rough((60, 44), 6)
    heights.flags.writeable = False
    np.testing.assert_array_equal(
        rbo.center_surface(heights[::2, ::-1].T, 1.0, 7.0),
        rbo.center_surface(np.ascontiguousarray(heights[::2, ::-1].T), 1.0, 7.0),
    )


@pytest.mark.parametrize("shape", [(1,), (1, 1), (1, 9), (9, 1)])
def test_the_smallest_grids(shape):
    heights = rough(shape, 7)
    np.testing.assert_allclose(rbo.ironed_surface(np.zeros(shape), 1.0, 3.0), 0, atol=1e-15)
    centers, _ = oracle(heights, (1.0,) * len(shape), 3.0)
    np.testing.assert_allclose(rbo.center_surface(heights, 1.0, 3.0), centers, atol=1e-12)


def test_radius_zero_returns_the_heights():
    heights = rough((20, 20), 8)
    for make in (rbo.center_surface, rbo.ironed_surface):
        np.testing.assert_array_equal(make(heights, 1.0, 0.0), heights)
        assert make(heights, 1.0, 0.0) is not heights
    assert rbo.reachable(heights, 1.0, 0.0).all()


@pytest.mark.parametrize(
    "heights, spacing, radius, message",
    [
        (np.array([0.0, np.nan]), 1.0, 1.0, "heights must be finite"),
        (np.array([0.0, -np.inf]), 1.0, 1.0, "heights must be finite"),
        (np.zeros((2, 2, 2)), 1.0, 1.0, r"heights must be .* got float64 \(2, 2, 2\)"),
        (np.zeros(0), 1.0, 1.0, "heights must be"),
        (np.zeros(3, dtype=int), 1.0, 1.0, "heights must be floating-point"),
        ([0.0, 1.0], 1.0, 1.0, "heights must be a tensor or an array, got list"),
        (np.zeros(3), 0.0, 1.0, "spacing must be > 0, .* got 0.0"),
        (np.zeros(3), (1.0, 1.0), 1.0, "spacing must be > 0"),
        (np.zeros((3, 3)), (1.0, np.nan), 1.0, "spacing must be > 0"),
        (np.zeros(3), 1.0, -1.0, "radius must be >= 0 and finite, got -1.0"),
        (np.zeros(3), 1.0, np.nan, "radius must be >= 0 and finite, got nan"),
        (np.zeros(3), 1.0, np.inf, "radius must be >= 0 and finite, got inf"),
        (np.zeros(3), 1.0, 1e160, "radius must be at most 1e\\+150"),
    ],
)
def test_misuse(heights, spacing, radius, message):
    for make in (rbo.center_surface, rbo.ironed_surface, rbo.reachable):
        with pytest.raises(ValueError, match=message):
            make(heights, spacing, radius)


def test_misuse_of_the_tolerance():
    with pytest.raises(ValueError, match=r"tolerance must be >= 0, got -1.0"):
        rbo.reachable(np.zeros(3), 1.0, 1.0, tolerance=-1.0)


def test_where_a_ball_rests_by_slopes():
    """ρ*(x) = √(x² + 1/a²) of a parabola to a cell; arrays and tensors alike; no curve is an error."""
    a, radius = 2.0, 0.51
    heights, slopes = a * GRID.square() / 2, a * GRID
    exact = (GRID.square() + 1 / a**2).sqrt() >= radius
    found = rbo.rests(heights, slopes, STEP, radius)
    assert (found == exact)[INNER].all()
    array = rbo.rests(heights.numpy(), slopes.numpy(), STEP, radius)
    assert array.dtype == bool and (array == found.numpy()).all()
    assert rbo.rests(heights, slopes, STEP, 0.0).all()
    with pytest.raises(ValueError, match=r"in the middle of the heights, got \(600,\) of \(601,\)"):
        rbo.rests(heights, slopes[1:], STEP, radius)
