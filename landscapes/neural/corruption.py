"""Noise in the data, of which the paper's wrinkles come: labels that are wrong."""

from __future__ import annotations

import torch
from torch import Tensor


def corrupt_labels(targets: Tensor, share: float, classes: int, generator: torch.Generator) -> Tensor:
    """Labels of which a share is wrong: each of those is replaced by another class, all others as likely.

    Args:
        targets: labels (N,) from 0 to classes − 1, not changed.
        share: of the labels, 0 to 1; the nearest number of them is corrupted, never with its own class.
        classes: at least 2.
        generator: draws which labels and which classes.

    Example:
        >>> clean = torch.zeros(10, dtype=torch.int64)
        >>> corrupt_labels(clean, 0.3, 2, torch.Generator().manual_seed(0)).sum()
        tensor(3)
    """
    if not 0 <= share <= 1:
        raise ValueError(f"the share of corrupted labels must be from 0 to 1, got {share}")
    if classes < 2:
        raise ValueError(f"labels can be corrupted only among classes >= 2, got {classes}")
    count = round(share * len(targets))
    chosen = torch.randperm(len(targets), generator=generator)[:count]
    shift = torch.randint(1, classes, (count,), generator=generator)
    corrupted = targets.clone()
    chosen = chosen.to(targets.device)
    corrupted[chosen] = (targets[chosen] + shift.to(targets.device)) % classes
    return corrupted
