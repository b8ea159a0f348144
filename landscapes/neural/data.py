"""What a network learns: two moons, circles, spirals, scikit-learn's digits; the usual images by download.

`Data` is a frozen specification, `load()` gives its arrays: the same ones for the same specification.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from sklearn import datasets
from torch import Tensor

from landscapes.neural import images
from landscapes.neural.corruption import corrupt_labels

PLANAR = ("moons", "circles", "spirals")
OFFLINE = (*PLANAR, "digits")
NAMES = (*OFFLINE, *images.NAMES)
CLASSES = dict.fromkeys(PLANAR, 2)
MOST = 20_000  # samples: a slice evaluates all of them at each of its points


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples to learn from and samples to judge by.

    Attributes:
        inputs: (N, 2), or (N, channels, height, width) from 0 to 1; float32.
        targets: (N,) int64, some of them corrupted where that was asked for.
        clean: (N,) the true ones.
        held_inputs, held_targets: samples that are not learned from, with true labels.
        classes: number of classes.
    """

    inputs: Tensor
    targets: Tensor
    clean: Tensor
    held_inputs: Tensor
    held_targets: Tensor
    classes: int

    @property
    def sample(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return tuple(self.inputs.shape[1:])


@dataclass(frozen=True)
class Data:
    """A specification of data.

    Args:
        name: one of NAMES.
        samples: how many to learn from, 8 to 20,000; digits have 1,437 at most. A quarter more are held out.
        noise: standard deviation of the points of the plane, 0 to 2; without a meaning for images.
        seed: of the points, of the choice of images and of the corruption.
        corrupted: share of wrong labels, 0 to 1.

    Example:
        >>> Data("spirals", samples=100).load().inputs.shape
        torch.Size([100, 2])
    """

    name: str = "moons"
    samples: int = 500
    noise: float = 0.2
    seed: int = 0
    corrupted: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(f"data must be one of {', '.join(NAMES)}, got {self.name!r}")
        whole = isinstance(self.samples, int) and not isinstance(self.samples, bool)
        if not whole or not 8 <= self.samples <= MOST:
            raise ValueError(f"samples must be an integer from 8 to {MOST}, got {self.samples!r}")
        if not 0 <= self.noise <= 2:
            raise ValueError(f"noise must be from 0 to 2, got {self.noise}")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or not 0 <= self.seed < 2**31:
            raise ValueError(f"seed must be an integer from 0 to 2**31 - 1, got {self.seed!r}")
        if not 0 <= self.corrupted <= 1:
            raise ValueError(f"corrupted must be a share from 0 to 1, got {self.corrupted}")

    def load(self) -> Dataset:
        """The data; `images.Unavailable` if they must be downloaded and cannot be."""
        generator = torch.Generator().manual_seed(self.seed)
        held = -(-self.samples // 4)
        inputs, labels = self._samples(self.samples + held)
        order = torch.randperm(len(inputs), generator=generator)
        n = min(self.samples, len(inputs) * 4 // 5)
        learned, judged = order[:n], order[n : n + held]
        targets = labels[learned]
        classes = CLASSES.get(self.name, 10)
        wrong = corrupt_labels(targets, self.corrupted, classes, generator)
        return Dataset(inputs[learned], wrong, targets, inputs[judged], labels[judged], classes)

    def _samples(self, count: int) -> tuple[Tensor, Tensor]:
        if self.name == "digits":
            pixels, labels = datasets.load_digits(return_X_y=True)
            return torch.tensor(pixels / 16, dtype=torch.float32).view(-1, 1, 8, 8), torch.tensor(labels)
        if self.name in images.NAMES:
            return images.load(self.name)
        if self.name == "spirals":
            return spirals(count, self.noise, torch.Generator().manual_seed(self.seed))
        make = {"moons": datasets.make_moons, "circles": datasets.make_circles}[self.name]
        options = {"factor": 0.5} if self.name == "circles" else {}
        points, labels = make(count, noise=self.noise, random_state=self.seed, **options)
        return torch.tensor(points, dtype=torch.float32), torch.tensor(labels)


def spirals(count: int, noise: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Two arms of Archimedes' spiral, one and a half turns: points (count, 2) with radii up to 1.5, labels
    (count,)."""
    labels = torch.arange(count) % 2
    along = torch.rand(count, generator=generator).sqrt()  # as dense outside as inside
    angle = 3 * math.pi * along + math.pi * labels
    points = 1.5 * along[:, None] * torch.stack([angle.cos(), angle.sin()], -1)
    return points + noise / 2 * torch.randn(count, 2, generator=generator), labels
