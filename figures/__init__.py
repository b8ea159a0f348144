"""Figures of a rolling ball, built from plain NumPy arrays.

    film = figures.Film(...)                      # one run: landscape, paths of all radii, point methods
    figures.scene.figure(film, radius_index, step)      # 3-D
    figures.scene.animate(film, radius_index)           # the same with sliders for time and radius
    figures.above.figure(film, radius_index, step)      # contours from above
    figures.section.figure(film, radius_index, step)    # the circle touching the curve
    figures.losses.figure(film, radius_index, step)     # loss against step or gradient evaluations
    figures.Profile(...), figures.Relief(...)     # a curve or surface, and what balls of all radii see of it
    figures.multiples.figure(profile)                   # the curve to growing balls, in panels
    figures.measures.figure(measures, radius_index)     # measures of raw and ironed against the radius
    figures.bounds.figure(bounds)                       # an inequality
    figures.training.losses(learning)                   # loss and accuracy of a training as they come
    figures.decision.figure(shown)                      # what a network predicts, frame by frame
    figures.seeds.figure(seeds)                         # numbers over several seeds, in panels
    figures.disagreement.figure(paths)                  # true losses of paths against the plane under them

Every view of a film is a module with `figure(film, radius_index, step, ...)`, a plotly `Figure`, and
`describe(film, radius_index, step)`, the same picture in words.
"""

from figures import (
    above,
    ball,
    bounds,
    decision,
    disagreement,
    losses,
    measures,
    multiples,
    scene,
    section,
    seeds,
    surface,
    theme,
    training,
)
from figures.film import Film, PointPath
from figures.relief import Profile, Relief

__all__ = [
    "Film",
    "PointPath",
    "Profile",
    "Relief",
    "above",
    "ball",
    "bounds",
    "decision",
    "disagreement",
    "losses",
    "measures",
    "multiples",
    "scene",
    "section",
    "seeds",
    "surface",
    "theme",
    "training",
]
