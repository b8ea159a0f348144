"""The spline through a slice against scipy, finite differences and the loss; courses against `fit`."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.interpolate import CubicSpline

from landscapes.neural import MLP, Data, PathDirections, Slice, Trained, Training, fit, loss_slice
from landscapes.neural.course import Course
from landscapes.neural.sampled import Spline, departure, sampled

SHORT = Training(Data("moons", samples=60, corrupted=0.2), MLP(1, 6, "tanh"), steps=60, record=4)


@pytest.fixture(scope="module")
def trained() -> Trained:
    return fit(SHORT)


@pytest.fixture(scope="module")
def exact(trained: Trained) -> Slice:
    batch = trained.dataset.inputs, trained.dataset.targets
    return loss_slice(trained.model, F.cross_entropy, batch, PathDirections(trained.path))


def test_a_spline_is_the_natural_one():
    """Of values that do not depend on y it is scipy's natural cubic spline, with both derivatives."""
    x = np.linspace(-1.0, 2.0, 9)
    values = np.sin(3 * x)
    ours = Spline((-1.0, 0.0), (2.0, 1.0), torch.tensor(values)[:, None].expand(9, 5))
    theirs = CubicSpline(x, values, bc_type="natural")
    at = np.linspace(-1.0, 2.0, 41)
    points = torch.tensor(np.column_stack([at, np.full(41, 0.3)]))
    f, g, hess = ours.jet(points)
    for order, found in enumerate((f, g[:, 0], hess[:, 0, 0])):
        np.testing.assert_allclose(found.numpy(), theirs(at, order), atol=1e-12)
    assert torch.stack([g[:, 1], hess[:, 1, 1], hess[:, 0, 1]]).abs().max() < 1e-12


def test_a_spline_passes_through_its_values_and_its_derivatives_are_those_of_autograd():
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(7, 8, generator=generator, dtype=torch.float64)
    spline = Spline((0.0, -1.0), (3.0, 1.0), values)
    axes = [torch.linspace(a, b, n, dtype=torch.float64) for a, b, n in ((0, 3, 7), (-1, 1, 8))]
    torch.testing.assert_close(spline.grid(axes), values)
    points = torch.rand(20, 2, generator=generator, dtype=torch.float64) * 2 - torch.tensor([0.0, 1.0])
    torch.testing.assert_close(spline.grid([points[:, 0], points[:, 1]]).diagonal(), spline.value(points))
    by_hand = super(Spline, spline).jet(points)
    for ours, theirs in zip(spline.jet(points), by_hand, strict=True):
        torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(spline.gradient(points), by_hand[1])


def test_beyond_its_grid_a_spline_goes_on_level():
    spline = Spline((0.0, 0.0), (1.0, 1.0), torch.rand(5, 5, generator=torch.Generator().manual_seed(1)))
    far, edge = torch.tensor([[2.0, 0.5]]).double(), torch.tensor([[1.0, 0.5]]).double()
    torch.testing.assert_close(spline.value(far), spline.value(edge))
    assert spline.gradient(far)[0, 0] == 0 and spline.gradient(far)[0, 1] == spline.gradient(edge)[0, 1]


@pytest.mark.parametrize("values", [torch.zeros(3, 9), torch.zeros(9), torch.full((5, 5), torch.nan)])
def test_a_spline_says_what_it_cannot_take(values: torch.Tensor):
    with pytest.raises(ValueError, match=r"values must have shape|not finite on the whole"):
        Spline((0.0, 0.0), (1.0, 1.0), values)


def test_a_sampled_slice_is_the_slice(exact: Slice):
    """At the points of the grid to float32, between them to the order of the spline; also beyond it."""
    surface = sampled(exact, 33)
    axes = exact.axes(33)
    torch.testing.assert_close(surface.grid(axes), exact.grid(axes), rtol=1e-5, atol=1e-6)
    assert departure(surface, exact) < 1e-4 < departure(sampled(exact, 9), exact) * 100
    (low, high), (_, top) = exact.domain
    beyond = torch.tensor([[high + 0.2 * (high - low), top]], dtype=torch.float64)
    torch.testing.assert_close(surface(beyond), exact(beyond), rtol=1e-3, atol=1e-3)


def test_the_first_run_suits_the_slice(exact: Slice, trained: Trained):
    begin = tuple(exact.plane.coordinates(trained.path[:1])[0].tolist())
    surface = sampled(exact, 33, begin)
    assert surface.start == pytest.approx(begin, rel=1e-2)
    assert sampled(exact, 33, (1e3, 0.0)).start != pytest.approx(begin, rel=1e-2)
    width = exact.domain[0][1] - exact.domain[0][0]
    assert sampled(exact, 33, (begin[0], -1e-8 * width)).start == (surface.start[0], 0.0)
    point = torch.tensor(surface.start, dtype=torch.float64)
    for _ in range(50):
        ahead = point - surface.lr * surface.gradient(point)
        assert surface(ahead) <= surface(torch.tensor(surface.start, dtype=torch.float64)) + 1e-9
        point = ahead


@pytest.mark.parametrize("side", [8, 514, True, 33.0])
def test_a_side_out_of_range_is_named(exact: Slice, side: object):
    with pytest.raises(ValueError, match="side must be an integer from 9 to 513"):
        sampled(exact, side)


def test_a_course_is_the_training_whoever_advances_it(trained: Trained):
    course = Course(SHORT)
    while course.advance():
        pass
    whole = course.trained()
    assert torch.equal(whole.path, trained.path) and torch.equal(whole.losses, trained.losses)
    assert whole.outcome == trained.outcome and whole.finished and course.reaches(None)


def test_a_course_that_is_stopped_is_what_fit_leaves_when_stopped():
    course = Course(SHORT)
    while not course.reaches(20):
        course.advance()
    count = len(course.records)
    ours, theirs = course.trained(20), fit(SHORT, lambda progress: progress.step >= 20)
    assert torch.equal(ours.path, theirs.path) and ours.outcome == theirs.outcome and not ours.finished
    assert count == len(ours.path)
    while course.advance():  # and it goes on from there
        pass
    assert course.finished and torch.equal(course.trained(20).path, ours.path)


def test_a_course_that_cannot_begin_says_so_every_time():
    course = Course(Training(Data(samples=60), MLP(2, 900), steps=50_000, record=1))
    with pytest.raises(ValueError, match="has not begun"):
        course.trained()
    for _ in range(2):
        with pytest.raises(ValueError, match="record less often"):
            course.advance()
    assert not course.complete


def test_a_course_that_diverges_says_so():
    course = Course(Training(Data(samples=60), MLP(4, 16), lr=1e6, steps=60, record=4))
    while course.advance():
        pass
    assert course.complete and not course.finished
    assert "no longer finite" in course.trained().outcome
