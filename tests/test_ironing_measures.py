"""Each measure of ironing on functions whose answer is known."""

import math

import numpy as np
import pytest
import torch
from scipy import fft, ndimage

import rbo
from rbo import ironing

X = np.linspace(-3, 3, 601)
STEP = 0.01


def wave(n, length):
    """A cosine sampled in the middle of n unit cells."""
    return np.cos(2 * np.pi * (np.arange(n) + 0.5) / length)


# --- local minima


@pytest.mark.parametrize("periods", [1, 4, 9])
def test_minima_of_cosines(periods):
    """Between two points as well, where both are lowest."""
    assert ironing.local_minima(wave(360, 360 / periods)) == periods
    grid = wave(120, 120 / 3)[:, None] + wave(180, 180 / periods)
    assert ironing.local_minima(grid) == 3 * periods
    assert ironing.local_minima(torch.from_numpy(grid)) == 3 * periods


def test_flat_patches_count_once_and_only_where_they_are_the_bottom():
    steps = np.array([5.0, 5, 3, 3, 3, 4, 4, 1, 1, 2, 2, 2, 6, 0, 0])
    assert ironing.local_minima(steps) == 2  # 3 3 3 and 1 1; 2 2 2 is a terrace, 0 0 is at the edge
    terrace = np.full((40, 50), 2.0)
    terrace[5:30, 10:40] = 1.0
    assert ironing.local_minima(terrace) == 1
    terrace[20, 25] = 0.0  # now the patch has a hole in it
    assert ironing.local_minima(terrace) == 1
    assert ironing.local_minima(np.zeros((30, 40))) == 0


def test_rounding_makes_no_minima_of_a_flat_patch():
    valley = np.abs(np.arange(-60, 61) / 7).clip(2) + 0.1
    noise = np.random.default_rng(4).uniform(-1, 1, valley.shape)
    assert ironing.local_minima(valley + 1e-14 * noise) == 1
    assert ironing.local_minima(valley + 1e-6 * noise) > 1


def test_minima_are_those_of_a_minimum_filter():
    heights = np.random.default_rng(0).standard_normal((50, 70))
    lowest = ndimage.minimum_filter(heights, 3) == heights
    assert ironing.local_minima(heights) == lowest[1:-1, 1:-1].sum()


def test_flat_patches_are_connected_components():
    heights = np.random.default_rng(1).integers(0, 3, (40, 60)).astype(float)
    patches = ironing.flat_patches(torch.from_numpy(heights))
    count = sum(ndimage.label(heights == value, np.ones((3, 3)))[1] for value in range(3))
    assert len(patches.unique()) == count


# --- total variation, slope, curvature


def test_total_variation():
    amplitude, periods = 0.7, 5
    curve = amplitude * np.cos(2 * np.pi * periods * (X + 3) / 6)
    assert ironing.total_variation(curve, STEP) == pytest.approx(4 * amplitude * periods, rel=1e-12)
    plane = 0.3 * X[:, None] - 0.4 * X[:201]
    assert ironing.total_variation(plane, STEP) == pytest.approx(0.5 * 6 * 2)
    cone = np.hypot(X[:, None], X)  # of slope 1 everywhere
    assert ironing.total_variation(cone, STEP) == pytest.approx(36, rel=1e-3)


def test_rms_slope():
    amplitude, length = 0.2, 1.5
    k = 2 * np.pi / length
    curve = amplitude * np.sin(k * X)
    assert ironing.rms_slope(curve, STEP) == pytest.approx(amplitude * k / math.sqrt(2), rel=1e-3)
    surface = curve[:, None] + amplitude * np.sin(2 * k * X)
    assert ironing.rms_slope(surface, STEP) == pytest.approx(amplitude * k * math.sqrt(2.5), rel=1e-3)
    assert ironing.rms_slope(3 * X[:, None] + 4 * X[:9], (STEP, STEP)) == pytest.approx(5)


def test_rms_curvature_of_a_ball_is_one_over_its_radius():
    bowl = 5 - np.sqrt(25 - X**2)
    assert ironing.rms_curvature(bowl, STEP) == pytest.approx(1 / 5, rel=1e-4)
    x = X[::3] / 2
    sphere = np.sqrt(25 - x[:, None] ** 2 - x**2)
    assert ironing.rms_curvature(sphere, 0.015) == pytest.approx(1 / 5, rel=1e-4)


def test_rms_curvature_of_other_shapes():
    cylinder = np.broadcast_to((5 - np.sqrt(25 - X**2))[:, None], (601, 40))
    assert ironing.rms_curvature(cylinder, STEP) == pytest.approx(1 / 5 / math.sqrt(2), rel=1e-4)
    flat_saddle = 0.01 * (X[250:350, None] ** 2 - X[250:350] ** 2)  # κ = ±0.02
    assert ironing.rms_curvature(flat_saddle, STEP) == pytest.approx(0.02, rel=1e-3)
    tilted = 7 * X[:, None] - 3 * X[:50]
    assert ironing.rms_curvature(tilted, STEP) == pytest.approx(0, abs=1e-9)


def test_sides_of_unlike_spacing():
    x, y = np.linspace(-1, 1, 201)[:, None], np.linspace(-1, 1, 81)
    sphere = np.sqrt(9 - x**2 - y**2)
    assert ironing.rms_curvature(sphere, (0.01, 0.025)) == pytest.approx(1 / 3, rel=1e-3)
    plane = 0.3 * x + 0.4 * y
    assert ironing.rms_slope(plane, (0.01, 0.025)) == pytest.approx(0.5)
    assert ironing.total_variation(plane, (0.01, 0.025)) == pytest.approx(0.5 * 4)


# --- unreachable points


def test_unreachable_share_of_a_wedge():
    """|x| < ρm/√(1+m²) is out of reach."""
    m, radius = 1.0, 1.2
    share = ironing.unreachable_share(m * np.abs(X), STEP, radius)
    assert share == pytest.approx(2 * radius / math.sqrt(2) / 6, abs=4 * STEP / 6)
    assert (
        ironing.unreachable_share(-m * np.abs(X), STEP, radius) < 0.3
    )  # at the edges only: no centre beyond


def test_nothing_is_unreachable_for_a_point():
    assert ironing.unreachable_share(wave(90, 7), 1.0, 0.0) == 0
    assert ironing.unreachable_share(torch.zeros(20, 20), 1.0, 30.0) == 0


# --- spectrum


@pytest.mark.parametrize("length", [4, 8, 32])
def test_a_cosine_has_all_its_energy_at_its_wavelength(length):
    waves = ironing.spectrum(3 * wave(128, length), 0.5)
    assert waves.energies.sum() == pytest.approx(4.5)
    assert waves.wavelengths[waves.energies.argmax()] == pytest.approx(length * 0.5)
    assert waves.energies.max() == pytest.approx(4.5)


def test_two_waves_of_a_surface():
    surface = 2 * wave(96, 12)[:, None] + wave(96, 4)
    waves = ironing.spectrum(surface, 0.25)
    at = dict(zip(waves.wavelengths.round(9), waves.energies, strict=True))
    assert at[3.0] == pytest.approx(2.0)
    assert at[1.0] == pytest.approx(0.5)
    assert waves.energies.sum() == pytest.approx(2.5)


@pytest.mark.parametrize("shape", [(50,), (33, 48), (48, 1), (1, 7)])
def test_the_energies_are_the_variance(shape):
    heights = np.random.default_rng(2).standard_normal(shape).cumsum(0)
    waves = ironing.spectrum(heights, 0.3)
    assert waves.energies.sum() == pytest.approx(heights.var())
    assert (np.diff(waves.wavelengths) < 0).all()
    assert len(waves.wavelengths) == len(waves.energies)


def test_the_cosines_are_those_of_scipy():
    heights = np.random.default_rng(3).standard_normal((21, 32))
    found = ironing.cosine_energies(torch.from_numpy(heights)).numpy()
    modes = fft.dctn(heights - heights.mean(), norm="ortho")
    np.testing.assert_allclose(found, modes**2 / heights.size, atol=1e-14)


def test_a_slope_puts_little_energy_into_short_waves():
    """The mirror image joins without a jump: the energy falls as k⁻⁴, not k⁻²."""
    waves = ironing.spectrum(X[:512], STEP)
    assert waves.energies[50:].sum() < 1e-5 * waves.energies.sum()


# --- against the radius


@pytest.mark.parametrize("radius, short_left", [(150.0, 0.8), (300.0, 0.4), (1000.0, 0.1)])
def test_ironing_takes_away_the_short_waves_first(radius, short_left):
    """The bottoms of the short waves are out of reach from a radius of 97, that of the long one from 2280."""
    heights = wave(600, 300) + 0.1 * wave(600, 20)
    raw, left = (
        ironing.spectrum(heights, 1.0),
        ironing.spectrum(rbo.ironed_surface(heights, 1.0, radius), 1.0),
    )
    short = raw.wavelengths < 25
    assert left.energies[short].sum() < short_left * raw.energies[short].sum()
    assert left.energies[~short].sum() > 0.95 * raw.energies[~short].sum()


def test_more_is_out_of_reach_of_a_larger_ball():
    heights = 10 * wave(400, 80)[:, None] + 10 * wave(60, 30)
    shares = [
        ironing.unreachable_share(heights[:, :20], 1.0, r, tolerance=1e-9) for r in (0.0, 5.0, 20.0, 80.0)
    ]
    assert shares[0] == 0
    assert shares == sorted(shares)


@pytest.mark.parametrize(
    "measure",
    [
        ironing.local_minima,
        lambda h: ironing.total_variation(h, 1.0),
        lambda h: ironing.rms_slope(h, 1.0),
        lambda h: ironing.rms_curvature(h, 1.0),
        lambda h: ironing.unreachable_share(h, 1.0, 1.0),
        lambda h: ironing.spectrum(h, 1.0),
    ],
)
def test_misuse(measure):
    with pytest.raises(ValueError, match="heights must be finite"):
        measure(np.array([0.0, np.nan, 1.0]))
    with pytest.raises(ValueError, match="heights must be floating-point"):
        measure(np.zeros((2, 2, 2)))
