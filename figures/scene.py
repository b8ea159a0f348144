"""The 3-D scene: the landscape, the ball drawn to scale on it, its contact, and the paths.

`figure` is one frame; `animate` plays the time of one ball and, on a second slider, shows every radius at its
end. The axes have one unit (`aspectmode='data'`), so a sphere is round, and fixed ranges, so nothing jumps.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from figures.ball import Mesh, pose, unit_sphere
from figures.film import Film
from figures.surface import thinned
from figures.theme import BALL, CENTER, COLOR_MAP, Mark, layout, marked, palette

LARGEST_SIDE = 129  # grid points a side of the drawn surface
TALL = 760  # pixels of an animation, with room for two sliders under the scene
LIFT = 0.004  # of the domain: lines lie so much above the surface, which would swallow half of them
CAMERA = {"eye": {"x": 0.95, "y": -1.2, "z": 0.85}, "center": {"x": 0, "y": 0, "z": -0.1}}
LIGHTING = {"ambient": 0.6, "diffuse": 0.6, "specular": 0.15, "roughness": 0.7}


def figure(film: Film, radius_index: int, step: int, theme: str = "light") -> go.Figure:
    """Ball `radius_index` at `step` on the landscape, with the paths up to there.

    Args:
        film: a run.
        radius_index: which ball.
        step: which frame.
        theme: 'light' or 'dark'.
    """
    film.check_index(radius_index, step)
    moving = moving_traces(film, radius_index, step, unit_sphere(), theme)
    still = [surface(film), _start(film, theme)]
    view = scene_layout(film, slice(radius_index, radius_index + 1), theme)
    return go.Figure(
        [*still, *moving], layout=layout(theme, film.title) | {"scene": view, "showlegend": True}
    )


def animate(film: Film, radius_index: int, frames: int = 60, theme: str = "light") -> go.Figure:
    """Two sliders: the time of ball `radius_index`, and all radii, each at its end.

    Args:
        film: a run.
        radius_index: the ball whose time is played.
        frames: at most so many frames of time, evenly spread over the steps at which something still moves.
        theme: 'light' or 'dark'.

    Returns:
        A figure with the frames 'step 0', ..., and 'radius 0', ..., 'radius R-1'.
    """
    film.check_index(radius_index, 0)
    if frames < 2:
        raise ValueError(f"frames must be >= 2, got {frames}")
    steps = played_steps(film, radius_index, frames)
    mesh, last = unit_sphere(), film.frame_count - 1
    shown = [(f"step {t}", radius_index, t) for t in steps]
    shown += [(f"radius {r}", r, last) for r in range(len(film.radii))]
    plot = figure(film, radius_index, int(steps[0]), theme)
    places = list(range(2, len(plot.data)))  # after the surface and the start
    plot.frames = [
        go.Frame(name=name, data=moving_traces(film, r, t, mesh, theme), traces=places)
        for name, r, t in shown
    ]
    plot.update_layout(scene=scene_layout(film, slice(None), theme), margin={"b": 150}, height=TALL)
    plot.update_layout(sliders=_sliders(film, steps), updatemenus=[_play_button(steps)])
    return plot


def played_steps(film: Film, radius_index: int, frames: int) -> np.ndarray:
    """At most `frames` steps from 0 to the last at which the ball or a point still moves."""
    last = max([int(film.ends[radius_index]), *(path.end for path in film.points)])
    return np.unique(np.linspace(0, last, frames).round().astype(int))


def moving_traces(film: Film, radius_index: int, step: int, mesh: Mesh, theme: str) -> list[go.BaseTraceType]:
    """All that changes with time or radius, always in the same order: the ball, its contact, its paths."""
    end = int(film.ends[radius_index])
    upto = min(step, end) + 1
    contacts, centers = film.contacts[radius_index], film.centers[radius_index]
    lift = np.array([0, 0, LIFT * max(np.ptp(film.x), np.ptp(film.y))])
    traces = [
        _ball(film, radius_index, step, mesh, theme),
        _tip("Contact", BALL, theme, contacts[step]),
        _path("Rolling ball", BALL, theme, contacts[:upto] + lift),
        _path("Centre", CENTER, theme, centers[:upto]),
    ]
    for path, mark in marked(film.points):
        last = min(step, path.end)
        traces += [
            _path(path.name, mark, theme, path.contacts[: last + 1] + 2 * lift),
            _tip(path.name, mark, theme, path.contacts[last] + 2 * lift),
        ]
    return traces


def surface(film: Film) -> go.Surface:
    """The landscape in cividis, thinned to what a view can show."""
    x, y, heights = thinned(film.x, film.y, film.heights, LARGEST_SIDE)
    return go.Surface(
        x=x,
        y=y,
        z=heights,
        colorscale=COLOR_MAP,
        showscale=False,
        lighting=LIGHTING,
        name="Landscape",
        hovertemplate="x %{x:.3g}, y %{y:.3g}<br>λf %{z:.4g}<extra></extra>",
    )


def ranges(film: Film, balls: slice) -> list[list[float]]:
    """[low, high] of x, y and λf that hold the landscape and those balls whole at every step."""
    centers, radii = film.centers[balls], film.radii[balls, None, None]
    landscape = [film.x, film.y, film.heights]
    edges = []
    for axis, values in enumerate(landscape):
        places = centers[..., axis : axis + 1]
        parts = [values.ravel(), (places - radii).ravel(), (places + radii).ravel()]
        reach = np.concatenate(parts)
        reach = reach[np.isfinite(reach)]
        edges.append([float(reach.min()), float(reach.max())])
    return edges


def scene_layout(film: Film, balls: slice, theme: str) -> dict:
    """One unit on all axes, fixed ranges, a quiet frame."""
    colors = palette(theme)
    quiet = {
        "showbackground": False,
        "gridcolor": colors.grid,
        "zeroline": False,
        "showspikes": False,
        "nticks": 5,
    }
    titles = ("x", "y", "λf")
    axes = {
        f"{name}axis": quiet | {"title": {"text": title}, "range": edge}
        for name, title, edge in zip("xyz", titles, ranges(film, balls), strict=True)
    }
    return {"aspectmode": "data", "camera": CAMERA, "dragmode": "turntable"} | axes


def _ball(film: Film, radius_index: int, step: int, mesh: Mesh, theme: str) -> go.Mesh3d:
    radius = film.radii[radius_index]
    place = film.centers[radius_index, step], film.rotations[radius_index, step]
    x, y, z = pose(*place, radius, mesh.vertices).astype(np.float32).T
    i, j, k = mesh.faces.T
    colors = np.where(mesh.striped, palette(theme).stripe, BALL.color(theme))
    return go.Mesh3d(
        x=x,
        y=y,
        z=z,
        i=i,
        j=j,
        k=k,
        facecolor=colors,
        lighting=LIGHTING | {"specular": 0.4},
        name=f"Ball, radius {radius:.3g}",
        showlegend=False,
        hoverinfo="name",
    )


def _path(name: str, mark: Mark, theme: str, points: np.ndarray) -> go.Scatter3d:
    x, y, z = points.astype(np.float32).T
    line = {"color": mark.color(theme), "dash": mark.dash, "width": 5}
    return go.Scatter3d(x=x, y=y, z=z, mode="lines", name=name, legendgroup=name, line=line, hoverinfo="name")


def _tip(name: str, mark: Mark, theme: str, point: np.ndarray) -> go.Scatter3d:
    x, y, z = point[:, None]
    marker = {"color": mark.color(theme), "symbol": mark.symbol, "size": 6}
    return go.Scatter3d(
        x=x, y=y, z=z, mode="markers", name=name, legendgroup=name, showlegend=False, marker=marker
    )


def _start(film: Film, theme: str) -> go.Scatter3d:
    x, y, z = film.start[:, None]
    marker = {"symbol": "circle-open", "size": 9, "color": palette(theme).text, "line": {"width": 3}}
    return go.Scatter3d(x=x, y=y, z=z, mode="markers", name="Start", marker=marker)


def _jump(frame: str, label: str) -> dict:
    """A place of a slider: go to that frame at once."""
    at_once = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    return {"label": label, "method": "animate", "args": [[frame], at_once]}


def _sliders(film: Film, steps: np.ndarray) -> list[dict]:
    plain = {"len": 0.8, "x": 0.18, "pad": {"t": 0}, "ticklen": 3, "minorticklen": 0}
    times = [_jump(f"step {t}", str(t)) for t in steps]
    radii = [_jump(f"radius {r}", f"{radius:.3g}") for r, radius in enumerate(film.radii)]
    return [
        plain | {"y": 0.0, "currentvalue": {"prefix": "step "}, "steps": times},
        plain | {"y": -0.2, "currentvalue": {"prefix": "radius, at its end: "}, "steps": radii},
    ]


def _play_button(steps: np.ndarray) -> dict:
    play = {"mode": "immediate", "fromcurrent": True, "frame": {"duration": 60, "redraw": True}}
    play |= {"transition": {"duration": 0}}
    stop = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}, "transition": {"duration": 0}}
    buttons = [
        {"label": "Play", "method": "animate", "args": [[f"step {t}" for t in steps], play]},
        {"label": "Pause", "method": "animate", "args": [[None], stop]},
    ]
    return {"type": "buttons", "direction": "left", "x": 0.0, "y": 0.0, "yanchor": "top", "buttons": buttons}


def describe(film: Film, radius_index: int, step: int) -> str:
    """The scene in words and numbers."""
    film.check_index(radius_index, step)
    radius, (x, y, _) = film.radii[radius_index], film.contacts[radius_index, step]
    clearance, touching = film.clearance[radius_index, step], int(film.touching[radius_index, step])
    loss = film.losses[radius_index, step]
    name = film.title or "a landscape"
    cuts = f"cuts {-clearance:.2g} into the surface" if clearance < -1e-3 * radius else "does not cut in"
    points = "".join(
        f" {path.name} is at ({px:.3g}, {py:.3g}) with loss {path.losses[step]:.4g}."
        for path in film.points
        for px, py, _ in path.contacts[step : step + 1]
    )
    return (
        f"A striped ball of radius {radius:.3g} on {name}, step {step} of {film.frame_count - 1}: it touches "
        f"at ({x:.3g}, {y:.3g}) with loss {loss:.4g}, has {touching} contact{'' if touching == 1 else 's'} "
        f"and {cuts}.{points}"
    )
