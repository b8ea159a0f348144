"""What a process of the pool does besides its tasks: it lets the pages go first, gives back memory, and ends
when its server does.

Nothing heavy is imported here: it happens before the process loads torch.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time

LOOK = 1.0  # seconds between two looks whether the server is still there


def begin(server: int, niceness: int) -> None:
    """Take a place behind the pages of the process `server`, for as long as it lives."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    threading.Thread(target=_watch, args=(server,), daemon=True).start()


def _watch(server: int) -> None:
    while os.getppid() == server:
        time.sleep(LOOK)
    os._exit(1)


def give_back() -> None:
    """Free memory goes back to the system.

    Left alone, the C library keeps what a task had: a hundred MB a process after minutes of a class. glibc is
    asked, which takes milliseconds; others have no such call.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim:
        trim(0)
