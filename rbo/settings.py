"""What a run is given, checked once, each error naming the argument and the value it got."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral, Real

import torch
from torch import Tensor

from rbo.graph import Loss, LossRaised

Rate = float | Tensor | Callable[[int], float]
HOW = "take coordinates as p[..., 0] and sum over the last axis, .sum(-1): a loss takes points of any batch"


def check_points(name: str, points: Tensor) -> None:
    """Points are a finite tensor (*B, d), d >= 1, in single or double precision."""
    if not isinstance(points, Tensor) or points.dtype not in (torch.float32, torch.float64):
        raise ValueError(
            f"{name} must be a floating-point torch tensor (float32, float64), got {kind(points)}"
        )
    if points.dim() < 1 or points.shape[-1] < 1:
        raise ValueError(f"{name} must have shape (*B, d) with d >= 1, got {tuple(points.shape)}")
    if not points.isfinite().all():
        raise ValueError(f"{name} must be finite, got {points.tolist()}")


def check_start(start: Tensor) -> None:
    """Starts are points, at least one."""
    check_points("start", start)
    if start.numel() < 1:
        raise ValueError(f"start must have shape (*B, d) with none of them 0, got {tuple(start.shape)}")


def check_steps(steps: int) -> None:
    """Steps is an integer >= 0."""
    if isinstance(steps, bool) or not isinstance(steps, Integral) or steps < 0:
        raise ValueError(f"steps must be an integer >= 0, got {steps!r}")


def check_positive(name: str, value: object) -> None:
    """A loss scale, a rate or a spacing is a finite number > 0."""
    if not (is_number(value) and 0 < value < math.inf):
        raise ValueError(f"{name} must be > 0 and finite, got {value!r}")


def check_part(name: str, part: object, ability: str, example: str) -> None:
    """A part has the ability it is used for; a class of such parts, or a name, has not."""
    if isinstance(part, type) or not hasattr(part, ability):
        raise ValueError(f"{name} must be a part such as {example}, got {part!r}")


def is_number(value: object) -> bool:
    """Whether a value is a real number; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def check_loss(loss: Loss, start: Tensor) -> None:
    """A loss maps (*B, d) to (*B,) and has a gradient, tried on the start."""
    value = tried(loss, start, "at the start")
    if not has_closed_form(loss) and not value.requires_grad:
        check_flat(loss, start, value)


def check_batch(loss: Loss, start: Tensor) -> None:
    """A loss takes several points at once, whatever their number, as a search asks for them."""
    d = start.shape[-1]
    count = 3 if d != 3 else 4  # of as many points as coordinates p[0] would have the right shape
    tried(loss, start.reshape(-1, d)[:1].repeat(count, 1), f"for {count} points at once")


def has_closed_form(loss: Loss) -> bool:
    """Whether autograd is not needed."""
    return hasattr(loss, "gradient") or hasattr(loss, "jet")


def tried(loss: Loss, points: Tensor, when: str) -> Tensor:
    """The losses (*B,) at points (*B, d)."""
    closed = has_closed_form(loss)
    try:
        with torch.inference_mode(False), torch.set_grad_enabled(not closed):
            value = loss(points if closed else points.clone().requires_grad_())
    except (MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        how = f"; {HOW}" if points.dim() > 1 else ""
        raise LossRaised(f"loss raised {type(error).__name__} {when}: {error}{how}") from error
    if not isinstance(value, Tensor):
        raise ValueError(f"loss must return a torch tensor, got {kind(value)}")
    shape, expected = tuple(points.shape), tuple(points.shape[:-1])
    if value.shape != expected:
        raise ValueError(
            f"loss must map (*B, d) to (*B,): for input {shape} it returned {tuple(value.shape)}, not "
            f"{expected}; {HOW}"
        )
    if not value.is_floating_point():
        raise ValueError(f"loss must return real numbers, got {kind(value)}")
    return value


def check_flat(loss: Loss, start: Tensor, value: Tensor) -> None:
    """A loss whose value at the start carries no gradient does not change there: one that does was detached,
    or computed outside of torch."""
    with torch.no_grad():
        change = loss(start + 0.01 * (1 + start.abs())) - value
    if (change.isfinite() & (change != 0)).any():
        raise ValueError("loss must be differentiable: its value changes with the point but has no gradient")


def rates(name: str, rate: Rate, frames: int, like: Tensor) -> Tensor:
    """A number, a tensor (*B,) or a schedule step -> number, as a tensor (frames, *B) or (frames, 1, ...),
    all > 0."""
    if callable(rate):
        try:
            numbers = [float(rate(step)) for step in range(frames)]
        except Exception as error:
            raise ValueError(f"{name}, a schedule, raised {type(error).__name__}: {error}") from error
        values = torch.as_tensor(numbers, dtype=like.dtype, device=like.device)
    else:
        try:
            given = torch.as_tensor(rate)
            if given.dtype == torch.bool or given.is_complex():
                raise TypeError
            values = torch.as_tensor(rate, dtype=like.dtype, device=like.device).expand(frames, *given.shape)
        except (TypeError, ValueError, RuntimeError):
            raise ValueError(f"{name} must be a number, a tensor or a schedule, got {rate!r}") from None
    good = (values > 0) & values.isfinite()
    if not good.all():
        raise ValueError(f"{name} must be > 0 and finite, got {values[~good][0].item()}")
    return values


def one_batch(start: Tensor, **rates: Tensor) -> tuple[Tensor, ...]:
    """Starts (*B, d), and rates given by name as (frames, *B'), all of one batch shape *B."""
    shapes = {"start": start.shape[:-1], **{name: rate.shape[1:] for name, rate in rates.items()}}
    try:
        batch = torch.broadcast_shapes(*shapes.values())
    except RuntimeError:
        *first, last = (f"{name} {tuple(shape)}" for name, shape in shapes.items())
        raise ValueError(f"batch shapes of {', '.join(first)} and {last} do not fit") from None
    padded = (r.reshape(len(r), *[1] * (len(batch) - r.dim() + 1), *r.shape[1:]) for r in rates.values())
    return start.expand(*batch, start.shape[-1]), *(r.expand(-1, *batch) for r in padded)


def kind(value: object) -> str:
    """What a wrong argument is, in words."""
    return f"a tensor of {value.dtype}" if isinstance(value, Tensor) else f"{type(value).__name__} {value!r}"
