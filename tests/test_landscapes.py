"""The contract that every landscape keeps, over the whole registry, in one and two dimensions."""

from __future__ import annotations

import itertools
import math
import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import landscapes
from landscapes import Landscape

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def _cases() -> list[tuple[str, dict[str, int]]]:
    cases = []
    for name in landscapes.names():
        has_dim = any(p.name == "dim" for p in landscapes.specification(name).parameters)
        cases += [(name, {"dim": 1}), (name, {"dim": 2})] if has_dim else [(name, {})]
    return cases


EVERY = pytest.mark.parametrize(
    "f", [landscapes.get(n, **p) for n, p in _cases()], ids=lambda f: f"{f.name}-{f.dim}"
)


def _points(f: Landscape, *shape: int, seed: int = 0) -> Tensor:
    low, high = torch.tensor(f.domain, dtype=torch.float64).T
    generator = torch.Generator().manual_seed(seed)
    return low + (high - low) * torch.rand(*shape, f.dim, dtype=torch.float64, generator=generator)


def _axes(f: Landscape, n: int) -> list[Tensor]:
    return [torch.linspace(low, high, n + i, dtype=torch.float64) for i, (low, high) in enumerate(f.domain)]


@EVERY
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("batch", [(), (5,), (2, 3), (0,)])
def test_keeps_batch_shape_dtype_and_device(f, batch, dtype, device):
    theta = _points(f, *batch).to(device, dtype)
    value, (height, gradient, hessian) = f(theta), f.jet(theta)
    shapes = [batch, batch, (*batch, f.dim), (*batch, f.dim), (*batch, f.dim, f.dim)]
    for tensor, shape in zip([value, height, gradient, f.gradient(theta), hessian], shapes, strict=True):
        assert tensor.shape == shape
        assert tensor.dtype == dtype
        assert tensor.device == theta.device


@EVERY
def test_batch_equals_singles(f):
    theta = _points(f, 4, 3)
    singles = [f.jet(point) for point in theta.reshape(-1, f.dim)]
    for together, parts in zip(f.jet(theta), zip(*singles, strict=True), strict=True):
        expected = torch.stack(parts).reshape(together.shape)
        torch.testing.assert_close(
            together, expected, rtol=1e-12, atol=1e-12 * (1 + expected.abs().max().item())
        )


@EVERY
def test_derivatives_are_those_of_finite_differences(f):
    theta, h = _points(f, 40), 1e-6
    steps = h * torch.eye(f.dim, dtype=torch.float64)
    height, gradient, hessian = f.jet(theta)
    slopes = torch.stack([(f(theta + e) - f(theta - e)) / (2 * h) for e in steps], -1)
    bends = torch.stack([(f.gradient(theta + e) - f.gradient(theta - e)) / (2 * h) for e in steps], -1)
    _close(height, f(theta), 1e-13)
    _close(gradient, f.gradient(theta), 1e-13)
    _close(gradient, slopes, 1e-6)
    _close(hessian, bends, 1e-6)
    _close(hessian, hessian.mT, 1e-12)


def _close(actual: Tensor, expected: Tensor, relative: float) -> None:
    """Equal to `relative` times the largest of the expected numbers."""
    torch.testing.assert_close(actual, expected, rtol=0, atol=relative * (1 + expected.abs().max().item()))


@EVERY
def test_closed_form_gradient_is_that_of_autograd(f):
    theta = _points(f, 20).requires_grad_()
    (expected,) = torch.autograd.grad(f(theta).sum(), theta)
    _close(f.gradient(theta.detach()), expected, 1e-12)


@EVERY
def test_grid_equals_evaluation_point_by_point(f):
    axes = _axes(f, 23)
    points = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)
    heights = f.grid(axes)
    assert heights.shape == tuple(len(axis) for axis in axes)
    _close(heights, f(points), 1e-12)
    assert f.grid([axis.float() for axis in axes]).dtype == torch.float32


@EVERY
def test_float32_agrees_with_float64(f):
    theta = _points(f, 200).float()
    # 1.2e-7 is the rounding of a coordinate; whitley's slope of 1e3 makes it visible.
    slope = f.gradient(theta.double()).abs().max().item()
    exact = f(theta.double())
    tolerance = 1e-5 * (1 + exact.abs().max().item()) + 2e-6 * slope
    torch.testing.assert_close(f(theta).double(), exact, rtol=0, atol=tolerance)


@EVERY
def test_stated_minima_are_minima(f):
    generator = torch.Generator().manual_seed(1)
    probes = f(_points(f, 5000))
    for minimum in torch.tensor(f.minima, dtype=torch.float64).reshape(-1, f.dim):
        inside = [low <= x <= high for x, (low, high) in zip(minimum.tolist(), f.domain, strict=True)]
        assert all(inside)
        least, gradient = f(minimum), f.gradient(minimum)
        assert least <= probes.min() + 1e-12
        assert gradient.norm() <= 1e-7 * (1 + f.gradient(_points(f, 100)).norm(dim=-1).max())
        for size in (1e-5, 1e-3, 1e-1):
            around = torch.randn(200, f.dim, dtype=torch.float64, generator=generator)
            assert (f(minimum + size * around) >= least - 1e-12 * (1 + least.abs())).all()


@EVERY
def test_the_story_starts_inside_and_its_numbers_are_positive(f):
    assert len(f.start) == f.dim == len(f.domain)
    assert all(low < x < high for x, (low, high) in zip(f.start, f.domain, strict=True))
    assert f.radius > 0 and f.lr > 0 and f.loss_scale > 0 and f.steps > 0
    assert f.finest_wavelength > 0


@EVERY
def test_a_grid_of_1500_points_resolves_the_default(f):
    width = max(high - low for low, high in f.domain)
    assert 4 * width / f.finest_wavelength <= 1500


@EVERY
def test_the_ball_is_drawn_to_scale(f):
    """Heights λf comparable with the width of the domain: neither a pancake nor a needle."""
    heights = f.loss_scale * f.grid(_axes(f, 101))
    width = f.domain[0][1] - f.domain[0][0]
    assert 0.03 * width < heights.max() - heights.min() < 1.1 * width


@EVERY
def test_gradient_descent_at_the_default_lr_stays_bounded(f):
    theta = torch.tensor(f.start, dtype=torch.float64)
    highest = f(theta)
    for _ in range(f.steps):
        theta = theta - f.lr * f.gradient(theta)
    assert f(theta) <= highest + 1e-9


@pytest.mark.parametrize("name", landscapes.names())
def test_described_for_a_student(name):
    specification = landscapes.specification(name)
    assert len(re.split(r"(?<=\.)\s+(?=[A-Z])", specification.description)) == 2
    assert specification.description.endswith(".")
    assert specification.title and specification.reference
    landscape = landscapes.get(name)
    assert (landscape.name, landscape.title) == (name, specification.title)
    assert landscape.values == {p.name: p.default for p in specification.parameters}
    for p in specification.parameters:
        assert p.description
        assert p.default in p.choices if p.kind == "choice" else p.low <= p.default <= p.high
        assert p.kind == "choice" or p.step > 0


@pytest.mark.parametrize("name", landscapes.names())
def test_parameters_at_both_ends_give_finite_values(name):
    parameters = landscapes.specification(name).parameters
    ends = {p.name: p.choices or (p.low, p.high) for p in parameters}
    settings = [{key: value} for key, values in ends.items() for value in values]
    settings += [{key: values[i] for key, values in ends.items()} for i in (0, -1)]
    for setting in settings:
        f = landscapes.get(name, **setting)
        theta = torch.cat(
            [_points(f, 50), torch.tensor(list(itertools.product(*f.domain)), dtype=torch.float64)]
        )
        for tensor in (*f.jet(theta), f.grid(_axes(f, 17))):
            assert tensor.isfinite().all(), setting
        assert all(low <= x <= high for x, (low, high) in zip(f.start, f.domain, strict=True)), setting


@EVERY
def test_works_in_every_autograd_mode_and_touches_no_global_state(f):
    theta = _points(f, 3)
    fresh = landscapes.get(f.name, **f.values)
    state = torch.random.get_rng_state()
    with torch.inference_mode():
        inferred = fresh.jet(theta.clone())
        built_inside = landscapes.get(f.name, **f.values)
        built_inside.jet(theta)
    with torch.no_grad():
        quiet = fresh.jet(theta)
    for a, b in zip(inferred, quiet, strict=True):
        assert torch.equal(a, b)
    for landscape in (fresh, built_inside):  # constants made in inference mode must not break autograd later
        point = theta.clone().requires_grad_()
        landscape(point).sum().backward()
        assert torch.equal(point.grad.isfinite(), torch.ones_like(theta, dtype=torch.bool))
    assert torch.equal(state, torch.random.get_rng_state())
    assert torch.is_grad_enabled() and torch.get_default_dtype() == torch.float32


@EVERY
def test_nan_in_nan_out(f):
    assert f(torch.full((f.dim,), math.nan)).isnan()


def test_the_default_story_comes_first():
    assert landscapes.names()[0] == "wrinkled_bowl"
    assert len(set(landscapes.names())) == len(landscapes.names()) >= 25


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("rosenbrok", {}, ["rosenbrok", "rosenbrock", "landscapes.names()"]),
        ("", {}, ["''", "landscapes.names()"]),
        (None, {}, ["None", "landscapes.names()"]),
        ("himmelblau", {"dim": 2}, ["himmelblau", "'dim'", "none"]),
        ("rastrigin", {"amplitud": 2}, ["rastrigin", "'amplitud'", "amplitude"]),
        ("weierstrass", {"terms": 2.0}, ["weierstrass", "terms", "integer", "0 to 5", "2.0"]),
        ("weierstrass", {"terms": True}, ["weierstrass", "terms", "True"]),
        ("weierstrass", {"terms": 99}, ["weierstrass", "terms", "0 to 5", "99"]),
        ("weierstrass", {"decay": True}, ["weierstrass", "decay", "True"]),
        ("weierstrass", {"decay": math.nan}, ["weierstrass", "decay", "0.1 to 0.9", "nan"]),
        ("weierstrass", {"decay": "0.5"}, ["weierstrass", "decay", "'0.5'"]),
        ("weierstrass", {"decay": None}, ["weierstrass", "decay", "None"]),
        ("fractal_noise", {"basis": "cubic"}, ["fractal_noise", "basis", "gradient, value", "'cubic'"]),
    ],
)
def test_a_wrong_name_or_parameter_is_named(name, parameters, words):
    with pytest.raises(ValueError) as error:
        landscapes.get(name, **parameters)
    assert all(word in str(error.value) for word in words), str(error.value)


@EVERY
def test_a_wrong_point_is_named(f):
    wrong = torch.zeros(4, 3)
    for call in (f, f.gradient, f.jet):
        with pytest.raises(ValueError, match=rf"{f.name}.*\(\.\.\., {f.dim}\).*\(4, 3\)"):
            call(wrong)
    with pytest.raises(ValueError, match="floating"):
        f(torch.zeros(f.dim, dtype=torch.int64))
    with pytest.raises(ValueError, match="axes"):
        f.grid([torch.zeros(2)] * 3)


@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers())
def test_a_number_is_accepted_exactly_within_its_range(value):
    if 0.1 <= value <= 0.9:
        assert landscapes.get("weierstrass", decay=value).values["decay"] == value
    else:
        with pytest.raises(ValueError, match="decay"):
            landscapes.get("weierstrass", decay=value)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=3), st.sampled_from(_cases()))
def test_any_batch_shape_goes_through(batch, case):
    name, parameters = case
    f = landscapes.get(name, **parameters)
    theta = torch.zeros(*batch, f.dim) + 0.3
    assert [tensor.shape for tensor in f.jet(theta)] == [
        tuple(batch),
        (*batch, f.dim),
        (*batch, f.dim, f.dim),
    ]
