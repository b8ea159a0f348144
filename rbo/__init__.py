"""The Rolling Ball Optimizer: a rigid sphere of radius ρ rolls over the graph of a loss (arXiv 2505.19527).

geometry   normal, centre, curvature, rolling without slipping
contact    how the ball finds where it touches: Rigid, Footpoint, Descent
rolling    the loop over steps; path is what it returns
points     gradient descent, momentum, Nesterov, Adam: the same record for a point
surfaces   what a ball of a radius sees of a grid of heights: centre surface, ironed surface, what it reaches
touch      the largest ball that reaches a point of a loss
ironing    measures of what is ironed out: minima, variation, slope, curvature, out of reach, spectrum
"""

from rbo.contact import Descent, Footpoint, Rigid
from rbo.device import best_device
from rbo.geometry import ascent_tangent, ball_center, rolling_rotation, shape_operator, unit_normal
from rbo.ironing import (
    local_minima,
    rms_curvature,
    rms_slope,
    spectrum,
    total_variation,
    unreachable_share,
)
from rbo.path import Outcome, Path
from rbo.points import Adam, GradientDescent, Momentum, Nesterov, descend
from rbo.rolling import roll
from rbo.surfaces import center_surface, ironed_surface, reachable
from rbo.touch import touch_radius

__all__ = [
    "Adam",
    "Descent",
    "Footpoint",
    "GradientDescent",
    "Momentum",
    "Nesterov",
    "Outcome",
    "Path",
    "Rigid",
    "ascent_tangent",
    "ball_center",
    "best_device",
    "center_surface",
    "descend",
    "ironed_surface",
    "local_minima",
    "reachable",
    "rms_curvature",
    "rms_slope",
    "roll",
    "rolling_rotation",
    "shape_operator",
    "spectrum",
    "total_variation",
    "touch_radius",
    "unit_normal",
    "unreachable_share",
]
