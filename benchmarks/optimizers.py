"""What a step of the ball costs in passes of the same network, and a map of radius × rate.

    python -m benchmarks.optimizers

A step with N inner steps asks for N + 1 gradients; what it does besides is its own cost: calls from Python,
whatever the network. A pass of the smallest network takes so little that a step of SGD itself costs more than
1.1 of its passes: it has no limit here, and SGD stands beside it. Times are of the processor, the lower
quartile of many, both kinds taken in turn. The ball hardly moves, so that both see the same network: numbers
near zero or infinity would change the speed of the arithmetic.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch.nn.functional import cross_entropy

import landscapes
import rbo
from benchmarks.table import Row, printed
from rbo.experiments.maps import rate_map
from rbo.experiments.networks import build
from rbo.experiments.sweep import executor
from rbo.experiments.tasks import load

CONTACT_STEPS = 10
PASSES = {"mlp": None, "resnet8": 1.1, "vgg9": 1.1}  # (N + 1) forward and backward passes, at most
MAP_SECONDS = 10.0  # on 2 cores


def rows() -> list[Row]:
    """Everything this benchmark measures."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [step(name) for name in PASSES] + [descent("mlp")] + maps()
    finally:
        torch.set_num_threads(threads)


def step(name: str) -> Row:
    """Time of a step of the ball over that of as many passes, on digits in batches of 64."""
    model, closure = passing(name)
    ball = rbo.RollingBall(model.parameters(), 1e-7, 1e-6, CONTACT_STEPS, 1e-7)

    def passes() -> None:
        for _ in range(CONTACT_STEPS + 1):
            closure()

    what = f"step of RollingBall / {CONTACT_STEPS + 1} passes, {name} on digits"
    return Row(what, ratio(lambda: ball.step(closure), passes), "", PASSES[name])


def descent(name: str) -> Row:
    """The same of torch's gradient descent, whose step has one pass."""
    model, closure = passing(name)
    sgd = torch.optim.SGD(model.parameters(), 1e-7)
    return Row(f"step of SGD / 1 pass, {name} on digits", ratio(lambda: sgd.step(closure), closure), "")


def passing(name: str) -> tuple[torch.nn.Module, Callable[[], torch.Tensor]]:
    """A network, and a forward and backward pass of it."""
    x, y = (part[:64] for part in load("digits").train)
    model = build(name, tuple(x.shape[1:]), 10, seed=0)

    def closure() -> torch.Tensor:
        model.zero_grad()
        loss = cross_entropy(model(x), y)
        loss.backward()
        return loss

    return model, closure


def ratio(work: Callable[[], object], measure: Callable[[], object]) -> float:
    """The time of one over that of the other."""
    times = [(processor_time(measure), processor_time(work)) for _ in range(60)]
    plain, own = (sorted(kind)[len(kind) // 4] for kind in zip(*times, strict=True))
    return own / plain


def maps() -> list[Row]:
    """32 × 32 cells, 200 steps, wrinkled bowl."""
    loss = landscapes.get("wrinkled_bowl")
    radii, lrs = torch.logspace(-1.3, 0.3, 32), torch.logspace(-3, 0, 32)
    start, found = torch.tensor(loss.start), []
    with executor(workers=2) as pool:
        list(pool.map(torch.set_num_threads, [1] * 8))  # started, before the time is taken
        for title, contact in (("Rigid", rbo.Rigid(loss.domain)), ("Descent", rbo.Descent(20, 0.02))):
            begun = time.perf_counter()
            rate_map(loss, start, radii, lrs, 200, contact, loss.loss_scale, pool)
            seconds = time.perf_counter() - begun
            found.append(Row(f"map 32 × 32 × 200 steps, {title}, 2 processes", seconds, "s", MAP_SECONDS))
    return found


def processor_time(work: Callable[[], object]) -> float:
    """Seconds of the processor."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


if __name__ == "__main__":
    print(printed("Optimisers", rows()))
