"""Data sets of images: to train on, to choose settings by, and to report on, never the same images.

The images are those of `landscapes.neural`, and CIFAR-100: `digits` comes with scikit-learn, the others need
a network connection once.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from rbo.experiments import cifar100

NAMES = ("digits", "mnist", "fashion_mnist", "cifar10", "cifar100")
SAMPLES = {"digits": 1437}  # to train on and to choose by; of the larger sets:
MOST = 16_000
Images = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Task:
    """Images (n, channels, height, width) in single precision, mean 0, and their classes (n,)."""

    train: Images
    valid: Images
    test: Images
    classes: int


@functools.lru_cache(maxsize=2)
def load(name: str) -> Task:
    """A data set, always split in the same way, about 60 : 20 : 20.

    Raises:
        ValueError: for a name that is not known, or data that cannot be fetched.
    """
    if name not in NAMES:
        raise ValueError(f"data must be one of {', '.join(NAMES)}, got {name!r}")
    (inputs, targets), (held, held_targets), classes = images(name)
    cut = len(inputs) * 3 // 4
    mean, deviation = inputs[:cut].mean(), inputs[:cut].std()
    inputs, held = (inputs - mean) / deviation, (held - mean) / deviation
    return Task(
        train=(inputs[:cut], targets[:cut]),
        valid=(inputs[cut:], targets[cut:]),
        test=(held, held_targets),
        classes=classes,
    )


def images(name: str) -> tuple[Images, Images, int]:
    """Images to train on and to choose by, a quarter as many to report on, and how many classes there are."""
    try:
        from sklearn.datasets import get_data_home

        from landscapes import neural
    except ImportError as error:
        raise ValueError("experiments need scikit-learn: pip install scikit-learn scipy") from error
    if name == "cifar100":
        folder = Path(get_data_home())
        learned, judged = cifar100.load(folder, "train", MOST), cifar100.load(folder, "test", MOST // 4)
        return learned, judged, cifar100.CLASSES
    try:
        found = neural.Data(name, SAMPLES.get(name, MOST)).load()
    except neural.Unavailable as error:
        raise ValueError(f"{error}: --data digits") from error
    return (found.inputs, found.targets), (found.held_inputs, found.held_targets), found.classes
