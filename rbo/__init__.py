"""The Rolling Ball Optimizer: a rigid sphere of radius ρ rolls over the graph of a loss (arXiv 2505.19527).

geometry   normal, centre, curvature, rolling without slipping
contact    how the ball finds where it touches: Rigid, Footpoint, Descent
rolling    the loop over steps; path is what it returns
points     gradient descent, momentum, Nesterov, Adam: the same record for a point
optim      RollingBall, SAM and EntropySGD as torch optimisers: the method on the parameters of a network
surfaces   what a ball of a radius sees of a grid of heights: centre surface, ironed surface, what it reaches
resting    where a ball can rest, from the slopes: finer than the grid of its centres
curve      a ball that rolls along a curve: where it touches, how it turns
touch      the largest ball that reaches a point of a loss
ironing    measures of what is ironed out: minima, variation, slope, curvature, out of reach, spectrum
"""

from rbo.contact import Descent, Footpoint, Rigid
from rbo.curve import touched, turning
from rbo.device import best_device
from rbo.geometry import ascent_tangent, ball_center, rolling_rotation, shape_operator, unit_normal
from rbo.graph import LossRaised
from rbo.ironing import (
    local_minima,
    rms_curvature,
    rms_slope,
    spectrum,
    total_variation,
    unreachable_share,
)
from rbo.optim import SAM, EntropySGD, RollingBall, Shrink
from rbo.path import Outcome, Path
from rbo.points import Adam, GradientDescent, Momentum, Nesterov, descend
from rbo.resting import rests
from rbo.rolling import roll
from rbo.surfaces import center_surface, iron, ironed_surface, reachable
from rbo.touch import touch_radius

__all__ = [
    "SAM",
    "Adam",
    "Descent",
    "EntropySGD",
    "Footpoint",
    "GradientDescent",
    "LossRaised",
    "Momentum",
    "Nesterov",
    "Outcome",
    "Path",
    "Rigid",
    "RollingBall",
    "Shrink",
    "ascent_tangent",
    "ball_center",
    "best_device",
    "center_surface",
    "descend",
    "iron",
    "ironed_surface",
    "local_minima",
    "reachable",
    "rests",
    "rms_curvature",
    "rms_slope",
    "roll",
    "rolling_rotation",
    "shape_operator",
    "spectrum",
    "total_variation",
    "touch_radius",
    "touched",
    "turning",
    "unit_normal",
    "unreachable_share",
]
