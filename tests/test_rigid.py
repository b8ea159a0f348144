"""The rigid ball on every landscape: it never cuts in, whatever the batch, the scale, the dtype."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import landscapes
import rbo
from rbo.nearest import clearance

F64 = torch.float64


def roll_default(landscape, **changes):
    setting = dict(radius=landscape.radius, lr=landscape.lr, steps=60, loss_scale=landscape.loss_scale)
    setting |= {"contact": rbo.Rigid(domain=landscape.domain), "start": landscape.start} | changes
    return rbo.roll(landscape, torch.tensor(setting.pop("start"), dtype=F64), **setting)


def brute_force_distance(loss, scale, center, radius, points):
    """Distance of a centre (d+1,) from Γ over a dense grid, then over denser ones around the best point."""
    at, half = center[:-1], 1.05 * radius
    for _ in range(4):
        axes = [torch.linspace(float(c) - half, float(c) + half, points, dtype=F64) for c in at]
        grid = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)
        distance = ((grid - center[:-1]).square().sum(-1) + (scale * loss(grid) - center[-1]).square()).sqrt()
        distance = distance.nan_to_num(nan=torch.inf)
        best = distance.argmin()
        at, half = grid.flatten(0, -2)[best], 4 * half / points
    return float(distance.min())


@pytest.mark.parametrize("name", landscapes.names())
def test_clearance_of_every_landscape_against_brute_force(name):
    landscape = landscapes.get(name)
    path = roll_default(landscape)
    tolerance = 1e-4 * landscape.radius
    assert path.clearance.abs().max() < tolerance
    points = 301 if landscape.dim == 2 else 20001
    for step in np.linspace(0, len(path.centers) - 1, 3).astype(int):
        distance = brute_force_distance(
            landscape, landscape.loss_scale, path.centers[step], landscape.radius, points
        )
        assert abs(distance - landscape.radius) < tolerance


@pytest.mark.parametrize(
    ("name", "share", "scale"),
    [  # small balls between kinks; then walls of slopes in the hundreds
        ("takagi", 0.3, None),
        ("himmelblau", 0.3, 1.0),
        ("gaussian_mse", 1.0, 1.0),
        ("rastrigin", 1.0, 1.0),
    ],
)
def test_clearance_from_anywhere(name, share, scale):
    landscape = landscapes.get(name)
    low, high = torch.tensor(landscape.domain, dtype=F64).T
    start = low + (high - low) * torch.rand(24, 2, generator=torch.Generator().manual_seed(3), dtype=F64)
    radius, scale = share * landscape.radius, scale or landscape.loss_scale
    contact = rbo.Rigid(landscape.domain)
    path = rbo.roll(landscape, start, radius, landscape.lr, 60, contact, loss_scale=scale)
    finer = contact.prepare(path.graph, start, path.radii).field.spacing / 2
    balls = path.contacts.flatten(0, 1), path.centers.flatten(0, 1), path.radii.expand(61, 24).flatten()
    assert clearance(path.graph, *balls, spacing=finer).abs().max() < 1e-4 * radius


@pytest.mark.parametrize(
    ("name", "radius", "start"),
    [  # contacts near the balls' equators, where the drop has its top between the points of the grid
        ("weierstrass", 0.04, (1.0614673077638637, 0.29442903133189846)),
        ("whitley", 0.018, (0.7508459499843287, 1.4851689164905195)),
        ("ackley", 0.15, (0.43334245937483207, -0.3981962751332082)),
        ("fbm_surface", 0.06, (-2.0916341215483287, 2.0266149939300613)),
        ("weierstrass_like", 0.06, (1.956204020101361, 0.7014095675189278)),
        ("fractal_noise", 0.15, (1.1335472682884653, 1.501872730849092)),
        ("gaussian_mse", 0.08, (-1.4189546752136841, 2.5464959880337528)),
        ("tilted_wrinkles", 0.18, (0.16658335467350494, -0.28071479819108447)),  # two tops in one flat drop
    ],
)
def test_clearance_where_the_contact_is_hard_to_see(name, radius, start):
    landscape = landscapes.get(name)
    path = roll_default(landscape, radius=radius, start=start, steps=40)
    assert path.clearance.abs().max() < 1e-4 * radius


def test_clearance_of_a_small_ball_that_runs_along_an_axis():
    path = rbo.roll(
        lambda p: p[..., 0].square(),
        torch.tensor([1.0, 0.0], dtype=F64),
        radius=1e-3,
        lr=0.1,
        steps=40,
        contact=rbo.Rigid(((-2, 2), (-2, 2))),
    )
    assert path.clearance.abs().max() < 1e-7


@pytest.mark.parametrize("name", ["wrinkled_bowl", "weierstrass", "takagi", "sinusoid", "roof"])
def test_clearance_in_one_dimension(name):
    landscape = landscapes.get(name, dim=1)
    assert roll_default(landscape).clearance.abs().max() < 1e-4 * landscape.radius


def test_clearance_of_a_family_of_balls():
    bowl = landscapes.get("wrinkled_bowl")
    radii = torch.logspace(-1.5, 0.2, 16, dtype=F64)
    path = roll_default(bowl, radius=radii, steps=150)
    assert (path.clearance.abs() / radii).max() < 1e-4
    assert (path.touching >= 1).all()


@pytest.mark.parametrize("name", ["wrinkled_bowl", "himmelblau", "fractal_noise"])
def test_a_vanishing_ball_is_gradient_descent(name):
    landscape = landscapes.get(name)
    tiny = roll_default(landscape, radius=1e-9, steps=40)
    point = rbo.descend(landscape, torch.tensor(landscape.start, dtype=F64), lr=landscape.lr, steps=40)
    assert torch.allclose(tiny.centers[..., :-1], point.contacts, atol=1e-6, rtol=0)
    assert torch.allclose(tiny.losses, point.losses, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", ["wrinkled_bowl", "weierstrass", "takagi"])
def test_a_batch_equals_its_single_runs(name):
    """Whatever the others: their radii grow the table that is searched, their number the batch."""
    landscape = landscapes.get(name)
    start = torch.tensor(landscape.start, dtype=F64)
    starts = start + torch.tensor([[0.0, 0.0], [0.1, -0.2], [-0.1, 0.1]], dtype=F64)
    radii = landscape.radius * torch.tensor([0.4, 1.0, 1.7], dtype=F64)
    rates = landscape.lr * torch.tensor([0.7, 1.0, 1.2], dtype=F64)
    setting = dict(steps=100, contact=rbo.Rigid(landscape.domain), loss_scale=landscape.loss_scale)
    together = rbo.roll(landscape, starts, radius=radii, lr=rates, **setting)
    kinks = 1e-4 if name == "takagi" else 1e-9  # a contact on a kink is found by shrinking, not by Newton
    for i in range(3):
        alone = rbo.roll(landscape, starts[i], radius=float(radii[i]), lr=float(rates[i]), **setting)
        assert torch.allclose(together.centers[:, i], alone.centers, atol=kinks, rtol=0)
        assert together.outcome[i] == alone.outcome


@pytest.mark.parametrize("name", landscapes.names())
def test_a_family_of_radii_equals_its_single_runs(name):
    """Small balls and large ones are followed in different ways; none may see how the others are."""
    landscape = landscapes.get(name)
    radii = landscape.radius * torch.tensor([0.1, 0.4, 1.0, 2.5], dtype=F64)
    together = roll_default(landscape, radius=radii, steps=30)
    for i, radius in enumerate(radii.tolist()):
        alone = roll_default(landscape, radius=radius, steps=30)
        assert torch.allclose(together.centers[:, i], alone.centers, atol=1e-8 * radius, rtol=0)
        spent = int(alone.evaluations[-1])
        assert int(together.evaluations_of[-1, i]) == pytest.approx(spent, rel=0.02)


def test_shifting_the_loss_shifts_the_path():
    bowl = landscapes.get("wrinkled_bowl")
    shifted = rbo.roll(
        lambda p: bowl(p) + 5.0,
        torch.tensor(bowl.start, dtype=F64),
        radius=0.6,
        lr=0.03,
        steps=30,
        contact=rbo.Rigid(domain=bowl.domain, spacing=0.02),
    )
    contact = rbo.Rigid(domain=bowl.domain, spacing=0.02)
    plain = roll_default(bowl, radius=0.6, lr=0.03, steps=30, contact=contact)
    assert torch.allclose(shifted.centers[..., :-1], plain.centers[..., :-1], atol=1e-4)
    assert torch.allclose(shifted.centers[..., -1] - 5, plain.centers[..., -1], atol=1e-4)


def test_the_loss_scale_is_the_geometry_of_the_scaled_loss():
    """A ball on (θ, λf) with rate η is a ball on (θ, g), g = λf, with rate η/λ."""
    landscape = landscapes.get("himmelblau")
    start, contact = torch.tensor(landscape.start, dtype=F64), rbo.Rigid(domain=landscape.domain)
    scaled = rbo.roll(landscape, start, radius=0.8, lr=0.002, steps=50, contact=contact, loss_scale=0.01)
    same = rbo.roll(lambda p: 0.01 * landscape(p), start, radius=0.8, lr=0.2, steps=50, contact=contact)
    assert torch.allclose(scaled.centers, same.centers, atol=1e-7)
    assert torch.allclose(scaled.losses * 0.01, same.losses, atol=1e-7)


def test_single_precision_agrees_as_far_as_it_can():
    bowl = landscapes.get("wrinkled_bowl")
    double = roll_default(bowl, steps=40)
    single = rbo.roll(
        bowl,
        torch.tensor(bowl.start),
        radius=bowl.radius,
        lr=bowl.lr,
        steps=40,
        contact=rbo.Rigid(bowl.domain),
    )
    assert single.centers.dtype == torch.float32
    assert torch.allclose(single.centers.double(), double.centers, atol=2e-3)
    assert single.clearance.abs().max() < 1e-3 * bowl.radius


@pytest.mark.parametrize("name", ["quadratic", "himmelblau", "sinusoid", "weierstrass"])
def test_single_precision_ends_as_double_precision_does(name):
    landscape = landscapes.get(name)
    setting = dict(radius=landscape.radius, lr=landscape.lr, steps=60, loss_scale=landscape.loss_scale)
    contact, start = rbo.Rigid(landscape.domain), torch.tensor(landscape.start)
    single = rbo.roll(landscape, start, contact=contact, **setting)
    double = rbo.roll(landscape, start.double(), contact=contact, **setting)
    assert single.outcome in (double.outcome, "rests")
    assert torch.allclose(single.centers[-1].double(), double.centers[-1], atol=1e-2)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_the_device_of_the_start_is_used_throughout():
    bowl = landscapes.get("wrinkled_bowl")
    start = torch.tensor(bowl.start, dtype=F64, device="cuda")
    path = rbo.roll(bowl, start, radius=0.6, lr=0.03, steps=40, contact=rbo.Rigid(bowl.domain))
    assert path.centers.device.type == "cuda"
    assert torch.allclose(path.centers.cpu(), roll_default(bowl, steps=40).centers, atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(x=st.floats(-2, 2), y=st.floats(-2, 2), radius=st.floats(0.02, 1.5), seed=st.integers(0, 50))
def test_wherever_it_is_dropped_the_ball_rests_on_the_surface(x, y, radius, seed):
    bowl = landscapes.get("wrinkled_bowl", seed=seed)
    start = torch.tensor([x, y], dtype=F64)
    path = rbo.roll(bowl, start, radius=radius, lr=0.02, steps=3, contact=rbo.Rigid(bowl.domain))
    assert path.clearance.abs().max() < 1e-4 * radius
    foot = torch.cat([path.contacts, path.losses[..., None]], -1)
    assert torch.allclose((path.centers - foot).norm(dim=-1), torch.tensor(radius, dtype=F64), rtol=1e-4)


def test_radius_and_lr_may_be_schedules():
    bowl = landscapes.get("wrinkled_bowl")
    path = roll_default(bowl, radius=lambda t: 0.8 * 0.98**t, lr=lambda t: 0.03 / (1 + 0.01 * t), steps=50)
    expected = torch.tensor([0.8 * 0.98**t for t in range(51)], dtype=F64)
    still = path.radii == path.radii[-1]
    assert torch.allclose(path.radii[~still], expected[~still])
    assert (path.clearance.abs() / path.radii).max() < 1e-4
