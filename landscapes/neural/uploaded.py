"""Weights from a file that somebody sent: tensors alone, of a known network, or one sentence.

Nothing in the file is executed: `torch.load(weights_only=True)` knows tensors and the containers of a state
dict and refuses all else. Before that the archive is measured, since a small file may unpack to a large one.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Mapping

import torch
from torch import Tensor, nn

LARGEST = 4 << 20  # bytes; weights of the largest network of the page take 2.0 MiB in float32, 3.9 in float64
ENTRIES = 1000  # of the archive: one a tensor, and a few more


def read_state(content: bytes) -> dict[str, Tensor]:
    """The state dict in a file written by `torch.save(model.state_dict(), file)`, on the CPU.

    Raises:
        ValueError: the file is too large, not of torch, or holds anything but tensors by name.
    """
    if len(content) > LARGEST:
        raise ValueError(f"the file has {len(content) / 2**20:.1f} MiB, at most {LARGEST >> 20} are allowed")
    _measure(content)
    try:
        found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise ValueError(
            "the file holds objects or code, which are not loaded: save model.state_dict() instead"
        ) from None
    except Exception as error:  # a damaged archive fails in many ways
        raise ValueError(f"the file is damaged: torch cannot read it ({type(error).__name__})") from None
    if not isinstance(found, Mapping):
        raise ValueError(f"the file must hold a state dict, got a {type(found).__name__}")
    for name, tensor in found.items():
        if not isinstance(name, str) or not _simple(tensor):
            raise ValueError(f"a state dict holds dense tensors by name, {str(name)[:60]!r} is not one")
    return dict(found)


def fitting(state: Mapping[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """A state dict with the names, shapes and dtypes of the model's own: parameters and running statistics.

    Raises:
        ValueError: a tensor is missing, not known to the model, of another shape or not finite.
    """
    own = model.state_dict()
    for name in own:
        if name not in state:
            raise ValueError(f"the file lacks {name!r}, which this network has")
    for name in state:
        if name not in own:
            raise ValueError(f"the file has {name[:60]!r}, which this network does not have")
    return {name: _fitted(name, state[name], like) for name, like in own.items()}


def _measure(content: bytes) -> None:
    """Refuse what is no archive of torch, and what would unpack to more than a file may have."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        entries = []
    if not any(entry.filename.endswith("data.pkl") for entry in entries):
        raise ValueError("the file is not one that torch.save writes")
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES or unpacked > LARGEST:
        raise ValueError(
            f"the file unpacks to {len(entries)} parts of {unpacked / 2**20:.1f} MiB, more than the "
            f"{LARGEST >> 20} MiB allowed"
        )


def _simple(tensor: object) -> bool:
    """Whether it is a tensor whose numbers lie in memory."""
    if type(tensor) not in (Tensor, nn.Parameter):
        return False
    return tensor.layout is torch.strided and tensor.device.type == "cpu" and not tensor.is_quantized


def _fitted(name: str, tensor: Tensor, like: Tensor) -> Tensor:
    if tensor.shape != like.shape:
        raise ValueError(
            f"{name} must have shape {tuple(like.shape)} in this network, got {tuple(tensor.shape)}"
        )
    if tensor.is_complex() or tensor.is_floating_point() != like.is_floating_point():
        raise ValueError(f"{name} must be of dtype {like.dtype} or one like it, got {tensor.dtype}")
    found = tensor.detach().to(like, copy=True)
    if not found.isfinite().all():  # also a float64 that float32 does not hold
        raise ValueError(f"{name} must be finite, got nan or infinity in it")
    if name.endswith("running_var") and (found < 0).any():
        raise ValueError(f"{name} is a variance and must be >= 0, got {float(found.min()):.3g}")
    return found
