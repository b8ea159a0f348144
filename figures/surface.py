"""The landscape as it is drawn: its grid thinned to what a view can show."""

from __future__ import annotations

import numpy as np


def thinned(
    x: np.ndarray, y: np.ndarray, heights: np.ndarray, largest_side: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every k-th grid line, both ends kept, so that no side has more than `largest_side` points.

    Args:
        x, y: (nx,), (ny,) grid.
        heights: (ny, nx).
        largest_side: at least 2.

    >>> line = np.arange(385.0)
    >>> [part.shape for part in thinned(line, line[:50], np.zeros((50, 385)), 129)]
    [(129,), (50,), (50, 129)]
    """
    columns, rows = _kept(x.size, largest_side), _kept(y.size, largest_side)
    return x[columns], y[rows], heights[np.ix_(rows, columns)]


def _kept(size: int, largest: int) -> np.ndarray:
    return np.unique(np.linspace(0, size - 1, min(size, largest)).round().astype(int))
