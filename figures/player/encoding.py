"""A film as one block of bytes: a JSON header, then the arrays, each on a boundary of four bytes.

    u32 length of the header | header (JSON, UTF-8) | array | array | ...

The header names each array with its type, shape and offset. Lengths are float32; the heights become int16
where that moves none of them by more than a thousandth of the smallest ball; orientations are int16 in units
of 1/32767. `frontend/decode.js` reads it.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import asdict
from typing import Any

import numpy as np

from figures.film import Film
from figures.theme import marked

HEIGHT_LEVELS = 65534  # int16 without its least value, which stands for NaN
MISSING = -32768
QUATERNION_UNIT = 32767
_ALIGNMENT = 4


def encode(film: Film, **setting: Any) -> bytes:
    """One block of bytes with the film and the setting in which to show it.

    Args:
        film: R balls of T+1 frames on an (ny, nx) grid: about 45 R (T+1) + 2 nx ny bytes.
        setting: JSON values for the front end: radius, step, play ...

    Returns:
        The block; `identity` and `landscape` in its header are digests of the film and of its grid.
    """
    arrays, scales = _arrays(film)
    table, blocks = lay_out(arrays)
    header = {
        "identity": digest(blocks, scales, film.outcomes, [p.name for p in film.points]),
        # The levels of scaled heights are the same, so the scale that restores them counts too.
        "landscape": digest([arrays[name].tobytes() for name in ("x", "y", "heights")], scales, film.title),
        "title": film.title,
        "gridNote": film.grid_note,
        "lossScale": film.loss_scale,
        "outcomes": list(film.outcomes),
        "points": [
            {"name": path.name, "end": int(path.end), "outcome": path.outcome, "mark": asdict(mark)}
            for path, mark in marked(film.points)
        ],
        "heights": scales,
        "arrays": table,
    } | setting
    return assemble(header, blocks)


def assemble(header: dict[str, Any], blocks: list[bytes]) -> bytes:
    """The block of bytes of a header, which has their table, and the padded arrays."""
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return b"".join([struct.pack("<I", len(text)), text, *blocks])


def _arrays(film: Film) -> tuple[dict[str, np.ndarray], dict[str, float] | None]:
    heights, scales = quantise(film.heights, tolerance=1e-3 * float(film.radii[0]))
    arrays = {
        "x": film.x.astype("<f4"),
        "y": film.y.astype("<f4"),
        "heights": heights,
        "radii": film.radii.astype("<f4"),
        "ends": film.ends.astype("<i4"),
        "contacts": film.contacts.astype("<f4"),
        "centers": film.centers.astype("<f4"),
        "rotations": np.rint(film.rotations * QUATERNION_UNIT).astype("<i2"),
        "losses": film.losses.astype("<f4"),
        "clearance": film.clearance.astype("<f4"),
        "touching": np.clip(film.touching, 0, 255).astype("u1"),
        "evaluations": film.evaluations.astype("<f4"),
    }
    for k, point in enumerate(film.points):
        arrays[f"points/{k}/contacts"] = point.contacts.astype("<f4")
        arrays[f"points/{k}/losses"] = point.losses.astype("<f4")
        arrays[f"points/{k}/evaluations"] = point.evaluations.astype("<f4")
    return arrays, scales


def quantise(heights: np.ndarray, tolerance: float) -> tuple[np.ndarray, dict[str, float] | None]:
    """Heights as int16 with the scale that restores them; float32 where int16 errs by more than `tolerance`.

    height = low + (q + 32767) unit, and q = -32768 is NaN.

    >>> quantise(np.array([[0.0, 1.0]]), tolerance=1e-3)[0].tolist()
    [[-32767, 32767]]
    """
    finite = heights[np.isfinite(heights)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    unit = (high - low) / HEIGHT_LEVELS
    if unit / 2 > tolerance:
        return heights.astype("<f4"), None
    unit = unit or 1.0  # all heights are the same
    levels = np.rint((heights - low) / unit) - QUATERNION_UNIT
    return np.where(np.isfinite(levels), levels, MISSING).astype("<i2"), {"low": low, "unit": unit}


def lay_out(arrays: dict[str, np.ndarray]) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Table of the arrays (name, dtype, shape, offset after the header) and their padded bytes."""
    table, blocks, offset = [], [], 0
    for name, array in arrays.items():
        block = array.tobytes()
        block += b"\0" * (-len(block) % _ALIGNMENT)
        table.append({"name": name, "dtype": array.dtype.str, "shape": array.shape, "offset": offset})
        blocks.append(block)
        offset += len(block)
    return table, blocks


def digest(blocks: list[bytes], *labels: Any) -> str:
    """A short name for these bytes and labels; others have another."""
    # In one piece: at each update the hash lets other threads in.
    whole = b"".join([repr(labels).encode(), *blocks])
    return hashlib.sha1(whole, usedforsecurity=False).hexdigest()[:16]
