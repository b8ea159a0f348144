"""Nested records of tensors, handled place by place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from torch import Tensor


def map_tensors(act: Callable[..., Tensor], first: Any, *others: Any) -> Any:
    """act on the tensors of nested records of one type, place by place."""
    if isinstance(first, Tensor):
        return act(first, *others)
    parts = {f.name: map_tensors(act, *(getattr(r, f.name) for r in (first, *others))) for f in fields(first)}
    return type(first)(**parts)


def take(state: Any, index: Any) -> Any:
    """Some places of every tensor of a nested record."""
    return map_tensors(lambda t: t[index], state)
