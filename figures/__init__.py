"""Figures of a rolling ball, built from plain NumPy arrays."""

from figures.film import Film, PointPath

__all__ = ["Film", "PointPath"]
