"""MNIST, Fashion-MNIST and images of CIFAR-10, by `sklearn.datasets.fetch_openml`.

It keeps what it downloads in scikit-learn's data folder and compares it with the checksum that OpenML states.
Its reader needs pandas, which the app has. Of CIFAR-10 these are the 20,000 images of OpenML's small edition:
the whole would take gigabytes to read, and no slice evaluates that many.
"""

from __future__ import annotations

import http.client

import torch
from sklearn.datasets import fetch_openml
from torch import Tensor

OPENML = {  # name: number at openml.org, shape of an image
    "mnist": (554, (1, 28, 28)),
    "fashion_mnist": (40996, (1, 28, 28)),
    "cifar10": (40926, (3, 32, 32)),
}
NAMES = tuple(OPENML)


class Unavailable(RuntimeError):
    """Images that are not on this computer and cannot be downloaded; the message is for readers."""


def load(name: str, folder: str | None = None) -> tuple[Tensor, Tensor]:
    """Images (N, channels, height, width) from 0 to 1 and labels (N,).

    Args:
        name: 'mnist', 'fashion_mnist' or 'cifar10'.
        folder: where downloads are kept; scikit-learn's where it is None.

    Raises:
        Unavailable: they are not there and cannot be fetched, or the checksum is wrong.
    """
    number, shape = OPENML[name]
    try:
        found = fetch_openml(
            data_id=number,
            as_frame=False,
            parser="pandas",
            data_home=folder,
            n_retries=1,
            read_csv_kwargs={"dtype": "float32"},  # labels too: as classes pandas makes numbers of them
        )
    except (OSError, http.client.HTTPException, ValueError) as error:
        # URLError and timeouts are OSErrors; what is not OpenML, a sign-in page of a network, is a ValueError
        if "checksum" in str(error):
            raise Unavailable(f"{name} was downloaded with a wrong checksum: try again") from error
        raise Unavailable(
            f"{name} is not on this computer and cannot be downloaded ({type(error).__name__}): "
            "go online once, or choose data that need no download"
        ) from error
    pixels = torch.as_tensor(found.data, dtype=torch.float32).view(-1, *shape) / 255
    return pixels, torch.tensor([int(label) for label in found.target])
