"""The paper's networks, small: an MLP, ResNet-6 and ResNet-8, VGG-9.

The paper gives depths, not widths; the widths here suit a CPU. No batch normalisation: its running averages
would see N + 1 passes a step of the ball and one of SGD.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

Shape = tuple[int, ...]  # channels, height, width


class Residual(nn.Module):
    """relu(body(x) + x)."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(conv(channels, channels), nn.ReLU(), conv(channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + x)


def conv(channels: int, wider: int) -> nn.Conv2d:
    return nn.Conv2d(channels, wider, 3, padding=1)


def mlp(shape: Shape, classes: int) -> nn.Sequential:
    """Two hidden layers of 64."""
    width = 64
    hidden = [nn.Linear(math.prod(shape), width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(width, classes))


def resnet(blocks: int, shape: Shape, classes: int, width: int = 16) -> nn.Sequential:
    """2·blocks + 2 layers with weights; the image is halved after each block while it is at least 4 wide."""
    layers: list[nn.Module] = [conv(shape[0], width), nn.ReLU()]
    size = min(shape[1:])
    for _ in range(blocks):
        layers.append(Residual(width))
        if size >= 4:
            layers.append(nn.MaxPool2d(2))
            size //= 2
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes))


def vgg9(shape: Shape, classes: int, width: int = 16) -> nn.Sequential:
    """Three pairs of convolutions with pooling, then three linear layers."""
    layers: list[nn.Module] = []
    channels = shape[0]
    for wider in (width, 2 * width, 4 * width):
        layers += [conv(channels, wider), nn.ReLU(), conv(wider, wider), nn.ReLU(), nn.MaxPool2d(2)]
        channels = wider
    size = channels * (shape[1] // 8) * (shape[2] // 8)
    head = [nn.Linear(size, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, classes)]
    return nn.Sequential(*layers, nn.Flatten(), *head)


NETWORKS: dict[str, Callable[[Shape, int], nn.Sequential]] = {
    "mlp": mlp,
    "resnet6": lambda shape, classes: resnet(2, shape, classes),
    "resnet8": lambda shape, classes: resnet(3, shape, classes),
    "vgg9": vgg9,
}


def build(name: str, shape: Shape, classes: int, seed: int) -> nn.Sequential:
    """A network whose weights depend on the seed alone: He et al. 2015, normal, biases 0.

    Raises:
        ValueError: for a name that is not known.
    """
    if name not in NETWORKS:
        raise ValueError(f"model must be one of {', '.join(NETWORKS)}, got {name!r}")
    with torch.device("meta"):  # nothing is drawn from the global generator
        model = NETWORKS[name](shape, classes)
    model.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.Linear | nn.Conv2d):
                layer.weight.normal_(0, math.sqrt(2 / layer.weight[0].numel()), generator=generator)
                layer.bias.zero_()
    return model
