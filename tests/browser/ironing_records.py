"""Records of ironing made with the morphology of SciPy, independently of `rbo`: a curve and a surface."""

import numpy as np
from scipy import ndimage

from figures.film import Film, PointPath
from figures.relief import Profile, Relief

RADII = np.geomspace(0.1, 0.9, 7)
LONE = 0.52


def curve(x):
    """A bowl with wrinkles."""
    return 0.12 * x**2 + 0.14 * np.cos(4 * x) + 0.05 * np.cos(11 * x + 1)


def contacts(x, heights, radius):
    """(N, 2) leftmost and rightmost x that a ball touches, and (N,) the height of its centre."""
    away = np.abs(x[:, None] - x[None])
    drop = np.where(away <= radius, heights + np.sqrt(np.maximum(radius**2 - away**2, 0)), -np.inf)
    near = drop >= drop.max(1, keepdims=True) - 1e-3 * radius
    left, right = x[near.argmax(1)], x[len(x) - 1 - near[:, ::-1].argmax(1)]
    return np.column_stack([left, np.where(right - left > 0.3 * radius, right, left)]), drop.max(1)


def make_profile(radii, scale=1.0):
    x = np.linspace(-3, 3, 601)
    heights = scale * curve(x)
    rows = [contacts(x, heights, radius) for radius in radii]
    touch, centers = (np.stack(part) for part in zip(*rows, strict=True))
    away = np.abs(x[:, None] - x[None])
    under = [
        np.where(away <= r, c - np.sqrt(np.maximum(r**2 - away**2, 0)), np.inf)
        for r, c in zip(radii, centers, strict=True)
    ]
    ironed = np.maximum(np.stack([u.min(1) for u in under]), heights)
    path = np.hypot(np.diff(x), np.diff(centers)).cumsum(1) / radii[:, None]
    return Profile(
        x=x,
        heights=heights,
        slopes=np.gradient(heights, x),
        radii=radii,
        centers=centers,
        ironed=ironed,
        reachable=ironed - heights < 2e-3,
        touch=touch,
        turns=np.pad(path, ((0, 0), (1, 0))),
        notes=tuple("a note on the largest ball" if r == radii[-1] else "" for r in radii),
        title="Wrinkled bowl",
        loss_scale=1.0,
    )


def hemisphere(radius, spacing):
    """Footprint and structure of a ball for grey-scale morphology."""
    reach = int(radius / spacing)
    side = spacing * np.arange(-reach, reach + 1)
    room = radius**2 - side[:, None] ** 2 - side[None] ** 2
    return room >= 0, np.sqrt(np.maximum(room, 0))


def make_film(x, heights, radii, centers):
    """Balls and a point that go along the line y = x; not a run, but a film of one."""
    frames, n = 41, len(x)
    walk = np.linspace(0.15 * n, 0.5 * n, frames).astype(int)
    above = np.stack([np.column_stack([x[walk], x[walk], c[walk, walk]]) for c in centers])
    below = np.column_stack([x[walk], x[walk], heights[walk, walk]])
    per_frame = np.zeros((len(radii), frames))
    return Film(
        x=x, y=x, heights=heights, radii=radii,
        contacts=above - np.array([0, 0, 1]) * radii[:, None, None],
        centers=above,
        rotations=np.broadcast_to([1.0, 0, 0, 0], (len(radii), frames, 4)),
        losses=per_frame + below[:, 2], clearance=per_frame, touching=per_frame + 1, evaluations=per_frame,
        ends=np.full(len(radii), frames - 1), outcomes=("steps used up",) * len(radii),
        points=(PointPath("Gradient descent", below, below[:, 2], per_frame[0], frames - 1, "rests"),),
    )  # fmt: skip


def make_relief(radii, filmed, side=129):
    x = np.linspace(-3, 3, side)
    heights = curve(x)[:, None] + curve(x)[None]
    balls = [hemisphere(radius, x[1] - x[0]) for radius in radii]
    centers = np.stack([ndimage.grey_dilation(heights, footprint=f, structure=s) for f, s in balls])
    ironed = np.stack([ndimage.grey_closing(heights, footprint=f, structure=s) for f, s in balls])
    film = make_film(x, heights, radii, centers) if filmed else None
    return Relief(
        x=x, y=x, heights=heights, radii=radii, centers=centers, ironed=ironed,
        reachable=ironed - heights < 5e-3, notes=("",) * len(radii), title="Wrinkled bowl", film=film,
    )  # fmt: skip
