"""A picture as a few lines of Python for a notebook: `rbo` and `landscapes`, and Plotly to draw it."""

from __future__ import annotations

from interface import own
from interface.experiment import METHODS, Experiment, knobs
from interface.ironing.surfaces import MARGIN_2D
from interface.ironing.view import View

HEAD = """\
# {title}. In a notebook: `pip install .` in a copy of this project, and `pip install plotly`.
import numpy as np
import plotly.graph_objects as go
import torch

import landscapes
import rbo

f = {landscape}
radius, scale = {radius!r}, {scale!r}
"""
RUN = '''
def run(start):
    """The ball and gradient descent from a start."""
    start = torch.tensor(start, dtype=torch.float64)
    ball = rbo.roll(f, start, radius=radius, lr={lr!r}, steps={steps}, contact={contact}, loss_scale=scale)
    point = rbo.descend(f, start, lr={lr!r}, steps={steps}, domain=f.domain)
    return ball, point


ball, descent = run({start!r})
balls, points = {{"Ball": ball}}, {{"Gradient descent": descent}}
'''
METHOD = """start = torch.tensor({start!r}, dtype=torch.float64)
method = rbo.{method!r}
points[{title!r}] = rbo.descend(f, start, lr={lr!r}, steps={steps}, method=method, domain=f.domain)
"""
SECOND = """balls["Second ball"], points["Gradient descent from the second start"] = run({second!r})
"""
PICTURE = """
for name, path in (balls | points).items():
    print(f"{name}: loss {path.losses[0]:.4g} to {path.losses[-1]:.4g}, {path.outcome}")

axes = [torch.linspace(low, high, 201, dtype=torch.float64) for low, high in f.domain]
heights = scale * f.grid(axes).numpy().T
x, y = (axis.numpy() for axis in axes)
fig = go.Figure(go.Surface(x=x, y=y, z=heights, colorscale="Cividis", showscale=False, name="λf"))
for name, path in (balls | points).items():
    px, py = path.contacts.numpy().T
    pz = scale * path.losses.numpy()
    fig.add_scatter3d(x=px, y=py, z=pz, mode="lines", line_width=6, name=name)
u, v = np.mgrid[0 : np.pi : 25j, 0 : 2 * np.pi : 49j]
for path in balls.values():
    cx, cy, cz = path.centers[-1].tolist()
    sphere = cx + radius * np.sin(u) * np.cos(v), cy + radius * np.sin(u) * np.sin(v), cz + radius * np.cos(u)
    fig.add_surface(x=sphere[0], y=sphere[1], z=sphere[2], showscale=False, colorscale="Oranges")
fig.update_layout(scene_aspectmode="data", height=700)
fig
"""
GROUND = """
# The picture, and around it as far as the ball reaches.
sides = {sides!r}  # points of the picture along each axis
steps = [(high - low) / (n - 1) for (low, high), n in zip(f.domain, sides)]
margins = [int(np.ceil({far!r} / step)) for step in steps]
axes = [
    low + step * torch.arange(-m, n + m, dtype=torch.float64)
    for (low, _), n, step, m in zip(f.domain, sides, steps, margins)
]
inside = tuple(slice(m, n + m) for n, m in zip(reversed(sides), reversed(margins)))
heights = scale * f.grid(axes).numpy().T
seen = rbo.iron(heights, tuple(reversed(steps)), radius)
"""
CURVE = """
slopes = scale * f.gradient(axes[0][:, None])[:, 0].numpy()
reached = rbo.rests(heights, slopes, steps[0], radius)  # by the slopes: finer than the grid of centres
ironed = np.where(reached, heights, seen.ironed)[inside]
center, reached, x = seen.center[inside], reached[inside], axes[0][inside].numpy()
print(f"out of reach: {1 - reached.mean():.1%}")

fig = go.Figure(go.Scatter(x=x, y=heights[inside], name="landscape"))
fig.add_scatter(x=x, y=center, name="centre curve", line_dash="dash")
fig.add_scatter(x=x, y=ironed, name="ironed curve")
fig.update_yaxes(scaleanchor="x")
fig
"""
SURFACE = """
points = torch.stack(torch.meshgrid(axes[0][inside[1]], axes[1][inside[0]], indexing="xy"), -1)
slopes = scale * f.gradient(points).movedim(-1, 0).flip(0).numpy()  # along y, along x
reached = rbo.rests(heights, slopes, tuple(reversed(steps)), radius)  # finer than the grid of centres
print(f"out of reach: {1 - reached.mean():.1%}")

x, y = points[0, :, 0].numpy(), points[:, 0, 1].numpy()
raw, center = heights[inside], seen.center[inside]
ironed = np.where(reached, raw, seen.ironed[inside])
fig = go.Figure(go.Surface(x=x, y=y, z=raw, colorscale="Cividis", showscale=False, name="landscape"))
fig.add_surface(x=x, y=y, z=ironed, opacity=0.6, colorscale="Greens", showscale=False, name="ironed")
fig.add_surface(x=x, y=y, z=center, opacity=0.4, colorscale="Oranges", showscale=False, name="centres")
fig.update_layout(scene_aspectmode="data", height=700)
fig
"""


def playground(experiment: Experiment) -> str:
    """The picture of an experiment: the surface, the paths, and the balls where they end."""
    e = experiment
    run = {"start": e.start, "lr": e.lr, "steps": e.steps}
    parts = [_head(e, _landscape(e, {})), RUN.format(**run, contact=_contact(e))]
    for name in e.methods:
        title, method = METHODS[name]
        parts.append(METHOD.format(**run, title=title, method=method))
    if e.second:
        parts.append(SECOND.format(second=e.second))
    return "".join([*parts, PICTURE])


def ironing(view: View, sides: tuple[int, ...]) -> str:
    """The picture of a view on a grid of so many points along x, or along x and y."""
    loss = view.ground()
    width = max(high - low for low, high in loss.domain)
    far = 2 * view.radius if view.dim == 1 else min(2 * view.radius, MARGIN_2D * width)
    ground = GROUND.format(sides=tuple(sides), far=far)
    return _head(view, _ground(view)) + ground + (CURVE if view.dim == 1 else SURFACE)


def _head(experiment: Experiment, landscape: str) -> str:
    title = " ".join(experiment.surface().title.split())
    return HEAD.format(
        title=title, landscape=landscape, radius=experiment.radius, scale=float(experiment.scale)
    )


def _landscape(experiment: Experiment, more: dict[str, int]) -> str:
    """The landscape as a call; what is usual is left out."""
    values = dict(experiment.parameters)
    if experiment.landscape == own.NAME:
        domain = ((values["x_from"], values["x_to"]), (values["y_from"], values["y_to"]))
        return f"landscapes.parse_formula({values['formula']!r}, {domain!r})"
    given = {k.name: values[k.name] for k in knobs(experiment.landscape) if values[k.name] != k.default}
    words = [repr(experiment.landscape), *(f"{name}={value!r}" for name, value in (given | more).items())]
    return f"landscapes.get({', '.join(words)})"


def _ground(view: View) -> str:
    """The landscape of a view as a call."""
    if view.dim == 2:
        return _landscape(view, {})
    if view.section is not None:
        return f"landscapes.section({_landscape(view, {})}, {view.section!r})"
    if view.landscape == own.NAME:
        return f"landscapes.section({_landscape(view, {})}, {view.surface().domain[1][0]!r})"
    return _landscape(view, {"dim": 1})


def _contact(experiment: Experiment) -> str:
    """How the ball finds its contact, as a call."""
    if experiment.contact == "descent":
        return f"rbo.Descent({experiment.inner_steps}, {experiment.inner_lr!r})"
    return {"rigid": "rbo.Rigid(f.domain)", "footpoint": "rbo.Footpoint(f.domain)"}[experiment.contact]
