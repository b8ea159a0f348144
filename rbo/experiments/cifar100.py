"""CIFAR-100 (Krizhevsky 2009) from its author's archive: 161 MB, fetched once.

It is kept in scikit-learn's data folder, beside the other images, once its checksum is right. A record is the
coarse class, the fine class, and 3 × 32 × 32 bytes.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import tarfile
import urllib.request
from pathlib import Path

import torch
from torch import Tensor

URL = "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"
MD5 = "03b5dce01913d631647c71ecec9e9cb8"
CLASSES = 100
SHAPE = (3, 32, 32)
SECONDS = 30.0  # without a byte, after which the connection is given up


def load(folder: Path, part: str, most: int) -> tuple[Tensor, Tensor]:
    """The first images (n, 3, 32, 32), from 0 to 1, and their fine classes (n,), int64.

    Args:
        folder: where the archive is kept.
        part: 'train', 50,000 images, or 'test', 10,000; both come in no order.
        most: how many to take.

    Raises:
        ValueError: the archive is not there and cannot be fetched, or its checksum is wrong.
    """
    file = folder / URL.rpartition("/")[2]
    if not file.exists():
        fetch(file)
    size = 2 + SHAPE[0] * SHAPE[1] * SHAPE[2]
    with tarfile.open(file) as archive:
        raw = archive.extractfile(f"cifar-100-binary/{part}.bin").read(most * size)
    records = torch.frombuffer(bytearray(raw), dtype=torch.uint8).view(-1, size)
    return records[:, 2:].float().view(-1, *SHAPE) / 255, records[:, 1].long()


def fetch(file: Path) -> None:
    """Download the archive, as a whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part, found = file.with_suffix(f".{os.getpid()}.part"), hashlib.md5(usedforsecurity=False)
    try:
        with urllib.request.urlopen(URL, timeout=SECONDS) as source, part.open("wb") as out:
            while some := source.read(1 << 20):
                found.update(some)
                out.write(some)
        if found.hexdigest() != MD5:
            raise ValueError("cifar100 was downloaded with a wrong checksum: try again")
        os.replace(part, file)
    except (OSError, http.client.HTTPException) as error:
        raise ValueError(
            f"cifar100 is not on this computer and cannot be downloaded ({type(error).__name__}): go online "
            "once, or choose data that need no download: --data digits"
        ) from error
    finally:
        part.unlink(missing_ok=True)
