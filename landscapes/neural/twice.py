"""Second derivatives: torch has none of some fused layers, and a sentence says which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

ABSENT = re.compile(r"derivative for (\S+) is not implemented")


@contextmanager
def told() -> Iterator[None]:
    """Where what is done here needs a derivative that torch does not have, say so.

    Raises:
        ValueError: in place of torch's RuntimeError.
    """
    try:
        yield
    except RuntimeError as error:
        absent = ABSENT.search(str(error))
        if absent is None:
            raise
        way_out = ": use torch.nn.attention.sdpa_kernel(SDPBackend.MATH)" if "attention" in absent[1] else ""
        raise ValueError(
            "the loss of this model cannot be differentiated twice, torch has no derivative of "
            f"{absent[1]}{way_out}"
        ) from error
