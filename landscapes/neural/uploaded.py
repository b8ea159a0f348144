"""Weights from a file that somebody sent: tensors alone, of a known network, or one sentence.

Nothing in the file is executed: `torch.load(weights_only=True)` knows tensors and the containers of a state
dict and refuses all else. But it takes the memory that a file asks for, and a small file may ask for much. So
the archive is measured first, and its pickle is read once without making a tensor.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

LARGEST = 4 << 20  # bytes; weights of the largest network of the page take 2.0 MiB in float32, 3.9 in float64
ENTRIES = 1000  # of the archive: one a tensor, and a few more
OTHER = "the file holds objects or code, which are not loaded: save model.state_dict() instead"


def read_state(content: bytes) -> dict[str, Tensor]:
    """The state dict in a file written by `torch.save(model.state_dict(), file)`, on the CPU.

    Raises:
        ValueError: the file is too large, not of torch, or holds anything but tensors by name.
    """
    if len(content) > LARGEST:
        raise ValueError(f"the file has {len(content) / 2**20:.1f} MiB, at most {LARGEST >> 20} are allowed")
    _measure(content)
    try:
        DryRun(content).load()
        found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise ValueError(OTHER) from None
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


WIDTHS = {  # bytes of a number, by the name of its storage
    **{"Bool": 1, "Byte": 1, "Char": 1, "Short": 2, "Half": 2, "BFloat16": 2, "Int": 4, "Float": 4},
    **{"Long": 8, "Double": 8, "ComplexFloat": 8, "ComplexDouble": 16},
}


def _measure(content: bytes) -> None:
    """Refuse what is no archive of torch, and what would unpack to more than a file may have."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        entries = []
    names = [entry.filename.lower() for entry in entries]  # who reads it may take one for another in capitals
    if sum(name.endswith("data.pkl") for name in names) != 1 or len({*names}) != len(names):
        raise ValueError("the file is not one that torch.save writes")
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > ENTRIES or unpacked > LARGEST:
        raise ValueError(
            f"the file unpacks to {len(entries)} parts of {unpacked / 2**20:.1f} MiB, more than the "
            f"{LARGEST >> 20} MiB allowed"
        )


class DryRun(pickle.Unpickler):
    """Reads a pickled state dict with storages told by their lengths, and nothing in the place of a tensor.

    Raises:
        pickle.UnpicklingError: it names what a state dict does not need, or a tensor exceeds its storage.
    """

    def __init__(self, content: bytes):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            (pickled,) = (name for name in self.sizes if name.endswith("data.pkl"))
            super().__init__(io.BytesIO(archive.read(pickled)))
        self.folder = pickled.removesuffix("data.pkl")

    def persistent_load(self, pid: Any) -> int:
        """The length of a storage, which its entry of the archive must have."""
        _, width, key, _, count = pid
        if width * count != self.sizes.get(f"{self.folder}data/{key}"):
            raise pickle.UnpicklingError("a storage of another length")
        return count

    def find_class(self, module: str, name: str) -> Any:
        """What stands for the few things that a state dict needs."""
        if module == "torch" and name.removesuffix("Storage") in WIDTHS:
            return WIDTHS[name.removesuffix("Storage")]
        if (module, name) not in STANDS_FOR:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return STANDS_FOR[module, name]


def _no_tensor(count: int, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object) -> None:
    """In the place of a tensor: it must lie in its storage of so many numbers."""
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if 0 not in size and not (min((offset, *size, *stride)) >= 0 and last < count):
        raise pickle.UnpicklingError("a tensor beyond its storage")


STANDS_FOR = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _no_tensor,
    ("torch._utils", "_rebuild_parameter"): lambda *_: None,
    ("torch._utils", "_rebuild_sparse_tensor"): lambda *_: None,  # of tensors; then refused by its name
    ("torch.serialization", "_get_layout"): str,
    ("torch", "Size"): tuple,
}


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
