"""Landscapes against independent oracles: published values, direct sums, spectra and statistics."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import rosen, rosen_der, rosen_hess

import landscapes
import rbo
from landscapes.gaussians import GaussianDips
from landscapes.noise import PERIOD, FractalNoise
from landscapes.waves import WaveSum


def _at(name: str, *theta: float, **parameters: float) -> float:
    return landscapes.get(name, **parameters)(torch.tensor(theta, dtype=torch.float64)).item()


def _random(*shape: int, low: float = -3.0, high: float = 3.0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).uniform(low, high, shape))


# --- published values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "theta", "value"),
    [
        ("rosenbrock", (1, 1), 0),
        ("rosenbrock", (-1, 2), 104),
        ("himmelblau", (3, 2), 0),
        ("himmelblau", (0, 0), 170),
        ("himmelblau", (-0.270845, -0.923039), 181.617),  # its only local maximum
        ("rastrigin", (0, 0), 0),
        ("rastrigin", (0.5, 0.5), 40.5),
        ("ackley", (0, 0), 0),
        ("ackley", (1, 1), 20 - 20 * math.exp(-0.2)),
        ("beale", (3, 0.5), 0),
        ("beale", (0, 0), 14.203125),
        ("styblinski_tang", (-2.903534, -2.903534), -78.33233),
        ("styblinski_tang", (0, 0), 0),
        ("whitley", (1, 1), 0),
        ("sine_mse", (1.5, 1), 0),
        ("circular_bowl", (0.6, 0.8), 2 - math.sqrt(3)),
        ("wedge", (-0.5, 1), 0.6),
        ("roof", (-0.5, 1), -0.25),
        ("parabolic_trough", (0.5, 1), 0.35),
        ("sinusoid", (0.25, 0), 0),
    ],
)
def test_published_values(name, theta, value):
    assert _at(name, *theta) == pytest.approx(
        value, abs=1e-3 if isinstance(value, float) and value > 100 else 1e-5
    )


def test_squares_never_fall_below_zero():
    for name in ("rosenbrock", "himmelblau", "beale"):
        f = landscapes.get(name)
        near = torch.tensor(f.minima, dtype=torch.float64)[:, None] + 1e-9 * _random(200, 2)
        assert (f(near) >= 0).all()


def test_rosenbrock_is_that_of_scipy():
    f = landscapes.get("rosenbrock")
    for theta in _random(10, 2):
        value, gradient, hessian = f.jet(theta)
        np.testing.assert_allclose(value, rosen(theta), rtol=1e-12)
        np.testing.assert_allclose(gradient, rosen_der(theta), rtol=1e-11)
        np.testing.assert_allclose(hessian, rosen_hess(theta), rtol=1e-12)


def test_the_minimum_of_styblinski_tang_is_a_root_of_its_derivative():
    (minimum,) = landscapes.get("styblinski_tang", dim=1).minima
    assert minimum[0] == pytest.approx(np.roots([2, 0, -16, 2.5]).real.min(), abs=1e-13)


def test_ackley_against_its_published_formula():
    x = _random(50, 2, low=-4, high=4)
    expected = (
        -20 * torch.exp(-0.2 * torch.sqrt((x**2).mean(-1)))
        - torch.exp(torch.cos(2 * math.pi * x).mean(-1))
        + 20
        + math.e
    )
    torch.testing.assert_close(landscapes.get("ackley")(x), expected, rtol=0, atol=1e-13)


def test_whitley_against_its_double_sum():
    x = _random(50, 2, low=0.5, high=1.5)
    expected = torch.zeros(50, dtype=torch.float64)
    for i in range(2):
        for j in range(2):
            t = 100 * (x[:, i] ** 2 - x[:, j]) ** 2 + (1 - x[:, j]) ** 2
            expected += t**2 / 4000 - torch.cos(t) + 1
    torch.testing.assert_close(landscapes.get("whitley")(x), expected, rtol=0, atol=1e-10)


def test_the_finest_wavelength_of_whitley_is_that_of_its_steepest_argument():
    axis = torch.linspace(0.5, 1.5, 101, dtype=torch.float64)
    x, y = torch.meshgrid(axis, axis, indexing="ij")
    steepest = 0.0
    for a, b in ((x, y), (x, x)):
        a, b = a.clone().requires_grad_(), b.clone().requires_grad_()
        t = 100 * (a**2 - b) ** 2 + (1 - b) ** 2
        ga, gb = torch.autograd.grad(t.sum(), (a, b))
        slope = torch.hypot(ga, gb) if b is not a else ga + gb
        steepest = max(steepest, slope.max().item())
    assert landscapes.get("whitley").finest_wavelength == pytest.approx(2 * math.pi / steepest, rel=1e-12)


def test_sine_mse_against_its_mean():
    f = landscapes.get("sine_mse", samples=40, span=7, frequency=2.0)
    x = np.linspace(0, 7, 40)
    theta = _random(20, 2)
    expected = [((b * np.sin(a * x) - np.sin(2.0 * x)) ** 2).mean() for a, b in theta.numpy()]
    np.testing.assert_allclose(f(theta), expected, rtol=1e-12)


@pytest.mark.parametrize("sigma", [0.05, 0.1, 0.5])
def test_gaussian_dips_against_the_full_sum(sigma):
    centres = np.random.default_rng(3).uniform(-3, 3, (300, 2))
    theta = _random(200, 2)
    squares = ((theta.numpy()[:, None] - centres) ** 2).sum(-1)
    expected = (theta.numpy() ** 2).sum(-1) - np.exp(-squares / (2 * sigma**2)).sum(-1)
    np.testing.assert_allclose(GaussianDips(centres, sigma).value(theta), expected, rtol=0, atol=1e-10)


# --- sums of waves ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("decay", "ratio", "terms"), [(0.5, 3, 3), (0.7, 2, 5), (0.3, 7, 2)])
def test_weierstrass_against_its_sum(decay, ratio, terms):
    theta = _random(30, 2, low=-2, high=2)
    f = landscapes.get("weierstrass", decay=decay, ratio=ratio, terms=terms)
    expected = sum(decay**k * torch.cos(ratio**k * math.pi * theta).sum(-1) for k in range(terms + 1))
    torch.testing.assert_close(f(theta), expected, rtol=0, atol=1e-11)
    assert f(torch.zeros(2, dtype=torch.float64)).item() == pytest.approx(
        2 * sum(decay**k for k in range(terms + 1))
    )
    assert f.finest_wavelength == pytest.approx(2 / ratio**terms)


def test_weierstrass_like_against_its_sum():
    theta = _random(30, 2)
    expected = sum(torch.sin(k**2 * theta).sum(-1) / k**2 for k in range(1, 9))
    torch.testing.assert_close(
        landscapes.get("weierstrass_like", terms=8)(theta), expected, rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("name", ["wrinkled_bowl", "tilted_wrinkles"])
@pytest.mark.parametrize("dim", [1, 2])
def test_without_wrinkles_the_bare_shape_remains(name, dim):
    f = landscapes.get(name, dim=dim, amplitude=0)
    _, _, hessian = f.jet(_random(10, dim))
    steepness = f.values.get("steepness", 0.0)
    torch.testing.assert_close(
        hessian, (steepness * torch.eye(dim, dtype=torch.float64)).expand(10, dim, dim)
    )
    assert f.finest_wavelength == math.inf


@pytest.mark.parametrize("name", ["wrinkled_bowl", "tilted_wrinkles"])
def test_wrinkles_are_bounded_and_of_the_stated_height(name):
    bare, wrinkled = landscapes.get(name, amplitude=0), landscapes.get(name, amplitude=0.05)
    axes = [torch.linspace(-30, 30, 601, dtype=torch.float64)] * 2
    wrinkles = wrinkled.grid(axes) - bare.grid(axes)
    assert wrinkles.square().mean().sqrt().item() == pytest.approx(0.05, rel=0.03)
    assert wrinkles.abs().max() < 0.05 * math.sqrt(2 * 20)  # 20 waves in phase, by Cauchy and Schwarz


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("weierstrass", {}),
        ("weierstrass", {"ratio": 2, "terms": 5, "decay": 0.9}),
        ("weierstrass_like", {}),
        ("fbm_surface", {"hurst": 0.2}),
        ("wrinkled_bowl", {}),
        ("tilted_wrinkles", {"octaves": 3}),
        ("sinusoid", {}),
    ],
)
def test_no_wave_is_shorter_than_the_finest_wavelength(name, parameters):
    """The spectrum of a 1-D profile ends at the stated wavelength, and reaches it."""
    f = landscapes.get(name, dim=1, **parameters)
    x = np.linspace(0, 60 * f.finest_wavelength, 60 * 8, endpoint=False)
    profile = f(torch.from_numpy(x)[:, None]).numpy()
    profile = profile - np.polyval(np.polyfit(x, profile, 2), x)
    power = np.abs(np.fft.rfft(profile * np.blackman(len(x)))) ** 2
    frequency = np.fft.rfftfreq(len(x), x[1]) * f.finest_wavelength  # 1 = the finest wave
    total = power.sum()
    assert power[frequency > 1.06].sum() < 1e-6 * total
    assert power[(frequency > 0.9) & (frequency < 1.06)].sum() > 1e-5 * total


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3), st.integers(0, 6), st.integers(0, 1000))
def test_wave_sum_jet_and_grid_against_a_plain_loop(dim, count, seed):
    random = np.random.default_rng(seed)
    a, k, phi = random.normal(size=count), random.normal(size=(count, dim)), random.normal(size=count)
    b, A = random.normal(size=dim), random.normal(size=(dim, dim))
    A = A + A.T
    f = WaveSum(dim, 0.7, b, A, a, k, phi)
    x = random.normal(size=(4, dim))
    angles = x @ k.T + phi
    value = 0.7 + x @ b + 0.5 * np.einsum("ni,ij,nj->n", x, A, x) + np.cos(angles) @ a
    gradient = b + x @ A - np.sin(angles) @ (a[:, None] * k)
    hessian = A - np.einsum("nk,k,ki,kj->nij", np.cos(angles), a, k, k)
    for actual, expected in zip(f.jet(torch.from_numpy(x)), (value, gradient, hessian), strict=True):
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-11)
    axes = [torch.from_numpy(random.normal(size=3 + i)) for i in range(dim)]
    points = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)
    torch.testing.assert_close(f.grid(axes), f.value(points), rtol=0, atol=1e-11)


# --- fractal laws -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("hurst", [0.3, 0.5, 0.7])
def test_increments_of_the_brownian_surface_scale_with_the_hurst_exponent(dim, hurst):
    """E|f(x+Δ) − f(x)|² ∝ |Δ|^{2H} inside the band of wavelengths; the finite band allows 2H ± 0.15."""
    lags = torch.logspace(-1.0, -0.2, 8, dtype=torch.float64)  # 0.1 to 0.63, between 12/2⁷ and 12
    x = _random(400, dim)
    direction = (
        torch.tensor([0.6, 0.8], dtype=torch.float64) if dim == 2 else torch.ones(1, dtype=torch.float64)
    )
    moments = torch.zeros_like(lags)
    for seed in range(40):
        f = landscapes.get("fbm_surface", dim=dim, seed=seed, hurst=hurst, octaves=7, wavelength=12)
        shifted = x[None] + lags[:, None, None] * direction
        moments += (f(shifted) - f(x)).square().mean(-1)
    slope = np.polyfit(lags.log(), moments.log(), 1)[0]
    assert slope == pytest.approx(2 * hurst, abs=0.15)


def test_the_amplitude_of_the_brownian_surface_is_its_standard_deviation():
    heights = torch.stack(
        [landscapes.get("fbm_surface", seed=s, amplitude=0.4)(_random(500, 2)) for s in range(60)]
    )
    assert heights.square().mean().sqrt().item() == pytest.approx(0.4, rel=0.05)


@pytest.mark.parametrize(
    "name", ["wrinkled_bowl", "tilted_wrinkles", "fbm_surface", "fractal_noise", "gaussian_mse"]
)
def test_the_seed_decides(name):
    theta = _random(20, 2)
    first, again, other = (landscapes.get(name, seed=s)(theta) for s in (3, 3, 4))
    assert torch.equal(first, again)
    assert (first - other).abs().max() > 1e-3


def test_takagi_at_dyadic_points_and_at_a_third():
    """T(1/2) = T(1/4) = 1/2 and T(1/3) = 2/3 in the limit, T(x) = T(1 − x)."""
    T = landscapes.get("takagi", dim=1, terms=9)
    x = torch.tensor([[0.0], [0.5], [0.25], [0.75], [0.125], [1 / 3]], dtype=torch.float64)
    expected = torch.tensor([0, 1 / 2, 1 / 2, 1 / 2, 3 / 8, 2 / 3 * (1 - 2**-10)], dtype=torch.float64)
    torch.testing.assert_close(T(x), expected, rtol=0, atol=1e-12)
    y = _random(50, 1)
    torch.testing.assert_close(T(y), T(1 - y), rtol=0, atol=1e-12)


def test_takagi_with_weight_a_quarter_is_a_parabola():
    """Σ 4^{−n} s(2^n x) = 2x(1 − x) on [0, 1] (Archimedes)."""
    x = torch.linspace(0, 1, 101, dtype=torch.float64)[:, None]
    T = landscapes.get("takagi", dim=1, weight=0.25, terms=9)(x)
    torch.testing.assert_close(T, (2 * x * (1 - x))[:, 0], rtol=0, atol=4**-9.0)


# --- noise --------------------------------------------------------------------------------------------------


def _noise(octaves: int = 1, basis: str = "gradient", ridged: bool = False) -> FractalNoise:
    return FractalNoise(
        seed=5, amplitude=1.0, spacing=1.0, octaves=octaves, hurst=0.8, basis=basis, ridged=ridged
    )


def _lattice(noise: FractalNoise, n: int = 6) -> torch.Tensor:
    """Lattice points of the first octave."""
    origin = noise._constants.like(torch.zeros(1, dtype=torch.float64)).origins[0]
    axis = torch.arange(n, dtype=torch.float64)
    return torch.cartesian_prod(axis, axis) - origin


def test_gradient_noise_vanishes_at_the_lattice_with_a_slope_of_one():
    noise = _noise()
    value, gradient, _ = noise.jet(_lattice(noise))
    torch.testing.assert_close(value, torch.zeros_like(value), rtol=0, atol=1e-12)
    torch.testing.assert_close(gradient.norm(dim=-1), torch.ones_like(value), rtol=0, atol=1e-9)


def test_value_noise_stays_between_its_lattice_values():
    noise = _noise(basis="value")
    assert noise.value(_random(5000, 2)).abs().max() <= 1
    gradient = noise.jet(_lattice(noise))[1]
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-9)


@pytest.mark.parametrize("basis", ["gradient", "value"])
@pytest.mark.parametrize("ridged", [False, True])
def test_noise_is_twice_continuously_differentiable_across_cells(basis, ridged):
    noise = _noise(basis=basis, ridged=ridged)
    wall = _lattice(noise) + torch.tensor([0.0, 0.37], dtype=torch.float64)
    step = torch.tensor([1e-9, 0.0], dtype=torch.float64)
    for left, right in zip(noise.jet(wall - step), noise.jet(wall + step), strict=True):
        torch.testing.assert_close(left, right, rtol=0, atol=1e-5)


def test_noise_repeats_only_after_its_period():
    noise, theta = _noise(), _random(50, 2)
    torch.testing.assert_close(noise.value(theta + PERIOD), noise.value(theta), rtol=0, atol=1e-9)
    assert (noise.value(theta + PERIOD // 2) - noise.value(theta)).abs().max() > 0.1


def test_ridges_are_crests_of_bounded_curvature():
    """r(n) = 1 − √(n² + ε²) is at most 1 − ε, and its curvature there is −|∇n|²/ε."""
    noise = _noise(ridged=True)
    value, gradient, hessian = noise.jet(_lattice(noise))
    torch.testing.assert_close(value, torch.full_like(value, 0.9), rtol=0, atol=1e-9)
    assert gradient.abs().max() < 1e-9
    torch.testing.assert_close(
        torch.linalg.eigvalsh(hessian)[:, 0], torch.full_like(value, -10), rtol=0, atol=1e-6
    )
    assert noise.value(_random(5000, 2)).max() <= 0.9 + 1e-12


# --- the default story --------------------------------------------------------------------------------------


def _brute_force_roll(f: landscapes.Landscape) -> torch.Tensor:
    """The last contact of the default run: GD on F_ρ, the highest drop on a fine patch."""
    rho, x = f.radius, torch.tensor(f.start, dtype=torch.float64)
    offsets = torch.linspace(-rho, rho, 121, dtype=torch.float64)
    squares = offsets[:, None] ** 2 + offsets**2
    lift = torch.where(squares <= rho**2, (rho**2 - squares).clamp(min=0).sqrt(), -math.inf)
    for _ in range(f.steps):
        drop = f.grid([x[0] + offsets, x[1] + offsets]) + lift
        i, j = divmod(int(drop.argmax()), len(offsets))
        contact = x + torch.stack([offsets[i], offsets[j]])
        x = x - f.lr * f.gradient(contact)
    return contact


@pytest.mark.parametrize("seed", [7, 0, 1, 2, 3])
def test_in_the_wrinkled_bowl_the_ball_reaches_the_valley_and_gradient_descent_does_not(seed):
    f = landscapes.get("wrinkled_bowl", seed=seed)
    point = torch.tensor(f.start, dtype=torch.float64)
    for _ in range(f.steps):
        point = point - f.lr * f.gradient(point)
    stuck, ball = f(point).item(), f(_brute_force_roll(f)).item()
    assert f.gradient(point).norm() < 1e-3  # it has come to rest
    assert ball < 0.25 < 0.6 < stuck
    if seed == landscapes.get("wrinkled_bowl").values["seed"]:  # in the very first wrinkle
        assert (point - torch.tensor(f.start, dtype=torch.float64)).norm() < 0.25 * f.radius
        assert ball < 0.1 < 1.4 < stuck


def test_the_run_of_whitley_tells_what_its_description_says():
    """A small ball reaches the hollow at (1, 1); gradient descent stays in a wrinkle on the way."""
    whitley = landscapes.get("whitley")
    start, way = torch.tensor(whitley.start, dtype=torch.float64), (whitley.lr, whitley.steps)
    ball = rbo.roll(whitley, start, whitley.radius, *way, loss_scale=whitley.loss_scale)
    point = rbo.descend(whitley, start, *way)
    assert ball.losses[-1] < 0.01 and (ball.contacts[-1] - 1).norm() < 0.05
    assert point.losses[-1] > 1 and (point.contacts[-1] - 1).norm() > 0.05
