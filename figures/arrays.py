"""The arrays of a record, checked once: a field of a wrong shape or range is named in the message."""

from __future__ import annotations

import numpy as np


def own_arrays(record: object, shapes: dict[str, tuple[int, ...]], kind: type = float) -> None:
    """Hold each named field as an array of its shape and kind, or say which field has the wrong one."""
    for name, expected in shapes.items():
        try:
            array = np.asarray(getattr(record, name), dtype=kind)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name} must be an array of numbers of shape {expected}: {error}") from None
        if array.shape != expected:
            raise ValueError(f"{name} must have shape {expected}, got {array.shape}")
        object.__setattr__(record, name, array)


def axis_length(name: str, values: object, least: int) -> int:
    """Length of a finite, strictly increasing 1-D array."""
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or array.size < least:
        raise ValueError(f"{name} must be 1-D with at least {least} values, got shape {array.shape}")
    if not (np.isfinite(array).all() and (np.diff(array) > 0).all()):
        raise ValueError(f"{name} must be finite and strictly increasing")
    return array.size


def check_scale(scale: float) -> None:
    """Raise ValueError unless the loss scale is > 0 and finite."""
    if not (np.isfinite(scale) and scale > 0):
        raise ValueError(f"loss_scale must be > 0, got {scale}")


def check_radii(radii: np.ndarray) -> None:
    """Raise ValueError unless increasing radii are > 0."""
    if not radii[0] > 0:
        raise ValueError(f"radii must be > 0, got {radii[0]}")
