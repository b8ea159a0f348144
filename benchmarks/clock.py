"""How long a call takes, the same for all that a benchmark compares."""

from __future__ import annotations

import time
from collections.abc import Callable


def fastest(call: Callable[[], object], within: float = 1.0, least: int = 2) -> float:
    """Seconds of the fastest of the calls that fit into a time, and of at least so many: what stalls one of
    them does not count."""
    times = []
    while len(times) < least or sum(times) < within:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)
