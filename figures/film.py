"""What the figures and the player show: one run of a whole family of balls, as plain arrays.

A film is indexed by radius r and step t: ball r at step t has its centre at `centers[r, t]`, touches the
surface at `contacts[r, t]` and is turned by the unit quaternion `rotations[r, t]`. All lengths are in the
units of the ball, (x, y, λf); `losses` alone are f itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from figures.arrays import axis_length, check_radii, check_scale, own_arrays


def _frame_count(contacts: object, axes: int) -> int:
    """Number of frames T+1 from the shape (..., T+1, 3) of the contacts."""
    shape = np.shape(contacts)
    if len(shape) != axes or shape[-1] != 3 or shape[-2] < 1:
        raise ValueError(f"contacts must have shape ({'R, ' if axes == 3 else ''}T+1, 3), got {shape}")
    return shape[-2]


@dataclass(frozen=True, eq=False)
class PointPath:
    """The path of a method that sees a point: gradient descent, momentum, Adam.

    Args:
        name: what the reader calls it, 'Gradient descent'.
        contacts: (T+1, 3) points x, y, λf on the surface.
        losses: (T+1,) f at those points.
        evaluations: (T+1,) gradient evaluations so far.
        end: last step at which it still moved.
        outcome: a sentence that says why it ended.

    Raises:
        ValueError: a field has the wrong shape; the message names it.
    """

    name: str
    contacts: np.ndarray
    losses: np.ndarray
    evaluations: np.ndarray
    end: int
    outcome: str

    def __post_init__(self) -> None:
        frames = _frame_count(self.contacts, axes=2)
        own_arrays(self, {"contacts": (frames, 3), "losses": (frames,), "evaluations": (frames,)})
        if not 0 <= self.end < frames:
            raise ValueError(f"end must be a step from 0 to {frames - 1}, got {self.end}")


@dataclass(frozen=True, eq=False)
class Film:
    """A landscape, the paths of R balls of growing radius on it, and the point methods beside them.

    Args:
        x, y: (nx,), (ny,) increasing grid of the domain.
        heights: (ny, nx) λf, `heights[j, i]` at (x[i], y[j]): Plotly's order of z. NaN where undefined.
        radii: (R,) increasing, > 0.
        contacts: (R, T+1, 3) x, y, λf where the ball touches.
        centers: (R, T+1, 3) of the balls.
        rotations: (R, T+1, 4) unit quaternions (w, x, y, z): orientation of the rolling ball.
        losses: (R, T+1) f at the contact.
        clearance: (R, T+1) distance from centre to surface less the radius; negative where the ball cuts in.
        touching: (R, T+1) number of contacts.
        evaluations: (R, T+1) gradient evaluations so far.
        ends: (R,) last step at which ball r still moved.
        outcomes: R sentences that say why each ball ended.
        points: paths of the point methods, each with the same number of frames.
        loss_scale: λ > 0.
        title: what the landscape is called.
        grid_note: a sentence where the grid does not resolve the finest wavelength, else ''.

    Raises:
        ValueError: a field has the wrong shape or range; the message names it.
    """

    x: np.ndarray
    y: np.ndarray
    heights: np.ndarray
    radii: np.ndarray
    contacts: np.ndarray
    centers: np.ndarray
    rotations: np.ndarray
    losses: np.ndarray
    clearance: np.ndarray
    touching: np.ndarray
    evaluations: np.ndarray
    ends: np.ndarray
    outcomes: tuple[str, ...]
    points: tuple[PointPath, ...]
    loss_scale: float = 1.0
    title: str = ""
    grid_note: str = ""

    def __post_init__(self) -> None:
        nx, ny = axis_length("x", self.x, 2), axis_length("y", self.y, 2)
        balls = axis_length("radii", self.radii, 1)
        frames = _frame_count(self.contacts, axes=3)
        per_frame = dict.fromkeys(("losses", "clearance", "touching", "evaluations"), (balls, frames))
        grid = {"x": (nx,), "y": (ny,), "heights": (ny, nx), "radii": (balls,), "ends": (balls,)}
        paths = {
            "contacts": (balls, frames, 3),
            "centers": (balls, frames, 3),
            "rotations": (balls, frames, 4),
        }
        own_arrays(self, paths | grid | per_frame)
        self._check_ranges(balls, frames)

    def _check_ranges(self, balls: int, frames: int) -> None:
        check_radii(self.radii)
        check_scale(self.loss_scale)
        ends = self.ends.astype(int)
        if (ends != self.ends).any() or ends.min() < 0 or ends.max() >= frames:
            raise ValueError(f"ends must be steps from 0 to {frames - 1}, got {self.ends}")
        object.__setattr__(self, "ends", ends)
        if not np.allclose(np.linalg.norm(self.rotations, axis=-1), 1.0, atol=1e-3):
            raise ValueError("rotations must be unit quaternions (w, x, y, z)")
        if len(self.outcomes) != balls:
            raise ValueError(f"outcomes must have one sentence per radius, {balls}, got {len(self.outcomes)}")
        for path in self.points:
            if len(path.losses) != frames:
                raise ValueError(f"points: {path.name} must have {frames} frames, got {len(path.losses)}")

    @property
    def start(self) -> np.ndarray:
        """(3,) where the run starts: θ₀ on the surface; without a point method, the first contact of the
        smallest ball."""
        return self.points[0].contacts[0] if self.points else self.contacts[0, 0]

    @property
    def frame_count(self) -> int:
        """Number of frames T+1."""
        return self.contacts.shape[1]

    def check_index(self, radius_index: int, step: int) -> None:
        """Raise ValueError unless (radius_index, step) names a frame of this film."""
        if not 0 <= radius_index < len(self.radii):
            raise ValueError(f"radius_index must be from 0 to {len(self.radii) - 1}, got {radius_index}")
        if not 0 <= step < self.frame_count:
            raise ValueError(f"step must be from 0 to {self.frame_count - 1}, got {step}")
