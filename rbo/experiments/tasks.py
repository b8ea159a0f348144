"""Data sets of images: to train on, to choose settings by, and to report on, never the same images.

The images are those of `landscapes.neural`: `digits` comes with scikit-learn, the others need a network
connection once.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from torch import Tensor

NAMES = ("digits", "mnist", "fashion_mnist", "cifar10")
SAMPLES = {"digits": 1437}  # to train on and to choose by; of the larger sets:
MOST = 16_000


@dataclass(frozen=True)
class Task:
    """Images (n, channels, height, width) in single precision, mean 0, and their classes (n,)."""

    train: tuple[Tensor, Tensor]
    valid: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]
    classes: int


@functools.lru_cache(maxsize=2)
def load(name: str) -> Task:
    """A data set, always split in the same way, about 60 : 20 : 20.

    Raises:
        ValueError: for a name that is not known, or data that cannot be fetched.
    """
    if name not in NAMES:
        raise ValueError(f"data must be one of {', '.join(NAMES)}, got {name!r}")
    try:
        from landscapes import neural
    except ImportError as error:
        raise ValueError("experiments need scikit-learn: pip install scikit-learn scipy") from error
    try:
        found = neural.Data(name, SAMPLES.get(name, MOST)).load()
    except neural.Unavailable as error:
        raise ValueError(f"{error}: --data digits") from error
    cut = len(found.inputs) * 3 // 4
    mean, deviation = found.inputs[:cut].mean(), found.inputs[:cut].std()
    inputs, held = (found.inputs - mean) / deviation, (found.held_inputs - mean) / deviation
    return Task(
        train=(inputs[:cut], found.targets[:cut]),
        valid=(inputs[cut:], found.targets[cut:]),
        test=(held, found.held_targets),
        classes=found.classes,
    )
