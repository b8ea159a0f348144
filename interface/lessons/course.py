"""The lessons in their order, by the names that links have."""

from __future__ import annotations

from interface.lessons import bottom, gradient, limit, losing, network, size
from interface.lessons.lesson import Lesson

COURSE: dict[str, Lesson] = {
    "gradient": gradient.LESSON,
    "radius": size.LESSON,
    "bottom": bottom.LESSON,
    "limit": limit.LESSON,
    "losing": losing.LESSON,
    "network": network.LESSON,
}


def following(name: str) -> str | None:
    """The lesson after one, or None after the last."""
    names = tuple(COURSE)
    later = names[names.index(name) + 1 :]
    return later[0] if later else None
