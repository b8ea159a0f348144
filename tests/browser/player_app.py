"""A page with the player alone, on a film made with NumPy: a bowl with wrinkles, a ball dropped from above at each step.

    streamlit run tests/browser/player_app.py

The ball is found by brute force, independently of `rbo`: under a centre at x the contact is where f(θ) + √(ρ² − |x−θ|²)
is greatest over a grid of a disc of radius ρ, refined around its best point.
"""

import math
import sys
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from figures.film import Film, PointPath  # noqa: E402
from figures.player import player  # noqa: E402

RADII = np.geomspace(0.04, 0.9, 25)
STEPS = 250
LR = 0.02
WRINKLE = 9.0


def height(x, y):
    """A bowl with wrinkles."""
    return 0.16 * (x**2 + y**2) + 0.05 * (2 - np.cos(WRINKLE * x) - np.cos(WRINKLE * y))


def gradient(x, y):
    wrinkle = 0.05 * WRINKLE
    return 0.32 * x + wrinkle * np.sin(WRINKLE * x), 0.32 * y + wrinkle * np.sin(WRINKLE * y)


def drop(x, y, radius):
    """Contact and centre of the ball that falls with its centre above (x, y)."""
    cx, cy, half = x, y, radius
    for _ in range(3):
        side = np.linspace(-half, half, 25)
        u, v = np.meshgrid(cx + side, cy + side)
        room = radius**2 - (u - x) ** 2 - (v - y) ** 2
        top = np.where(room >= 0, height(u, v) + np.sqrt(np.maximum(room, 0)), -np.inf)
        best = np.unravel_index(np.argmax(top), top.shape)
        cx, cy, half = u[best], v[best], half / 8
    return np.array([cx, cy, height(cx, cy)]), np.array([x, y, top[best]])


def turned(quaternion, axis, angle):
    """Orientation after a turn about a unit axis."""
    w, v = math.cos(angle / 2), math.sin(angle / 2) * np.asarray(axis)
    q, u = quaternion[0], quaternion[1:]
    return np.concatenate([[w * q - v @ u], w * u + q * v + np.cross(v, u)])


def roll(start, radius):
    """Contacts, centres and orientations of one ball."""
    contacts, centers, turns = [], [], [np.array([1.0, 0, 0, 0])]
    place = np.array(start)
    for t in range(STEPS + 1):
        contact, center = drop(*place, radius)
        if t:
            moved = center - centers[-1]
            axis = np.cross(contacts[-1] - centers[-1], moved) * -1
            length = np.linalg.norm(axis)
            angle = np.linalg.norm(moved) / radius
            turns.append(turned(turns[-1], axis / length, angle) if length > 1e-12 else turns[-1])
        contacts.append(contact)
        centers.append(center)
        place = place - LR * np.array(gradient(*contact[:2]))
    return np.array(contacts), np.array(centers), np.array(turns)


def descend(start):
    points = [np.array(start)]
    for _ in range(STEPS):
        points.append(points[-1] - LR * np.array(gradient(*points[-1])))
    xy = np.array(points)
    return np.column_stack([xy, height(*xy.T)])


@st.cache_data(max_entries=4)
def make_film(start, half=3.0, side=385):
    """The film of a whole family from one start."""
    axis = np.linspace(-half, half, side)
    paths = [roll(start, radius) for radius in RADII]
    contacts, centers, turns = (np.array([p[k] for p in paths]) for k in range(3))
    evaluations = np.tile(np.arange(STEPS + 1.0), (len(RADII), 1))
    point = descend(start)
    steps = evaluations[0]
    clearance = np.linalg.norm(centers - contacts, axis=-1) - RADII[:, None]
    clearance[-1, STEPS // 2 :] = -0.12 * RADII[-1]  # as if the largest ball cut in: the page must say so
    return Film(
        x=axis,
        y=axis,
        heights=height(axis[None, :], axis[:, None]),
        radii=RADII,
        contacts=contacts,
        centers=centers,
        rotations=turns,
        losses=contacts[..., 2],
        clearance=clearance,
        touching=np.ones_like(evaluations),
        evaluations=evaluations,
        ends=np.full(len(RADII), STEPS),
        outcomes=("steps used up; more steps may take it further",) * len(RADII),
        points=(PointPath("Gradient descent", point, point[:, 2], steps, 120, "rests in a wrinkle"),),
        title="Wrinkled bowl",
    )


def number(name, fallback):
    """A number of the address, or the fallback."""
    try:
        return float(st.query_params[name])
    except (KeyError, ValueError):
        return fallback


st.set_page_config(layout="wide")
st.session_state.setdefault("start", (-2.3, 1.7))
small = st.checkbox("Small domain")
chart = st.checkbox("Chart of Streamlit")
st.text_input("Anything", key="anything")
step = st.query_params.get("step")
player(
    make_film(st.session_state.start, half=2.5 if small else 3.0),
    radius=number("radius", 0.35),
    step=int(step) if step else None,
    on_start=lambda start: st.session_state.update(start=start),
)
st.write(f"start {st.session_state.start[0]:.3f} {st.session_state.start[1]:.3f}")
if chart:
    st.plotly_chart(go.Figure(go.Scatter(y=[1, 3, 2])))
