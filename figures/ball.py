"""The striped ball: a unit sphere once, then only its pose: vertices = c + ρ q v q*.

The stripes are panels of a beach ball, alternately orange and cream, that meet at the two poles: a turn about
any axis is seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RINGS = 18  # circles of latitude between the poles
SECTORS = 24  # meridians; a multiple of twice the stripes' width
STRIPE_WIDTH = 4  # sectors


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangle mesh: vertices (V, 3), faces (F, 3) by vertex number, striped (F,) True where cream."""

    vertices: np.ndarray
    faces: np.ndarray
    striped: np.ndarray


def unit_sphere(rings: int = RINGS, sectors: int = SECTORS) -> Mesh:
    """The unit sphere about the origin, closed, its faces turning counter-clockwise seen from outside.

    Args:
        rings: circles of latitude between the poles, at least 1.
        sectors: meridians, at least 3.

    >>> unit_sphere().vertices.shape
    (434, 3)
    """
    if rings < 1 or sectors < 3:
        raise ValueError(f"a sphere needs rings >= 1 and sectors >= 3, got {rings} and {sectors}")
    polar = np.pi * np.arange(1, rings + 1) / (rings + 1)  # (rings,) angle from the upper pole
    turn = 2 * np.pi * np.arange(sectors) / sectors  # (sectors,)
    around = np.stack([np.cos(turn), np.sin(turn)], -1)  # (sectors, 2)
    belt = np.concatenate(
        [
            np.sin(polar)[:, None, None] * around,
            np.broadcast_to(np.cos(polar)[:, None, None], (rings, sectors, 1)),
        ],
        -1,
    )  # (rings, sectors, 3)
    vertices = np.concatenate([[[0.0, 0.0, 1.0]], belt.reshape(-1, 3), [[0.0, 0.0, -1.0]]])
    faces = sphere_faces(rings, sectors)
    return Mesh(vertices, faces[:, :3], faces[:, 3] // STRIPE_WIDTH % 2 == 1)


def sphere_faces(rings: int, sectors: int) -> np.ndarray:
    """Faces of the sphere, (F, 4): three vertex numbers and the sector of each."""
    here = np.arange(sectors)
    there = (here + 1) % sectors
    belt = 1 + sectors * np.arange(rings)[:, None] + np.stack([here, there])[:, None]  # (2, rings, sectors)
    upper, lower = belt[:, :-1], belt[:, 1:]
    sector = np.broadcast_to(here, upper[0].shape)
    pole, antipole = np.zeros_like(here), np.full_like(here, 1 + rings * sectors)
    parts = [
        (pole, belt[0, 0], belt[1, 0], here),
        (upper[0], lower[0], lower[1], sector),
        (upper[0], lower[1], upper[1], sector),
        (antipole, belt[1, -1], belt[0, -1], here),
    ]
    return np.concatenate([np.stack(part, -1).reshape(-1, 4) for part in parts])


def rotate(quaternion: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Vectors turned by a unit quaternion (w, u): v + 2w u×v + 2u×(u×v).

    Args:
        quaternion: (4,) unit quaternion w, x, y, z.
        vectors: (V, 3).

    Returns:
        (V, 3).

    >>> quarter = np.array([1, 0, 0, 1]) / np.sqrt(2)  # about z
    >>> rotate(quarter, np.array([[1.0, 0.0, 0.0]])).round(12).tolist()
    [[0.0, 1.0, 0.0]]
    """
    w, axis = quaternion[0], np.asarray(quaternion[1:])
    across = np.cross(axis, vectors)
    return vectors + 2 * w * across + 2 * np.cross(axis, across)


def pose(center: np.ndarray, quaternion: np.ndarray, radius: float, vertices: np.ndarray) -> np.ndarray:
    """Where the vertices of the unit sphere are on a ball: center + radius · (turned vertices), (V, 3)."""
    return center + radius * rotate(quaternion, vertices)
