"""A point of weight space: one tensor a parameter by its name, or all of them as one flat vector.

The flat vector (P,) lists the parameters in the order of `model.named_parameters()`, each row-major. Buffers
(running statistics) are not weights.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

Weights = dict[str, Tensor]


def weights_of(model: nn.Module) -> Weights:
    """The parameters of a model, copied."""
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def flat(weights: Mapping[str, Tensor]) -> Tensor:
    """One vector (P,) of all parameters.

    >>> flat({"a": torch.ones(2, 2), "b": torch.zeros(1)})
    tensor([1., 1., 1., 1., 0.])
    """
    return torch.cat([tensor.reshape(-1) for tensor in weights.values()])


def unflat(vector: Tensor, like: Mapping[str, Tensor]) -> Weights:
    """The parameters in a vector (P,), with the names and shapes of `like`; views where they can be.

    Raises:
        ValueError: for a vector of another length.
    """
    sizes = [tensor.numel() for tensor in like.values()]
    if vector.shape != (sum(sizes),):
        raise ValueError(f"a weight vector must have shape ({sum(sizes)},), got {tuple(vector.shape)}")
    parts = vector.split(sizes)
    return {name: part.view(tensor.shape) for (name, tensor), part in zip(like.items(), parts, strict=True)}


def point(given: Mapping[str, Tensor] | Tensor, like: Mapping[str, Tensor], what: str) -> Weights:
    """`given`, a vector (P,) or a mapping, as weights with the names, shapes, dtype and device of `like`.

    A mapping may hold more than the parameters (a state dict), but none may be missing.

    Raises:
        ValueError: a parameter is missing, has another shape or is not finite; the message says `what`.
    """
    named = unflat(given, like) if isinstance(given, Tensor) else given
    found = {}
    for name, tensor in like.items():
        if name not in named:
            raise ValueError(f"{what} lacks the parameter {name!r}")
        found[name] = fitted(named[name], tensor, f"{what}: {name}")
    return found


def fitted(given: Tensor, like: Tensor, what: str) -> Tensor:
    """`given` copied to dtype and device of `like`; ValueError unless it has its shape and is finite."""
    if given.shape != like.shape:
        raise ValueError(f"{what} must have shape {tuple(like.shape)}, got {tuple(given.shape)}")
    if not given.isfinite().all():
        raise ValueError(f"{what} must be finite, got nan or infinity in it")
    return given.detach().to(like, copy=True)
