"""How fast the surfaces of the ball are, against scipy and scikit-image in the same run.

    python -m benchmarks.surfaces

The others look at every point of the disc, so that their time does not depend on the heights; ours does, and
the slowest of several kinds of heights is what counts.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage
from skimage.restoration import rolling_ball

import landscapes
import rbo
from benchmarks.clock import fastest
from benchmarks.table import Row, printed

N = 256
RADII = (8, 32, 64, 128)  # in points
AT_LEAST = {  # how often faster: scipy, scikit-image
    8: (1.0, 1.0),
    32: (1.0, 1.0),
    64: (15.0, 4.0),
    128: (None, 8.0),  # scipy's table of offsets would take 27 GB
}
LANDSCAPES = ("wrinkled_bowl", "weierstrass_like", "fractal_noise", "rastrigin", "rosenbrock")


def rows() -> list[Row]:
    """Everything this benchmark measures."""
    kinds = heights(N)
    return [row for radius in RADII for row in compared(kinds, radius)] + growth()


def heights(n: int) -> dict[str, np.ndarray]:
    """Surfaces of n × n points, in units of the spacing; on the steep ones the ball touches with its rim."""
    kinds = {}
    for name in LANDSCAPES:
        loss = landscapes.get(name)
        axes = [torch.linspace(low, high, n, dtype=torch.float64) for low, high in loss.domain]
        grid = loss.grid(axes) * loss.loss_scale
        kinds[name] = grid.numpy() * (n - 1) / (loss.domain[0][1] - loss.domain[0][0])
    noise = np.random.default_rng(0).standard_normal((n, n))
    return kinds | {"white noise": 3 * noise, "flat": np.zeros((n, n))}


def compared(kinds: dict[str, np.ndarray], radius: int) -> list[Row]:
    """Ours against the others at one radius, and the time to iron."""
    ours = {name: fastest(lambda h=h: rbo.center_surface(h, 1.0, radius)) for name, h in kinds.items()}
    ironing = {name: fastest(lambda h=h: rbo.ironed_surface(h, 1.0, radius)) for name, h in kinds.items()}
    slowest, first = max(ours, key=ours.get), next(iter(kinds.values()))
    ball = hemisphere(radius)
    skimage = fastest(lambda: rolling_ball(-first, radius=radius, workers=torch.get_num_threads()))
    title = f"centre surface {N}², ρ = {radius}"
    found = [
        Row(
            f"{title}: against skimage.rolling_ball",
            skimage / ours[slowest],
            "×",
            at_least=AT_LEAST[radius][1],
        ),
        Row(f"{title}: skimage.rolling_ball", 1e3 * skimage, "ms"),
    ]
    if AT_LEAST[radius][0]:
        scipy = fastest(lambda: ndimage.grey_dilation(first, **ball))
        against = scipy / ours[slowest]
        found += [
            Row(f"{title}: against scipy.ndimage.grey_dilation", against, "×", at_least=AT_LEAST[radius][0]),
            Row(f"{title}: scipy.ndimage.grey_dilation", 1e3 * scipy, "ms"),
        ]
    found += [Row(f"{title}: {name}", 1e3 * seconds, "ms") for name, seconds in ours.items()]
    slowest = max(ironing, key=ironing.get)
    return [*found, Row(f"ironed surface {N}², ρ = {radius}: {slowest}", 1e3 * ironing[slowest], "ms")]


def growth() -> list[Row]:
    """Cost against the number of points at a fixed radius, and against the radius."""
    found = []
    for n in (128, 256, 512, 1024):
        grid = heights(n)["wrinkled_bowl"]
        for radius in (32, n // 4):
            seconds = fastest(lambda grid=grid, radius=radius: rbo.center_surface(grid, 1.0, radius))
            found.append(Row(f"wrinkled bowl {n}², ρ = {radius}: a point", 1e6 * seconds / n**2, "µs"))
    return found


def hemisphere(radius: int) -> dict[str, np.ndarray]:
    """The ball as scipy wants it."""
    axis = np.arange(-radius, radius + 1.0)
    square = axis[:, None] ** 2 + axis**2
    return {"footprint": square <= radius**2, "structure": np.sqrt(np.clip(radius**2 - square, 0, None))}


if __name__ == "__main__":
    print(printed("Surfaces", rows()))
