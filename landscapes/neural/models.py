"""Networks small enough to be looked at: MLPs, a small CNN, a residual CNN with and without its skips.

An architecture is a frozen specification; `build` makes the network for data of given sizes, its weights
drawn by a generator of its own: uniform in ±1/√(fan-in), as `torch.nn` draws them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
}
Shape = tuple[int, ...]  # of one sample: (features,) or (channels, height, width)


class Residual(nn.Module):
    """relu(body(x) + x), or relu(body(x)) without the skip; the body keeps the shape of x."""

    def __init__(self, body: nn.Sequential, skip: bool = True):
        super().__init__()
        self.body = body
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        y = self.body(x)
        return torch.relu(y + x if self.skip else y)


@dataclass(frozen=True)
class MLP:
    """Fully connected layers.

    Args:
        depth: hidden layers, 0 (a linear model) to 16.
        width: neurons in each, 1 to 1024.
        activation: 'relu', 'tanh', 'gelu' or 'silu'.
    """

    depth: int = 2
    width: int = 32
    activation: str = "relu"

    def __post_init__(self) -> None:
        _whole("depth", self.depth, 0, 16)
        _whole("width", self.width, 1, 1024)
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {self.activation!r}")

    def layers(self, sample: Shape, classes: int) -> list[nn.Module]:
        found: list[nn.Module] = [nn.Flatten()] if len(sample) > 1 else []
        size = math.prod(sample)
        for _ in range(self.depth):
            found += [nn.Linear(size, self.width, device="meta"), ACTIVATIONS[self.activation]()]
            size = self.width
        return [*found, nn.Linear(size, classes, device="meta")]


@dataclass(frozen=True)
class CNN:
    """Two convolutions 3×3 with max-pooling, then a linear layer; for images of at least 4×4.

    Args:
        channels: of the first convolution, 1 to 256; the second has twice as many.
    """

    channels: int = 8

    def __post_init__(self) -> None:
        _whole("channels", self.channels, 1, 256)

    def layers(self, sample: Shape, classes: int) -> list[nn.Module]:
        image_channels, height, width = _image(sample, 4)
        c = self.channels
        return [
            *(_convolution(image_channels, c), nn.ReLU(), nn.MaxPool2d(2)),
            *(_convolution(c, 2 * c), nn.ReLU(), nn.MaxPool2d(2)),
            nn.Flatten(),
            nn.Linear(2 * c * (height // 4) * (width // 4), classes, device="meta"),
        ]


@dataclass(frozen=True)
class ResidualCNN:
    """Blocks of two convolutions, each with its input added to its output, or not: the contrast of Li et al.

    A convolution, `blocks` residual blocks, max-pooling, `blocks` more, the mean over the image, a linear
    layer. Both networks have the same parameters. For images of at least 2×2.

    Args:
        blocks: residual blocks before and after the pooling, 1 to 16.
        channels: of every convolution, 1 to 256.
        skips: whether a block adds its input.
        normalised: whether batch normalisation follows each convolution.

    Reference: K. He et al. (2016), Deep residual learning; H. Li et al. (2018), arXiv 1712.09913.
    """

    blocks: int = 2
    channels: int = 8
    skips: bool = True
    normalised: bool = True

    def __post_init__(self) -> None:
        _whole("blocks", self.blocks, 1, 16)
        _whole("channels", self.channels, 1, 256)

    def layers(self, sample: Shape, classes: int) -> list[nn.Module]:
        image_channels, _, _ = _image(sample, 2)
        return [
            *self._normal(_convolution(image_channels, self.channels)),
            nn.ReLU(),
            *(self._block() for _ in range(self.blocks)),
            nn.MaxPool2d(2),
            *(self._block() for _ in range(self.blocks)),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(self.channels, classes, device="meta"),
        ]

    def _block(self) -> Residual:
        first, second = (self._normal(_convolution(self.channels, self.channels)) for _ in range(2))
        return Residual(nn.Sequential(*first, nn.ReLU(), *second), self.skips)

    def _normal(self, convolution: nn.Conv2d) -> list[nn.Module]:
        if not self.normalised:
            return [convolution]
        return [convolution, nn.BatchNorm2d(self.channels, device="meta")]


Architecture = MLP | CNN | ResidualCNN


def build(
    architecture: Architecture,
    sample: Shape,
    classes: int,
    generator: torch.Generator,
    dtype: torch.dtype = torch.float32,
) -> nn.Sequential:
    """A network for samples of a shape, its weights drawn by the generator, on the generator's device.

    Example:
        >>> build(MLP(depth=1, width=3), (2,), 2, torch.Generator().manual_seed(0))[0].weight.shape
        torch.Size([3, 2])
    """
    model = nn.Sequential(*architecture.layers(sample, classes)).to(dtype)  # no storage yet, nothing drawn
    model.to_empty(device=generator.device)
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.Linear | nn.Conv2d):
                bound = 1 / math.sqrt(layer.weight[0].numel())
                for parameter in layer.parameters(recurse=False):
                    parameter.uniform_(-bound, bound, generator=generator)
            elif isinstance(layer, nn.BatchNorm2d):
                layer.reset_parameters()  # ones and zeros
    return model


def _convolution(inside: int, outside: int) -> nn.Conv2d:
    return nn.Conv2d(inside, outside, 3, padding=1, device="meta")


def _image(sample: Shape, least: int) -> tuple[int, int, int]:
    if len(sample) != 3 or min(sample[1:]) < least:
        raise ValueError(
            f"a CNN takes images (channels, height, width) of {least}×{least} or more, got {sample}"
        )
    return sample


def _whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be an integer from {low} to {high}, got {value!r}")
