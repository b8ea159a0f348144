"""What holds for every test."""

import os
from pathlib import Path

# One thread in each process, also of the servers and workers that tests start: threads that share a core with
# other processes' wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import torch

# What is computed for a page is computed in this process, where a test can watch it; tests/test_load.py has
# the processes of a server.
os.environ.setdefault("RBO_WORKERS", "0")

# Balls are many small operations: a second thread only gets in the way of the browser and the server.
torch.set_num_threads(1)

# Those that take longest come first, in this order, so that no worker is left alone with one at the end.
LONG = (
    "browser/test_playground.py",
    "browser/test_real_losses.py",
    "browser/test_accessible.py",
    "test_experiments.py",
    "browser/test_ironing_page.py",
    "test_ironing_page.py",
    "browser",
    "test_real_losses_stories.py",
    "test_rigid.py",
    "test_load.py",
    "test_page.py",
    "test_lessons.py",
    "test_solvers.py",
    "test_relief.py",
    "test_take_home.py",
    "test_train_page.py",
    "test_widgets.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        if not item.path.is_relative_to(here):
            return len(LONG)
        names = item.path.relative_to(here)
        ranks = (LONG.index(name) for name in (names.as_posix(), names.parts[0]) if name in LONG)
        return next(ranks, len(LONG))

    items.sort(key=place)
