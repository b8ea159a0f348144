"""The rigid ball against the closed-form answers: planes, parabolas, bowls, wedges, roofs, sinusoids."""

import math

import pytest
import torch

import rbo

F64 = torch.float64


def drop(loss, x, radius, half=3.0):
    """The ball of one radius dropped at x (d,): contact (d,), height of its centre, number of contacts."""
    start = torch.tensor(x, dtype=F64)
    contact = rbo.Rigid(domain=((-half, half),) * len(x))
    path = rbo.roll(loss, start, radius=radius, lr=0.01, steps=0, contact=contact)
    return path.contacts[0], float(path.centers[0, -1]), int(path.touching[0])


@pytest.mark.parametrize("radius", [0.05, 0.5, 2.0])
@pytest.mark.parametrize("w", [(0.3, -0.7), (2.0, 5.0), (0.0, 0.0)])
def test_plane(w, radius):
    w = torch.tensor(w, dtype=F64)
    contact, height, _ = drop(lambda p: p @ w + 0.4, (0.2, -0.5), radius)
    x, s = torch.tensor([0.2, -0.5], dtype=F64), (1 + w @ w).sqrt()
    assert height == pytest.approx(float(x @ w + 0.4 + radius * s), abs=1e-6)
    assert torch.allclose(contact, x + radius * w / s, atol=1e-6, rtol=0)


@pytest.mark.parametrize("a,radius", [(2.0, 1.3), (1.0, 2.5), (5.0, 0.4)])
def test_a_ball_too_big_for_a_parabola_touches_it_twice(a, radius):
    contact, height, touching = drop(lambda p: a * p[..., 0] ** 2 / 2, (0.0,), radius)
    assert touching == 2
    assert abs(float(contact)) == pytest.approx(math.sqrt(radius**2 - 1 / a**2), abs=1e-6)
    assert height == pytest.approx((a**2 * radius**2 + 1) / (2 * a), abs=1e-6)
    gap = height - radius
    assert gap == pytest.approx((a * radius - 1) ** 2 / (2 * a), abs=1e-6)


@pytest.mark.parametrize("radius", [0.1, 0.4])
def test_a_small_ball_touches_the_bottom_of_a_parabola_once(radius):
    contact, height, touching = drop(lambda p: p[..., 0] ** 2, (0.0,), radius)
    assert (touching, height) == (1, pytest.approx(radius, abs=1e-6))
    assert float(contact) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("x", [(0.0, 0.0), (0.5, 0.2), (-0.9, 0.6)])
def test_circular_bowl(x):
    big, radius = 2.0, 0.6
    contact, height, _ = drop(lambda p: big - (big**2 - p.square().sum(-1)).sqrt(), x, radius, half=1.2)
    x = torch.tensor(x, dtype=F64)
    assert height == pytest.approx(float(big - ((big - radius) ** 2 - x @ x).sqrt()), abs=1e-6)
    assert torch.allclose(contact, x * big / (big - radius), atol=1e-6, rtol=0)


@pytest.mark.parametrize("m", [0.2, 1.0, 3.0])
@pytest.mark.parametrize("x", [0.0, 0.013, -0.7])
@pytest.mark.parametrize("radius", [0.02, 0.4])
def test_wedge_whose_apex_is_never_touched(m, x, radius):
    contact, height, touching = drop(lambda p: m * p[..., 0].abs(), (x,), radius)
    s = math.sqrt(1 + m * m)
    assert height == pytest.approx(m * abs(x) + radius * s, abs=1e-6)
    assert abs(float(contact)) == pytest.approx(abs(x) + radius * m / s, abs=1e-6)
    assert touching == (2 if x == 0 else 1)


@pytest.mark.parametrize("x", [0.0, 0.05, 0.14, 0.2, -0.9])
def test_roof_whose_crest_is_touched_from_both_sides(x):
    m, radius = 0.7, 0.3
    s = math.sqrt(1 + m * m)
    contact, height, _ = drop(lambda p: -m * p[..., 0].abs(), (x,), radius)
    on_crest = abs(x) <= m * radius / s
    assert height == pytest.approx(
        math.sqrt(radius**2 - x * x) if on_crest else -m * abs(x) + radius * s, abs=1e-6
    )
    if on_crest:
        assert float(contact) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("share,touches", [(0.98, True), (1.02, False)])
def test_the_bottom_of_a_sinusoid_is_touched_up_to_its_radius_of_curvature(share, touches):
    amplitude, wavelength = 0.1, 1.0
    radius = share * wavelength**2 / (4 * math.pi**2 * amplitude)
    contact, _, _ = drop(
        lambda p: -amplitude * torch.cos(2 * math.pi * p[..., 0] / wavelength), (0.0,), radius
    )
    assert (abs(float(contact)) < 1e-6) == touches


def test_wedge_trough_has_no_wobble():
    trough = lambda p: p[..., 0].abs() + 0.1 * p[..., 1]  # noqa: E731
    start, lr = torch.tensor([0.02, 0.0], dtype=F64), 0.05
    domain = ((-3, 3), (-3, 3))
    path = rbo.roll(trough, start, radius=0.3, lr=lr, steps=40, contact=rbo.Rigid(domain=domain))
    assert path.centers[1:, 0].abs().max() < 1e-12
    assert torch.allclose(path.centers[:, 1].diff()[1:], torch.tensor(-0.1 * lr, dtype=F64), rtol=1e-9)
    assert (path.touching[1:] == 2).all()


@pytest.mark.parametrize("lr,converges", [(0.39, True), (0.41, False)])
def test_the_largest_stable_step_is_shorter_than_that_of_a_point(lr, converges):
    """Stable iff η < 2(1/λmax − ρ): here λmax = 2 and ρ = 0.3, so 0.4; a point would be stable up to 1."""
    start = torch.tensor([0.01], dtype=F64)
    contact = rbo.Rigid(domain=((-2, 2),))
    path = rbo.roll(lambda p: p[..., 0] ** 2, start, radius=0.3, lr=lr, steps=80, contact=contact)
    assert (abs(float(path.centers[-1, 0])) < 0.01) == converges
