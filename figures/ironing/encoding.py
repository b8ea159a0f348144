"""A profile or a relief as one block of bytes, laid out as a film is (`figures.player.encoding`).

The heights are float32. The surfaces of each radius are sent as their lift over the heights, int16 where that
moves no point by more than a thousandth of its radius, else float32: lifts are of the order of the radius
whatever the heights are. Reachability is one bit a point. `frontend/ironing/layers.js` reads it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from figures.player.encoding import assemble, digest, lay_out, quantise
from figures.relief import Profile, Relief

LIFT_TOLERANCE = 1e-3  # of the radius


def encode(record: Profile | Relief) -> bytes:
    """One block of bytes with the record; `identity` in its header is a digest of all that it shows.

    Args:
        record: R radii on N points: about R (4 + 1/8) N bytes (a profile has 12 R N more).
    """
    heights = record.heights.astype("<f4")
    grid, kind = _grid(record)
    layers, scales = _layers(record, heights)
    ground, blocks = lay_out(grid | {"heights": heights})
    table, all_blocks = lay_out(grid | {"heights": heights, "radii": record.radii.astype("<f4")} | layers)
    header = {
        "kind": kind,
        "identity": digest(all_blocks, scales, record.notes, record.title, record.loss_scale),
        "landscape": digest(blocks, [entry["shape"] for entry in ground], record.title, record.loss_scale),
        "title": record.title,
        "lossScale": record.loss_scale,
        "notes": list(record.notes),
        "lifts": scales,
        "arrays": table,
    }
    return assemble(header, all_blocks)


def _grid(record: Profile | Relief) -> tuple[dict[str, np.ndarray], str]:
    """What does not depend on the radius, less the heights, and the kind of the record."""
    if isinstance(record, Profile):
        return {"x": record.x.astype("<f4"), "slopes": record.slopes.astype("<f4")}, "profile"
    return {"x": record.x.astype("<f4"), "y": record.y.astype("<f4")}, "relief"


def _layers(record: Profile | Relief, heights: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays of each radius, 'centers/3', and the scales that restore the quantised ones."""
    arrays: dict[str, np.ndarray] = {}
    scales: dict[str, Any] = {}
    for r, radius in enumerate(record.radii):
        for name in ("centers", "ironed"):
            lift = getattr(record, name)[r] - heights
            arrays[f"{name}/{r}"], scales[f"{name}/{r}"] = quantise(lift, LIFT_TOLERANCE * float(radius))
        arrays[f"reachable/{r}"] = np.packbits(record.reachable[r], bitorder="little")
        if isinstance(record, Profile):
            arrays[f"touch/{r}"] = record.touch[r].astype("<f4")
            arrays[f"turns/{r}"] = record.turns[r].astype("<f4")
    return arrays, scales
