"""The records of ironing, and the arrays of the page against scipy and closed forms, right up to the edge."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from scipy import ndimage

import landscapes
import rbo
from figures import Profile, Relief, multiples
from figures.measures import Measures, banded
from interface import compute, own
from interface.experiment import has_curve, names
from interface.ironing import surfaces
from interface.ironing.picture import record_of
from interface.ironing.view import View, usual


def ironed(view: View, *radii: float) -> Profile | Relief:
    return record_of(view, surfaces.iron(surfaces.ironing(view), radii))


def profile(**settings: object) -> Profile:
    record = ironed(usual("sinusoid"), 0.1, 0.2)
    return replace(record, **settings)


def relief(**settings: object) -> Relief:
    return replace(ironed(usual("sinusoid", dim=2), 0.1, 0.2), **settings)


@pytest.mark.parametrize(
    ("record", "field", "wrong", "message"),
    [
        (profile, "heights", np.zeros(3), r"heights must have shape \(961,\), got \(3,\)"),
        (profile, "radii", [0.2, 0.1], "radii must be finite and strictly increasing"),
        (profile, "radii", [-0.1, 0.1], "radii must be > 0, got -0.1"),
        (profile, "touch", np.zeros((2, 961)), r"touch must have shape \(2, 961, 2\)"),
        (profile, "touch", np.tile([1.0, 0.0], (2, 961, 1)), "touch must hold the leftmost contact first"),
        (profile, "notes", ("",), "notes must have one sentence per radius, 2, got 1"),
        (profile, "loss_scale", 0.0, "loss_scale must be > 0, got 0.0"),
        (profile, "heights", np.full(961, np.nan), "heights must be finite"),
        (profile, "ironed", np.full((2, 961), -9.0), "ironed must nowhere be below the heights"),
        (
            profile,
            "centers",
            np.zeros((2, 961)),
            "centers must nowhere be nearer to the heights than a radius",
        ),
        (relief, "y", [0.0, 1.0], r"heights must have shape \(2, 193\)"),
        (relief, "reachable", np.zeros((2, 3, 3)), r"reachable must have shape \(2, 193, 193\)"),
        (relief, "centers", "no numbers", "centers must be an array of numbers"),
    ],
)
def test_a_record_names_the_field_that_is_wrong(record, field: str, wrong: object, message: str):
    with pytest.raises(ValueError, match=message):
        record(**{field: wrong})


def test_a_relief_takes_only_a_film_of_its_radii():
    view = usual("saddle", dim=2, steps=3, paths=True)
    film, _ = compute.film(replace(view, radius=0.3), whole=False)
    assert replace(ironed(view, 0.3), film=film).film is film
    with pytest.raises(ValueError, match="film must hold the path of a ball of every radius"):
        replace(ironed(view, 0.31), film=film)


# --- the arrays of the page


def wider(view: View, record: Profile | Relief, radius: float) -> tuple[np.ndarray, list[float], tuple]:
    """λf on a grid that goes on for three radii, its spacing, and where the picture lies in it."""
    axes = [record.x] if isinstance(record, Profile) else [record.x, record.y]
    steps = [axis[1] - axis[0] for axis in axes]
    cells = [int(3 * radius / step) + 2 for step in steps]
    long = [
        torch.tensor(axis[0] + step * np.arange(-n, len(axis) + n))
        for axis, step, n in zip(axes, steps, cells, strict=True)
    ]
    loss = view.ground()
    heights = view.scale * loss(torch.stack(torch.meshgrid(*long, indexing="xy"), -1))
    inner = tuple(slice(n, n + len(axis)) for axis, n in reversed(list(zip(axes, cells, strict=True))))
    return heights.numpy(), steps[::-1], inner


def hemisphere(steps: list[float], radius: float) -> dict[str, np.ndarray]:
    """The ball as scipy wants it."""
    sides = [np.arange(-int(radius / step), int(radius / step) + 1) * step for step in steps]
    square = sum(side**2 for side in np.meshgrid(*sides, indexing="ij"))
    return {"footprint": square <= radius**2, "structure": np.sqrt(np.clip(radius**2 - square, 0, None))}


@pytest.mark.parametrize(
    ("view", "radius"),
    [
        (usual("wrinkled_bowl"), 0.31),
        (usual("weierstrass"), 0.9),
        (usual("himmelblau", section=1.3), 0.7),
        (usual("wrinkled_bowl", dim=2), 0.17),
        (usual("beale", dim=2), 0.11),
        (usual("rosenbrock", dim=2, scale=0.01), 0.1),
    ],
    ids=lambda value: f"{value.landscape}-{value.dim}" if isinstance(value, View) else str(value),
)
def test_the_surfaces_are_those_of_scipy_on_a_grid_that_goes_on(view: View, radius: float):
    record = ironed(view, radius)
    heights, steps, inner = wider(view, record, radius)
    ball = hemisphere(steps, radius)
    center = ndimage.grey_dilation(heights, **ball)
    closed = ndimage.grey_erosion(center, **ball)
    size = np.abs(heights).max()
    np.testing.assert_allclose(record.heights, heights[inner], atol=1e-12 * size)
    np.testing.assert_allclose(record.centers[0], center[inner], atol=1e-12 * size)
    expected = np.where(
        record.reachable[0], record.heights, closed[inner]
    )  # there it is the landscape itself
    np.testing.assert_allclose(record.ironed[0], expected, atol=1e-12 * size)


@pytest.mark.parametrize("dim", [1, 2])
def test_a_plane_has_its_closed_form_up_to_the_edge(dim: int):
    record = ironed(usual("plane", dim=dim), 0.5)
    values = usual("plane").surface().values
    s = np.sqrt(1 + values["slope"] ** 2)
    np.testing.assert_allclose(record.centers[0], record.heights + 0.5 * s, atol=2e-4)
    np.testing.assert_allclose(record.ironed[0], record.heights, atol=4e-4)
    assert record.reachable.all()


def test_a_ball_in_a_circular_bowl():
    """Centres on a circle of radius R − ρ; contact xR/(R − ρ); turns (R − ρ)/ρ times its angle there."""
    R, rho = 2.0, 0.8
    record = ironed(usual("circular_bowl", {"bowl_radius": R}), rho)
    inside = np.abs(record.x) < 0.9 * (R - rho) * 0.95
    x, step = record.x[inside], record.x[1] - record.x[0]
    np.testing.assert_allclose(record.centers[0, inside], R - np.sqrt((R - rho) ** 2 - x**2), atol=1e-5)
    np.testing.assert_allclose(record.touch[0, inside, 0], x * R / (R - rho), atol=step)
    np.testing.assert_array_equal(record.touch[0, inside, 0], record.touch[0, inside, 1])
    angle = np.arcsin(x / (R - rho)) * (R - rho) / rho
    turned = record.turns[0, inside]
    np.testing.assert_allclose(turned - turned[0], angle - angle[0], atol=1e-4)


def test_a_parabola_is_touched_twice_where_its_bottom_is_out_of_reach():
    a, rho = 2.0, 1.0
    record = ironed(usual("parabolic_trough", {"curvature": a}), rho)
    step, middle = record.x[1] - record.x[0], len(record.x) // 2
    contact = np.sqrt(rho**2 - 1 / a**2)
    np.testing.assert_allclose(record.touch[0, middle], [-contact, contact], atol=step / 4)
    assert (record.touch[0, :, 0] < record.touch[0, :, 1]).sum() == 1
    out = np.abs(record.x) < contact
    assert (record.reachable[0] == ~out).mean() > 0.99
    assert record.centers[0, middle] == pytest.approx((a**2 * rho**2 + 1) / (2 * a), abs=1e-5)
    assert record.ironed[0, middle] == pytest.approx((a * rho - 1) ** 2 / (2 * a), abs=1e-5)


@pytest.mark.parametrize(
    ("name", "share"),
    [("quadratic", 0.9), ("quadratic", 1.0), ("quadratic", 1.02), ("styblinski_tang", 0.93), ("wedge", 1.0)],
)
def test_what_is_reached_is_what_the_largest_ball_says_beside_the_critical_radius_too(name, share):
    """A grid of centres alone sees a pocket below 1/κ, where there is none: F is all but kinked there."""
    view = usual(name)
    loss, critical = view.ground(), {"quadratic": 1.0, "styblinski_tang": 0.8607, "wedge": 0.5}[name]
    record = ironed(view, share * critical)
    largest = rbo.touch_radius(loss, torch.tensor(record.x)[:, None], loss_scale=view.scale).numpy()
    np.testing.assert_array_equal(record.reachable[0], largest >= record.radii[0] * (1 - 1e-9))
    pockets = np.diff((~record.reachable[0]).astype(int)).clip(0).sum()
    assert (record.touch[0, :, 0] < record.touch[0, :, 1]).sum() == pockets


@pytest.mark.parametrize(
    ("name", "radius"),
    [("wrinkled_bowl", 0.15), ("wrinkled_bowl", 0.6), ("himmelblau", 2.0), ("ackley", 0.75)],
)
def test_what_is_reached_of_a_surface_is_what_the_largest_ball_says(name: str, radius: float):
    """Where the grid's own closing says a third of this, on wrinkles only a few points wide."""
    view = usual(name, dim=2)
    record, loss = ironed(view, radius), view.ground()
    generator = np.random.default_rng(0)
    i, j = generator.integers(len(record.x), size=150), generator.integers(len(record.y), size=150)
    points = torch.tensor(np.stack([record.x[i], record.y[j]], -1))
    wide = [(low - 2 * radius, high + 2 * radius) for low, high in loss.domain]
    largest = rbo.touch_radius(loss, points, wide, loss_scale=view.scale).numpy()
    reached = record.reachable[0][j, i]
    assert reached[largest >= radius].all()
    assert (reached == (largest >= radius)).mean() >= 0.97  # what is between the points of the grid it misses


def test_the_contact_moves_to_the_right_and_lies_on_ball_and_curve():
    record = ironed(usual("wrinkled_bowl"), 0.2, 0.6)
    loss = usual("wrinkled_bowl").ground()
    for r, radius in enumerate(record.radii):
        ends = record.touch[r]
        assert (np.diff(ends.min(1)) >= -1e-3 * radius).all() and (ends[:, 0] <= ends[:, 1]).all()
        heights = loss(torch.tensor(ends)[..., None]).numpy()
        away = np.hypot(ends - record.x[:, None], heights - record.centers[r][:, None])
        one = ends[:, 0] == ends[:, 1]
        np.testing.assert_allclose(away[one] / radius, 1, atol=2e-3)
        np.testing.assert_allclose(away[~one] / radius, 1, atol=3e-2)  # a cell from where it touches both


def test_a_roof_is_reached_everywhere_and_a_wedge_not_at_its_apex():
    assert ironed(usual("roof"), 0.3, 0.9).reachable.all()
    wedge = ironed(usual("wedge"), 0.3)
    m = usual("wedge").surface().values["steepness"]
    out = 0.3 * m / np.sqrt(1 + m**2)  # ρ*(x) = |x|√(1+m²)/m
    clear = np.abs(np.abs(wedge.x) - out) > 2 * (wedge.x[1] - wedge.x[0])
    np.testing.assert_array_equal(wedge.reachable[0, clear], np.abs(wedge.x[clear]) > out)


@pytest.mark.parametrize("dim", [1, 2])
def test_the_slope_at_a_kink_is_that_between_its_neighbours(dim: int):
    """√(x² + y²) has none at 0: its derivative is 0/0 there."""
    view = usual(own.NAME, {"formula": "sqrt(x^2 + y^2)"}, dim=dim, **({"section": 0.0} if dim == 1 else {}))
    record = ironed(view, 0.5)
    out = 0.5 / np.sqrt(2)  # of a cone of slope 1, as of the wedge
    away = np.abs(record.x) if dim == 1 else np.hypot(record.y[:, None], record.x)
    clear = np.abs(away - out) > 2 * (record.x[1] - record.x[0])
    np.testing.assert_array_equal(record.reachable[0][clear], away[clear] > out)


def test_what_is_reached_shrinks_as_the_radius_grows():
    record = record_of(usual("fbm_surface"), surfaces.family(surfaces.ironing(usual("fbm_surface"))))
    shares = record.reachable.mean(1)
    assert (np.diff(shares) < 0.01).all() and shares[-1] < shares[0]


def test_neither_the_radius_of_a_view_nor_its_paths_are_part_of_its_surfaces():
    view = usual("saddle", dim=2)
    others = (replace(view, radius=0.123), replace(view, paths=True), replace(view, lr=0.3, start=(0.0, 0.0)))
    assert {surfaces.ironing(other) for other in others} == {surfaces.ironing(view)}
    assert surfaces.ironing(replace(view, scale=2.0)) != surfaces.ironing(view)


def test_too_coarse_a_grid_says_so():
    record = ironed(usual("whitley", dim=2), 0.005, 0.1)
    assert "too fine for a grid" in record.notes[0] and "smaller than two cells" in record.notes[0]
    assert "too fine for a grid" in record.notes[1] and "smaller than two cells" not in record.notes[1]
    assert ironed(usual("plane"), 0.005, 0.5).notes == (
        "This ball is smaller than two cells of the grid, 0.0042 each: its surfaces are coarse.",
        "",
    )
    assert (
        "twice as fine has 80 for the number of local minima, not 54"
        in ironed(usual("rosenbrock", dim=2), 0.2).notes[0]
    )
    assert "reaches farther beyond the picture" in ironed(usual("plane", dim=2), 1.5).notes[0]


# --- sections, measures


@pytest.mark.parametrize("name", [name for name in names() if not has_curve(name, {})])
def test_a_section_is_the_surface_at_its_y(name: str):
    view = usual(name)
    curve, surface = view.ground(), view.surface()
    x = torch.linspace(*surface.domain[0], 17, dtype=torch.float64)[:, None]
    point = torch.cat([x, torch.full_like(x, view.section)], 1)
    torch.testing.assert_close(curve(x), surface(point))
    torch.testing.assert_close(curve.grid([x[:, 0]]), surface(point))
    torch.testing.assert_close(curve.gradient(x)[:, 0], surface.gradient(point)[:, 0])
    f, g, hessian = curve.jet(x)
    torch.testing.assert_close((f, g[:, 0]), (surface(point), surface.gradient(point)[:, 0]))
    torch.testing.assert_close(hessian[:, 0, 0], surface.jet(point)[2][:, 0, 0])


def test_only_a_surface_has_sections_and_only_in_its_domain():
    with pytest.raises(ValueError, match="only a surface has sections, got one with dim 1"):
        landscapes.section(landscapes.get("wedge", dim=1), 0.0)
    with pytest.raises(ValueError, match=r"y must be a number from -5 to 5, got 5\.5"):
        landscapes.section(landscapes.get("himmelblau"), 5.5)


def test_bands_keep_the_energy():
    waves = rbo.spectrum(np.random.default_rng(0).standard_normal(200), 0.1)
    middles, sums = banded(*waves)
    assert sums.sum() == pytest.approx(waves.energies.sum()) and (np.diff(middles) < 0).all()


def test_measures_name_what_is_wrong():
    given = {f.name: () for f in fields(Measures)} | {"radii": [0.1, 0.2], "names": ("a",), "raw": (1.0,)}
    with pytest.raises(ValueError, match=r"ironed: a must have shape \(2,\), got \(1,\)"):
        Measures(**given | {"ironed": (np.zeros(1),)})


@pytest.mark.parametrize(("name", "rises"), [("parabolic_trough", True), ("roof", False), ("plane", False)])
def test_the_panels_say_why_a_centre_curve_spans_more(name, rises):
    record = ironed(usual(name), 0.5, 2.0)
    raw = np.ptp(record.heights)
    assert (max(np.ptp(record.centers, axis=1)) > 1.001 * raw) == rises
    text = multiples.describe(record)
    assert f"The raw curve spans {raw:.3g}" in text
    assert ("holds a ball up" in text) == rises
