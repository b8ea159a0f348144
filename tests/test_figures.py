"""Figures show what closed forms say: the arrays first, then the Plotly figures that carry them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import figures
from figures import above, ball, losses, scene, section, surface, theme

BOWL = 2.0  # radius R of the circular bowl
RADII = np.array([0.2, 0.5, 0.9])
STEPS = 12


def bowl(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return BOWL - np.sqrt(BOWL**2 - x**2 - y**2)


def make_film(x, heights, centers, contacts, radii=RADII, **changes) -> figures.Film:
    """Balls with these centres and contacts (R, T+1, 3), beside gradient descent on the first contacts."""
    balls, frames, _ = contacts.shape
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (balls, frames, 1))
    count = np.broadcast_to(np.arange(frames), (balls, frames))
    point = figures.PointPath(
        "Gradient descent", contacts[0], contacts[0, :, 2], count[0], frames - 4, "stuck in a wrinkle"
    )
    fields = {
        "clearance": np.zeros((balls, frames)),
        "touching": np.ones((balls, frames)),
        "evaluations": count,
        "ends": np.full(balls, frames - 2),
        "outcomes": ("rests",) * balls,
        "points": (point,),
        "title": "Circular bowl",
    }
    record = {"x": x, "y": x, "heights": heights, "radii": radii, "contacts": contacts, "centers": centers}
    return figures.Film(**record | {"rotations": rotations, "losses": contacts[..., 2]} | fields | changes)


@pytest.fixture(scope="module")
def film() -> figures.Film:
    """Balls in a circular bowl of radius R: F = R - sqrt((R-ρ)² - |x|²), contact xR/(R-ρ)."""
    x = np.linspace(-1.3, 1.3, 201)
    time = np.linspace(0, 1, STEPS + 1)
    time[-1] = time[-2]  # at rest at the end
    ways = np.stack([0.5 * (1 - time) + 0.1, 0.3 * (1 - time**2)], -1)  # (T+1, 2)
    inner = (BOWL - RADII)[:, None, None]
    places = ways * inner / (BOWL - RADII[0])  # (R, T+1, 2)
    heights = BOWL - np.sqrt(inner**2 - (places**2).sum(-1, keepdims=True))
    touched = places * BOWL / inner
    contacts = np.concatenate([touched, bowl(*np.moveaxis(touched, -1, 0))[..., None]], -1)
    return make_film(x, bowl(*np.meshgrid(x, x)), np.concatenate([places, heights], -1), contacts)


# The ball


@given(rings=st.integers(1, 20), sectors=st.integers(3, 30))
def test_the_sphere_is_closed_and_has_no_handle(rings: int, sectors: int) -> None:
    mesh = ball.unit_sphere(rings, sectors)
    edges = np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]])
    directed = {tuple(edge) for edge in edges.tolist()}
    assert len(directed) == len(edges)  # each edge once in each direction: closed and oriented
    assert all((b, a) in directed for a, b in directed)
    assert len(mesh.vertices) - len(directed) // 2 + len(mesh.faces) == 2
    assert np.unique(mesh.faces).size == len(mesh.vertices)


def test_the_sphere_is_round_and_looks_outward() -> None:
    mesh = ball.unit_sphere()
    assert np.allclose(np.linalg.norm(mesh.vertices, axis=-1), 1)
    a, b, c = np.moveaxis(mesh.vertices[mesh.faces], 1, 0)
    normals = np.cross(b - a, c - a)
    assert ((normals * (a + b + c)).sum(-1) > 0).all()
    volume = (a * np.cross(b, c)).sum() / 6
    assert volume == pytest.approx(4 * np.pi / 3, rel=0.03)
    assert mesh.striped.sum() == len(mesh.faces) // 2


@given(st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: np.linalg.norm(q) > 0.1))
def test_a_pose_is_rigid_and_turns_like_scipy(q: tuple[float, ...]) -> None:
    quaternion = np.array(q) / np.linalg.norm(q)
    center, radius = np.array([0.3, -1.0, 2.0]), 0.7
    sphere = ball.unit_sphere().vertices
    placed = ball.pose(center, quaternion, radius, sphere)
    assert np.allclose(np.linalg.norm(placed - center, axis=-1), radius)
    turned = Rotation.from_quat(quaternion, scalar_first=True).apply(sphere)
    assert np.allclose(placed, center + radius * turned)


def test_a_sphere_needs_three_sectors() -> None:
    with pytest.raises(ValueError, match="got 5 and 2"):
        ball.unit_sphere(5, 2)


# The section


def distance_to_curve(cut: section.Section) -> float:
    return np.nanmin(np.hypot(cut.u - cut.center[0], cut.heights - cut.center[1]))


@pytest.mark.parametrize("step", [0, 5, STEPS])
@pytest.mark.parametrize("index", range(len(RADII)))
def test_the_circle_touches_the_bowl(film: figures.Film, index: int, step: int) -> None:
    """Balls that move along a radius of the bowl: the plane of travel holds the contact."""
    straight = dataclasses.replace(
        film, centers=film.centers * [1, 0, 1] + section_lift(film), contacts=on_axis(film)
    )
    cut = section.section_curve(straight, index, step, samples=20001)
    assert cut.contact_offset < 1e-12
    assert distance_to_curve(cut) == pytest.approx(RADII[index], abs=1e-6)
    assert np.interp(cut.contact[0], cut.u, cut.heights) == pytest.approx(cut.contact[1], abs=1e-6)
    assert np.hypot(*(cut.contact - cut.center)) == pytest.approx(RADII[index])


def section_lift(film: figures.Film) -> np.ndarray:
    """What brings the centres of the film, moved to y = 0, back onto the centre surface."""
    inner = (BOWL - RADII)[:, None]
    height = BOWL - np.sqrt(inner**2 - film.centers[..., 0] ** 2)
    return np.stack([0 * height, 0 * height, height - film.centers[..., 2]], -1)


def on_axis(film: figures.Film) -> np.ndarray:
    """Contacts xR/(R-ρ) of the centres moved to y = 0."""
    x = film.centers[..., 0] * (BOWL / (BOWL - RADII))[:, None]
    return np.stack([x, 0 * x, bowl(x, 0 * x)], -1)


def test_the_circle_touches_a_plane() -> None:
    """Contact x + ρw/√(1+|w|²), F = w·x + ρ√(1+|w|²), and the ball moves along -w."""
    slope = np.array([0.4, -0.3])
    x = np.linspace(-3, 3, 61)
    size = np.sqrt(1 + slope @ slope)
    places = np.tile(np.linspace(0, -1, 6)[:, None] * slope, (3, 1, 1))
    lift = RADII[:, None, None] * size
    touched = places + RADII[:, None, None] * slope / size
    film = make_film(
        x,
        slope[0] * x + slope[1] * x[:, None],
        np.concatenate([places, places @ slope[:, None] + lift], -1),
        np.concatenate([touched, touched @ slope[:, None]], -1),
    )
    for index, radius in enumerate(RADII):
        cut = section.section_curve(film, index, 2, samples=20001)
        assert np.allclose(cut.direction, -slope / np.linalg.norm(slope))
        assert cut.contact_offset < 1e-12
        assert cut.contact[0] < 0  # behind the ball
        assert distance_to_curve(cut) == pytest.approx(radius, abs=1e-7)


def test_a_ball_too_big_for_a_parabola_touches_twice() -> None:
    """ax²/2 with ρ > 1/a: contacts ±√(ρ² - 1/a²), centre height (a²ρ²+1)/(2a), gap (aρ-1)²/(2a)."""
    a, radius = 4.0, 0.6
    x = np.linspace(-2, 2, 401)
    contact = np.sqrt(radius**2 - 1 / a**2)
    center = [0.0, 0.0, (a**2 * radius**2 + 1) / (2 * a)]
    still = np.tile(center, (1, 5, 1))
    touched = np.tile([contact, 0.0, a * contact**2 / 2], (1, 5, 1))
    film = make_film(x, np.tile(a * x**2 / 2, (x.size, 1)), still, touched, radii=[radius])
    cut = section.section_curve(film, 0, 1, samples=20001)
    assert np.array_equal(cut.direction, [1, 0])  # at rest from the start
    gaps = np.hypot(cut.u, cut.heights - cut.center[1])
    assert gaps.min() == pytest.approx(radius, abs=1e-6)
    assert abs(cut.u[gaps.argmin()]) == pytest.approx(contact, abs=1e-3)
    gap = cut.center[1] - radius - np.interp(0, cut.u, cut.heights)
    assert gap == pytest.approx((a * radius - 1) ** 2 / (2 * a), abs=1e-6)
    assert "ahead of the centre" in section.describe(film, 0, 1)


def test_the_direction_is_that_of_the_next_move_and_of_the_last_at_rest() -> None:
    centers = np.array([[0, 0, 0], [1, 0, 0], [1, 0, 0], [1, 2, 0], [1, 2, 0]], float)
    headings = [section.travel_direction(centers, t).tolist() for t in range(5)]
    assert headings == [[1, 0], [0, 1], [0, 1], [0, 1], [0, 1]]


def test_a_section_ends_with_the_domain_and_passes_over_holes(film: figures.Film) -> None:
    cut = section.section_curve(film, 2, 0, half_width=5)
    assert np.isnan(cut.heights[[0, -1]]).all()
    heights = film.heights.copy()
    heights[0, 0] = np.nan
    holed = section.section_curve(dataclasses.replace(film, heights=heights), 2, 0, half_width=5)
    assert np.array_equal(np.isnan(holed.heights), np.isnan(cut.heights))
    assert np.nanmax(np.abs(holed.heights - cut.heights)) < 2e-3  # linear instead of cubic


# The film


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("heights", np.zeros((3, 4)), r"heights must have shape \(201, 201\), got \(3, 4\)"),
        ("x", np.zeros(201), "x must be finite and strictly increasing"),
        ("y", np.zeros((2, 2)), r"y must be 1-D with at least 2 values, got shape \(2, 2\)"),
        ("radii", [0.2, 0.5], r"contacts must have shape \(2, 13, 3\), got \(3, 13, 3\)"),
        ("radii", [-0.2, 0.5, 1], "radii must be > 0, got -0.2"),
        ("centers", np.zeros((3, 13, 2)), r"centers must have shape \(3, 13, 3\), got \(3, 13, 2\)"),
        ("contacts", np.zeros((13, 3)), r"contacts must have shape \(R, T\+1, 3\), got \(13, 3\)"),
        ("rotations", np.zeros((3, 13, 4)), "rotations must be unit quaternions"),
        ("losses", [["a"]], "losses must be an array of numbers"),
        ("ends", [0, 1, 13], "ends must be steps from 0 to 12"),
        ("outcomes", ("rests",), "outcomes must have one sentence per radius, 3, got 1"),
        ("loss_scale", float("nan"), "loss_scale must be > 0, got nan"),
    ],
)
def test_a_film_says_which_field_is_wrong(film: figures.Film, field: str, value, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(film, **{field: value})


def test_a_point_path_says_which_field_is_wrong(film: figures.Film) -> None:
    path = film.points[0]
    with pytest.raises(ValueError, match=r"losses must have shape \(13,\), got \(2,\)"):
        dataclasses.replace(path, losses=np.zeros(2))
    with pytest.raises(ValueError, match="end must be a step from 0 to 12, got 13"):
        dataclasses.replace(path, end=13)
    short = figures.PointPath("Adam", np.zeros((2, 3)), np.zeros(2), np.zeros(2), 1, "")
    with pytest.raises(ValueError, match="points: Adam must have 13 frames, got 2"):
        dataclasses.replace(film, points=(short,))


@pytest.mark.parametrize("view", [scene, above, section, losses])
def test_a_frame_out_of_range_is_named(film: figures.Film, view) -> None:
    for draw in (view.figure, view.describe):
        with pytest.raises(ValueError, match="radius_index must be from 0 to 2, got 3"):
            draw(film, 3, 0)
        with pytest.raises(ValueError, match="step must be from 0 to 12, got -1"):
            draw(film, 0, -1)


# The figures


def trace(plot, name: str):
    found = [t for t in plot.data if t.name == name]
    assert found, f"no trace {name!r} in {[t.name for t in plot.data]}"
    return found[0]


def test_the_scene_is_true_to_scale_and_holds_the_ball(film: figures.Film) -> None:
    plot = scene.figure(film, 2, 4)
    assert plot.layout.scene.aspectmode == "data"
    mesh = next(t for t in plot.data if t.type == "mesh3d")
    vertices = np.stack([mesh.x, mesh.y, mesh.z], -1)
    assert np.allclose(np.linalg.norm(vertices - film.centers[2, 4], axis=-1), RADII[2], atol=1e-6)
    for axis, values in zip("xyz", vertices.T, strict=True):
        low, high = plot.layout.scene[f"{axis}axis"].range
        assert low <= values.min()
        assert values.max() <= high
    contact = trace(plot, "Contact")
    assert np.allclose([contact.x[0], contact.y[0], contact.z[0]], film.contacts[2, 4])


def test_a_path_grows_to_the_step_and_stops_at_its_end(film: figures.Film) -> None:
    for step in (0, 4, STEPS):
        plot = scene.figure(film, 1, step)
        assert len(trace(plot, "Rolling ball").x) == min(step, film.ends[1]) + 1
        assert len(trace(plot, "Centre").x) == min(step, film.ends[1]) + 1
        assert len(trace(plot, "Gradient descent").x) == min(step, film.points[0].end) + 1


def test_frames_of_time_and_of_radius(film: figures.Film) -> None:
    plot = scene.animate(film, 1, frames=6)
    names = [frame.name for frame in plot.frames]
    assert len(names) == len(set(names)) == 6 + len(RADII)
    assert names[0] == "step 0"
    assert names[5] == f"step {STEPS - 1}"  # the last step at which something moves
    assert [len(slider.steps) for slider in plot.layout.sliders] == [6, len(RADII)]
    asked = [step.args[0][0] for slider in plot.layout.sliders for step in slider.steps]
    assert asked == names
    for frame in plot.frames:
        assert [t.type for t in frame.data] == [plot.data[i].type for i in frame.traces]
        assert [t.name for t in frame.data][1:] == [plot.data[i].name for i in frame.traces][1:]
    with pytest.raises(ValueError, match="frames must be >= 2, got 1"):
        scene.animate(film, 1, frames=1)


def test_the_ranges_of_an_animation_hold_every_ball(film: figures.Film) -> None:
    reach = np.array(scene.ranges(film, slice(None)))
    low = (film.centers - film.radii[:, None, None]).min((0, 1))
    high = (film.centers + film.radii[:, None, None]).max((0, 1))
    assert (reach[:, 0] <= low).all()
    assert (reach[:, 1] >= high).all()


def test_the_view_from_above_has_the_ball_to_scale(film: figures.Film) -> None:
    plot = above.figure(film, 1, 3)
    shadow = trace(plot, "Ball from above")
    away = np.hypot(shadow.x - film.centers[1, 3, 0], shadow.y - film.centers[1, 3, 1])
    assert np.allclose(away, RADII[1])
    assert plot.layout.yaxis.scaleanchor == "x"
    assert (trace(plot, "Start").x[0], trace(plot, "Start").y[0]) == tuple(film.start[:2])
    level = trace(plot, "Landscape")
    assert level.z[7][120] == pytest.approx(bowl(level.x[120], level.y[7]))


def test_the_section_has_true_aspect_and_marks_a_contact_off_the_plane(film: figures.Film) -> None:
    plot = section.figure(film, 1, 3)
    assert plot.layout.yaxis.scaleanchor == "x"
    assert plot.layout.yaxis.scaleratio == 1
    assert trace(plot, "Contact").marker.symbol == "circle-open"  # this path curves
    assert "beside this plane" in section.describe(film, 1, 3)


def test_losses_against_steps_and_against_evaluations(film: figures.Film) -> None:
    costly = dataclasses.replace(film, evaluations=101 * film.evaluations)
    steps, cost = (trace(losses.figure(costly, 0, 3, against), "Rolling ball") for against in losses.AXES)
    assert np.array_equal(cost.x, 101 * steps.x)
    assert np.array_equal(steps.y, film.losses[0, : film.ends[0] + 1])
    with pytest.raises(ValueError, match=r"against must be one of .* got 'time'"):
        losses.figure(film, 0, 0, "time")


@pytest.mark.parametrize("view", [scene, above, section, losses])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_view_is_self_contained_and_told_in_words(film: figures.Film, view, look: str) -> None:
    plot = view.figure(film, 1, 3, theme=look)
    assert plot.layout.font.color == theme.palette(look).text
    page = plot.to_html(include_plotlyjs=True)
    assert 'src="http' not in page
    assert "<link" not in page
    assert "$" not in str(plot.to_dict()["layout"])  # LaTeX would need a second library from the network
    words = view.describe(film, 1, 3)
    assert words.endswith(".")
    assert "nan" not in words


def test_words_carry_the_numbers(film: figures.Film) -> None:
    assert f"radius {RADII[1]:.3g}" in scene.describe(film, 1, 3)
    assert f"{film.losses[1, 3]:.4g}" in scene.describe(film, 1, 3)
    cut_in = dataclasses.replace(film, clearance=film.clearance - 0.1)
    assert "cuts 0.1 into the surface" in scene.describe(cut_in, 1, 3)
    assert "stuck in a wrinkle" in losses.describe(film, 1, 3)


def test_no_two_paths_look_alike_without_colour() -> None:
    marks = [theme.BALL, *theme.POINT_METHODS.values()]
    assert len({mark.dash for mark in marks}) == len({mark.symbol for mark in marks}) == len(marks)
    marks += theme.SECOND_START.values()
    assert len({mark.symbol for mark in marks}) == len(marks)
    with pytest.raises(ValueError, match="theme must be one of"):
        theme.palette("sepia")


def test_a_method_keeps_its_mark_whatever_else_is_shown(film: figures.Film) -> None:
    def shown(*names: str) -> dict[str, theme.Mark]:
        paths = [dataclasses.replace(film.points[0], name=name) for name in names]
        return {path.name: mark for path, mark in theme.marked(paths)}

    every = shown(*theme.MARKS)
    assert every == theme.MARKS
    for name in theme.MARKS:
        assert shown(name) == {name: every[name]}
    assert {"Adam": every["Adam"]}.items() <= shown("Training", "Adam", "Another").items()
    assert len(set(shown("Training", "Adam", "Another").values())) == 3
    adam = dataclasses.replace(film, points=(dataclasses.replace(film.points[0], name="Adam"),))
    color = theme.MARKS["Adam"].light
    for view in (scene, above, losses):
        drawn = [trace for trace in view.figure(adam, 1, 3).data if trace.name == "Adam"]
        assert drawn and {(trace.line.color or trace.marker.color) for trace in drawn} == {color}


def test_a_thinned_grid_keeps_values_ends_and_limit() -> None:
    x, y = np.linspace(-1, 1, 385), np.linspace(0, 2, 200)
    thin_x, thin_y, heights = surface.thinned(x, y, np.add.outer(y, x), 129)
    assert heights.shape == (129, 129)
    assert (thin_x[0], thin_x[-1], thin_y[0], thin_y[-1]) == (-1, 1, 0, 2)
    assert np.array_equal(heights, np.add.outer(thin_y, thin_x))
