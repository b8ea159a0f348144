"""Where a ball can rest, against every point of the grid and against the largest ball that touches."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rbo


def held(heights, slopes, spacing, radius, inner):
    """Whether the ball touching at each point of `inner` misses all points of the grid, one by one."""
    grid = np.stack(
        np.meshgrid(*(np.arange(n) * h for n, h in zip(heights.shape, spacing, strict=True)), indexing="ij"),
        -1,
    )
    norm = np.sqrt(1 + (slopes**2).sum(0))
    centers = (grid[inner] - radius * np.moveaxis(slopes, 0, -1) / norm[..., None]).reshape(-1, heights.ndim)
    tops = (heights[inner] + radius / norm).ravel() + 1e-9 * (np.abs(heights).max() + radius)
    points, free = grid.reshape(-1, heights.ndim), []
    for center, top in zip(centers, tops, strict=True):
        square = radius**2 - ((points - center) ** 2).sum(1)
        near = square >= 0
        free.append((heights.ravel()[near] + np.sqrt(square[near]) <= top).all())
    return np.array(free).reshape(norm.shape)


@settings(max_examples=80, deadline=None)
@given(
    shape=st.one_of(st.tuples(st.integers(2, 150)), st.tuples(st.integers(2, 40), st.integers(2, 40))),
    spacing=st.tuples(st.floats(0.3, 3), st.floats(0.3, 3)),
    radius=st.floats(0.01, 60),
    amplitude=st.sampled_from([0.1, 1.0, 20.0]),
    smooth=st.booleans(),
    margin=st.integers(0, 12),
    seed=st.integers(0, 1000),
)
def test_it_rests_where_no_point_of_the_grid_is_in_the_ball(
    shape, spacing, radius, amplitude, smooth, margin, seed
):
    spacing = spacing[: len(shape)]
    heights = amplitude * np.random.default_rng(seed).standard_normal(shape)
    for axis in range(len(shape) if smooth else 0):
        heights = 0.3 * heights.cumsum(axis)
    inner = tuple(slice(m, n - m) for n in shape for m in [min(margin, (n - 1) // 2)])
    slopes = np.stack([np.gradient(heights, h, axis=k) for k, h in enumerate(spacing)])[:, *inner]
    found = rbo.rests(heights, slopes if len(shape) == 2 else slopes[0], spacing, radius)
    np.testing.assert_array_equal(found, held(heights, slopes, spacing, radius, inner))


def test_a_ball_of_less_than_its_radius_rests_all_over_a_sphere():
    x = np.linspace(-1, 1, 81)
    root = np.sqrt(4 - x[:, None] ** 2 - x**2)
    slopes = np.stack([x[:, None] / root, x / root])
    assert rbo.rests(-root, slopes, x[1] - x[0], 1.999).all()
    assert not rbo.rests(-root, slopes, x[1] - x[0], 2.02).any()


def test_a_curve_is_a_trough():
    x = np.linspace(-2, 2, 201)
    heights, slopes = 0.3 * np.cos(5 * x) + 0.1 * x, 0.1 - 1.5 * np.sin(5 * x)
    curve = rbo.rests(heights, slopes, 0.02, 0.4)
    trough = rbo.rests(
        np.tile(heights, (30, 1)), np.stack([np.zeros((30, 201)), np.tile(slopes, (30, 1))]), 0.02, 0.4
    )
    assert 0.2 < curve.mean() < 0.8
    np.testing.assert_array_equal(trough, np.tile(curve, (30, 1)))


@pytest.mark.parametrize("shape", [(30,), (17, 22)])
def test_what_comes_back_is_what_went_in(shape):
    heights = np.random.default_rng(0).standard_normal(shape)
    slopes = np.zeros(shape if len(shape) == 1 else (2, *shape))
    array = rbo.rests(heights, slopes, 0.5, 1.0)
    tensor = rbo.rests(torch.from_numpy(heights), torch.from_numpy(slopes), 0.5, 1.0)
    assert isinstance(array, np.ndarray) and array.dtype == bool and array.shape == shape
    np.testing.assert_array_equal(array, tensor.numpy())
    assert rbo.rests(heights, slopes, 0.5, 0.0).all()


@pytest.mark.parametrize(
    ("heights", "slopes", "message"),
    [
        (np.zeros(5), np.zeros((1, 5)), r"slopes must be \(n,\), got \(1, 5\)"),
        (np.zeros((5, 5)), np.zeros((5, 5)), r"slopes must be \(2, n, m\), got \(5, 5\)"),
        (np.zeros(5), np.zeros(7), r"slopes must be of points in the middle .* got \(7,\) of \(5,\)"),
        (np.zeros(5), np.zeros(4), "slopes must be of points in the middle"),
        (np.zeros(5), np.full(5, np.nan), "slopes must be finite"),
        (np.full(5, np.nan), np.zeros(5), "heights must be finite"),
    ],
)
def test_misuse(heights, slopes, message):
    with pytest.raises(ValueError, match=message):
        rbo.rests(heights, slopes, 1.0, 1.0)
