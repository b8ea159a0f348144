"""Data sets of images: to train on, to choose settings by, and to report on, never the same images.

`digits` comes with scikit-learn; MNIST and CIFAR are fetched from OpenML, which needs a network connection
once.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Source:
    """Where images come from: OpenML's name, version and their shape; no name: scikit-learn itself."""

    shape: tuple[int, int, int]  # channels, height, width
    classes: int
    largest: float  # value of a pixel
    openml: str = ""
    version: int = 1


SOURCES = {
    "digits": Source((1, 8, 8), 10, 16.0),
    "mnist": Source((1, 28, 28), 10, 255.0, "mnist_784"),
    "cifar10": Source((3, 32, 32), 10, 255.0, "CIFAR_10"),
    "cifar100": Source((3, 32, 32), 100, 255.0, "CIFAR-100"),
}


@dataclass(frozen=True)
class Task:
    """Images (n, channels, height, width) in single precision, mean 0, and their classes (n,)."""

    train: tuple[Tensor, Tensor]
    valid: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]
    classes: int


@functools.lru_cache(maxsize=2)
def load(name: str) -> Task:
    """A data set, split 60 : 20 : 20 by a permutation that is always the same.

    Raises:
        ValueError: for a name that is not known, or data that cannot be fetched.
    """
    if name not in SOURCES:
        raise ValueError(f"data must be one of {', '.join(SOURCES)}, got {name!r}")
    source = SOURCES[name]
    images, labels = fetch(name, source)
    images = images.view(-1, *source.shape) / source.largest
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    images, labels = images[order], labels[order]
    first, second = len(images) * 3 // 5, len(images) * 4 // 5
    images = (images - images[:first].mean()) / images[:first].std()
    parts = [(images[a:b], labels[a:b]) for a, b in ((0, first), (first, second), (second, len(images)))]
    return Task(*parts, source.classes)


def fetch(name: str, source: Source) -> tuple[Tensor, Tensor]:
    """Pixels (n, ...) and classes (n,)."""
    try:
        from sklearn import datasets
    except ImportError as error:
        raise ValueError(
            "the experiments need scikit-learn: pip install 'rolling-ball[experiments]'"
        ) from error
    if not source.openml:
        found = datasets.load_digits()
        return torch.tensor(found.data, dtype=torch.float32), torch.tensor(found.target, dtype=torch.long)
    try:
        found = datasets.fetch_openml(source.openml, version=source.version, as_frame=False)
    except OSError as error:
        raise ValueError(
            f"data {name!r} cannot be fetched from OpenML ({error}): connect to the network, or take "
            "--data digits, which needs none"
        ) from error
    labels = torch.tensor(found.target.astype(int), dtype=torch.long)
    return torch.tensor(found.data, dtype=torch.float32), labels
