"""ρ* against closed forms and against the ironed surface of a grid."""

import math

import pytest
import torch

import landscapes
import rbo

WIDE = ((-3.0, 3.0),)


def line(low, high, n):
    return torch.linspace(low, high, n, dtype=torch.float64)[:, None]


@pytest.mark.parametrize("a", [0.3, 1.0, 4.0])
def test_parabola(a):
    """ρ*(x) = √(x² + 1/a²): the binding contact is the mirror point, the curvature there is less."""
    x = line(-1.5, 1.5, 61)
    found = rbo.touch_radius(lambda t: a * t[..., 0].square() / 2, x, WIDE)
    torch.testing.assert_close(found, (x[:, 0].square() + 1 / a**2).sqrt(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("m", [0.4, 2.0])
def test_wedge(m):
    """ρ*(x) = |x|√(1+m²)/m, down to a kink far nearer than the grid can tell."""
    x = torch.cat([line(-1.0, -1e-4, 40), line(1e-4, 1.0, 41), line(1e-5, 3e-3, 20)])
    found = rbo.touch_radius(lambda t: m * t[..., 0].abs(), x, WIDE)
    torch.testing.assert_close(found, x[:, 0].abs() * math.sqrt(1 + m**2) / m, rtol=1e-6, atol=1e-6)


def test_the_apex_of_a_wedge_is_never_touched():
    found = rbo.touch_radius(lambda t: t[..., 0].abs(), torch.zeros(1, 1, dtype=torch.float64), WIDE)
    assert found.item() < 1e-6


@pytest.mark.parametrize("amplitude, length", [(0.2, 1.5), (1.0, 0.7)])
def test_sinusoid(amplitude, length):
    """The bottom of −A cos(2πx/L) is touched up to L²/(4π²A), the crest by any ball."""
    wave = 2 * math.pi / length
    x = torch.tensor([[0.0], [length], [length / 2]], dtype=torch.float64)
    found = rbo.touch_radius(lambda t: -amplitude * torch.cos(wave * t[..., 0]), x, WIDE)
    assert found[:2].tolist() == pytest.approx([1 / (amplitude * wave**2)] * 2, abs=1e-6)
    assert found[2] == math.inf


@pytest.mark.parametrize("shape", [lambda t: -0.7 * t[..., 0].abs(), lambda t: 0.3 * t[..., 0] - 2])
def test_a_ball_of_any_radius_touches_a_roof_and_a_plane(shape):
    assert (rbo.touch_radius(shape, line(-1.1, 1.1, 12), WIDE) == math.inf).all()


def test_circular_bowl_of_two_sides():
    """Every point of a spherical bowl is touched by the sphere itself, and by nothing larger."""
    bowl = 2.0
    points = torch.rand(30, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 1.4 - 0.7
    found = rbo.touch_radius(
        lambda t: bowl - (bowl**2 - t.square().sum(-1)).sqrt(), points, [(-1.2, 1.2)] * 2, spacing=0.05
    )
    torch.testing.assert_close(found, torch.full_like(found, bowl), rtol=0, atol=1e-6)


def test_trough_of_two_sides():
    """Across its floor a parabolic trough is the parabola."""
    points = torch.tensor([[0.4, -1.0], [-1.1, 0.2], [0.0, 0.5]], dtype=torch.float64)
    found = rbo.touch_radius(lambda t: t[..., 0].square(), points, [(-3, 3)] * 2, spacing=0.1)
    torch.testing.assert_close(found, (points[:, 0].square() + 0.25).sqrt(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("angle", [0.0, 0.3, 0.6, 1.2])
def test_shapes_of_one_side_lie_askew(angle):
    """Near the floor of a trough the mirror point is nearer than the grid can tell, and on no axis."""
    across = torch.tensor([math.cos(angle), math.sin(angle)], dtype=torch.float64)
    generator = torch.Generator().manual_seed(5)
    points = torch.rand(80, 2, dtype=torch.float64, generator=generator) * 1.6 - 0.8
    u = line(-0.02, 0.02, 80)[:, 0]
    points[40:] += (u - points @ across)[40:, None] * across  # half of them near the floor
    u = points @ across
    wide = [(-3, 3)] * 2
    trough = rbo.touch_radius(lambda t: (t @ across).square(), points, wide, spacing=0.05)
    torch.testing.assert_close(trough, (u.square() + 0.25).sqrt(), rtol=0, atol=1e-6)
    wedge = rbo.touch_radius(lambda t: 0.7 * (t @ across).abs(), points, wide, spacing=0.05)
    torch.testing.assert_close(wedge, u.abs() * math.sqrt(1.49) / 0.7, rtol=0, atol=1e-6)
    amplitude, wave = 0.2, 4.0
    bottoms = points - u[:, None] * across
    waves = rbo.touch_radius(
        lambda t: -amplitude * torch.cos(wave * (t @ across)), bottoms, wide, spacing=0.05
    )
    torch.testing.assert_close(waves, torch.full_like(waves, 1 / (amplitude * wave**2)), rtol=0, atol=1e-6)


def test_a_scaled_loss_is_the_scaled_graph():
    x = line(-1.0, 1.0, 21)
    scaled = rbo.touch_radius(lambda t: t[..., 0].square(), x, WIDE, loss_scale=1.7)
    torch.testing.assert_close(scaled, rbo.touch_radius(lambda t: 1.7 * t[..., 0].square(), x, WIDE))


@pytest.mark.parametrize("name", ["tilted_wrinkles", "weierstrass_like", "sinusoid"])
def test_agrees_with_the_ironed_surface(name):
    """A ball reaches a grid point exactly when ρ <= ρ*, but for a cell at the edges of what it reaches."""
    loss = landscapes.get(name, dim=1)
    (low, high), n = loss.domain[0], 3001
    radius, step = loss.radius, (high - low) / (n - 1)
    margin = math.ceil(radius / step)
    grid = low + step * torch.arange(-margin, n + margin, dtype=torch.float64)[:, None]
    on_grid = rbo.reachable(loss(grid), step, radius)[margin:-margin]
    sides, points = [(grid[0].item(), grid[-1].item())], grid[margin:-margin]
    wrong = on_grid != (rbo.touch_radius(loss, points, sides) >= radius)
    assert wrong.double().mean() < 0.02
    cell = points[wrong][:, None] + step * line(-1, 1, 41)  # (w, 41, 1)
    within_a_cell = rbo.touch_radius(loss, cell, sides) >= radius
    assert (within_a_cell == on_grid[wrong, None]).any(1).all()


def test_the_summary_rule_is_not_the_whole_truth():
    """ρ > 1/‖∇²f‖ does not mean out of reach, at a maximum; nor ρ < 1/λmax within it, on a parabola."""
    x = torch.tensor([[0.0], [0.9]], dtype=torch.float64)
    assert rbo.touch_radius(lambda t: -5 * t[..., 0].square(), x[:1], WIDE).item() == math.inf
    local = (1 + 0.9**2) ** 1.5  # 1/κ of x²/2 there
    assert rbo.touch_radius(lambda t: t[..., 0].square() / 2, x[1:], WIDE).item() < 0.8 * local


def test_batches_dtypes_and_landscapes():
    loss = landscapes.get("wrinkled_bowl", dim=1)
    points = line(-2, 2, 12).reshape(3, 4, 1)
    found = rbo.touch_radius(loss, points)
    assert found.shape == (3, 4)
    torch.testing.assert_close(found[1, 2], rbo.touch_radius(loss, points[1, 2]))
    single = rbo.touch_radius(loss, points.float())
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), found, rtol=1e-4, atol=1e-4)
    assert rbo.touch_radius(loss, points[:0]).shape == (0, 4)


def test_shrinking_the_domain_can_only_let_larger_balls_in():
    loss = landscapes.get("wrinkled_bowl", dim=1)
    x = line(-0.9, 0.9, 25)
    assert (
        rbo.touch_radius(loss, x, [(-1.0, 1.0)]) >= rbo.touch_radius(loss, x, [(-3.0, 3.0)]) * (1 - 1e-6)
    ).all()


@pytest.mark.parametrize(
    "points, arguments, message",
    [
        (torch.zeros(2, 1), {}, "domain must be given"),
        (torch.zeros(2, 2), {"domain": WIDE}, "points have 2 coordinates but the domain has 1"),
        (torch.zeros(2, 1), {"domain": [(1, -1)]}, "domain needs finite low < high"),
        (torch.zeros(2, 1), {"domain": WIDE, "loss_scale": 0.0}, "loss_scale must be > 0"),
        (torch.zeros(2, 1), {"domain": WIDE, "spacing": -1.0}, "spacing must be > 0"),
        (torch.zeros(2, 1) / 0, {"domain": WIDE}, "must be finite"),
    ],
)
def test_misuse(points, arguments, message):
    with pytest.raises(ValueError, match=message):
        rbo.touch_radius(lambda t: t[..., 0], points, **arguments)
