"""What sets the page of real losses apart from the other pages of experiments."""

from __future__ import annotations

from interface.neural.study import Study, frames, read, write
from interface.state import Page

PAGE = Page("real losses", read, write, lambda *_, **__: Study(), kept=(), frames=frames)
