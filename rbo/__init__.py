"""The Rolling Ball Optimizer: a rigid sphere of radius ρ rolls over the graph of a loss (arXiv 2505.19527).

geometry   normal, centre, curvature, rolling without slipping
contact    how the ball finds where it touches: Rigid, Footpoint, Descent
rolling    the loop over steps; path is what it returns
points     gradient descent, momentum, Nesterov, Adam: the same record for a point
surfaces   what a ball of a radius sees of a grid of heights: centre surface, ironed surface, what it reaches
"""

from rbo.contact import Descent, Footpoint, Rigid
from rbo.device import best_device
from rbo.geometry import ascent_tangent, ball_center, rolling_rotation, shape_operator, unit_normal
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
    "reachable",
    "roll",
    "rolling_rotation",
    "shape_operator",
    "touch_radius",
    "unit_normal",
]
