"""A page with the player alone, on a film made with NumPy: a bowl with wrinkles, a ball dropped at each step.

    streamlit run tests/browser/player_app.py

The ball is found by brute force, independently of `rbo`: under a centre at x the contact is where
f(θ) + √(ρ² − |x−θ|²) is greatest over a grid of a disc of radius ρ, refined around its best point.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from figures.film import Film, PointPath
from figures.player import COMING, FAILED, player

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


def drop(x, y):
    """Contacts (R, 3) and centres (R, 3) of the balls that fall with their centres above x, y, each (R,)."""
    cx, cy, half = x, y, RADII
    every = np.arange(len(RADII))
    for _ in range(3):
        side = half[:, None] * np.linspace(-1, 1, 25)
        u = (cx[:, None] + side)[:, None, :]
        v = (cy[:, None] + side)[:, :, None]
        room = (RADII**2)[:, None, None] - (u - x[:, None, None]) ** 2 - (v - y[:, None, None]) ** 2
        top = np.where(room >= 0, height(u, v) + np.sqrt(np.maximum(room, 0)), -np.inf).reshape(
            len(RADII), -1
        )
        best = np.argmax(top, axis=1)
        cx, cy, half = u[every, 0, best % 25], v[every, best // 25, 0], half / 8
    return np.stack([cx, cy, height(cx, cy)], -1), np.stack([x, y, top[every, best]], -1)


def turned(quaternions, axes, angles):
    """Orientations after turns about axes that need not be of length 1, each (R, .)."""
    length = np.linalg.norm(axes, axis=-1, keepdims=True)
    v = np.sin(angles / 2)[:, None] * axes / np.where(length > 1e-12, length, np.inf)
    w = np.sqrt(1 - (v * v).sum(-1, keepdims=True))
    q, u = quaternions[:, :1], quaternions[:, 1:]
    return np.concatenate([w * q - (v * u).sum(-1, keepdims=True), w * u + q * v + np.cross(v, u)], -1)


def roll(start):
    """Contacts, centres and orientations of all balls, each (R, T+1, .)."""
    x, y = np.full(len(RADII), start[0]), np.full(len(RADII), start[1])
    contacts, centers, turns = [], [], [np.tile([1.0, 0, 0, 0], (len(RADII), 1))]
    for t in range(STEPS + 1):
        contact, center = drop(x, y)
        if t:
            moved = center - centers[-1]
            axes = np.cross(centers[-1] - contacts[-1], moved)
            turns.append(turned(turns[-1], axes, np.linalg.norm(moved, axis=-1) / RADII))
        contacts.append(contact)
        centers.append(center)
        gx, gy = gradient(contact[:, 0], contact[:, 1])
        x, y = x - LR * gx, y - LR * gy
    return (np.stack(parts, axis=1) for parts in (contacts, centers, turns))


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
    contacts, centers, turns = roll(start)
    steps = np.arange(STEPS + 1.0)
    evaluations = np.tile(3 * steps, (len(RADII), 1))
    point = descend(start)
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


def scaled(film, scale):
    """The film with all lengths upwards scaled, as if the loss were counted in other units."""
    up = np.array([1, 1, scale])
    points = tuple(replace(p, contacts=p.contacts * up) for p in film.points)
    changed = {"heights": film.heights * scale, "contacts": film.contacts * up, "centers": film.centers * up}
    return replace(film, points=points, loss_scale=scale, **changed)


def with_pole(film):
    """The film on a landscape with a pole."""
    return replace(film, heights=film.heights + 0.1 / (film.x - 1.003))


def alone(film, index):
    """The film of one radius, as it comes before the others."""
    own = slice(index, index + 1)
    paths = ("contacts", "centers", "rotations", "losses", "clearance", "touching", "evaluations")
    names = ("radii", *paths, "ends", "outcomes")
    return replace(film, **{name: getattr(film, name)[own] for name in names})


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
film = make_film(st.session_state.start, half=2.5 if small else 3.0)
if st.checkbox("Another scale"):
    film = scaled(film, 0.25)
if st.checkbox("A pole"):
    film = with_pole(film)
if st.checkbox("One radius"):
    film = alone(film, 19)
failed = st.checkbox("They failed")
player(
    film,
    radius=st.session_state.get("radius", number("radius", 0.5)),
    step=int(step) if step else None,
    alone=FAILED if failed else COMING,
    on_start=lambda start: st.session_state.update(start=start),
    on_radius=lambda radius: st.session_state.update(radius=radius),
)
st.write(f"radius {st.session_state.get('radius')}")
st.write(f"start {st.session_state.start[0]:.3f} {st.session_state.start[1]:.3f}")
st.write(f"exactly {st.session_state.start}")
if chart:
    st.plotly_chart(go.Figure(go.Scatter(y=[1, 3, 2])))
