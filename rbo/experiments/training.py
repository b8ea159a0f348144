"""One run: a specification in, its curve out.

Counted are the gradients that the method asks for, each of one batch, and the seconds of its steps; looking
at the accuracy is not. A run has one thread: its seconds are that thread's, which is what a clock would read
on a core that does nothing else. A run that is stopped goes on from its last checkpoint and ends as if it had
not been.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rbo.experiments.methods import METHODS
from rbo.experiments.networks import build
from rbo.experiments.tasks import load
from rbo.optim import LossNotFinite

CHECKPOINT_SECONDS = 20.0
RECIPE = 4  # counted up whenever a run of the same specification would give another result


@dataclass(frozen=True)
class Run:
    """What a run depends on; its result depends on nothing else.

    Attributes:
        epochs: after which all methods are compared by epochs.
        budget: gradients after which they are compared at equal gradients; a run lasts until it has done
        both.
        radius: of the ball, where it is not the table's; `rbo` only.
    """

    data: str
    model: str
    method: str
    lr: float
    seed: int
    epochs: int
    budget: int
    batch: int = 64
    radius: float | None = None

    def __post_init__(self) -> None:
        if self.radius is not None and self.method != "rbo":
            raise ValueError(f"radius is a setting of rbo alone, got {self.radius} for {self.method}")

    @property
    def key(self) -> str:
        """A name for files, the same for the same run."""
        told = {name: value for name, value in dataclasses.asdict(self).items() if value is not None}
        text = json.dumps({**told, "recipe": RECIPE}, sort_keys=True)
        return f"{self.data}-{self.model}-{self.method}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def steps_per_epoch(data: str, batch: int) -> int:
    """Full batches of the training images; the rest of a permutation is left out."""
    return len(load(data).train[0]) // batch


def train(run: Run, folder: str | None = None) -> dict[str, Any]:
    """Do a run.

    Args:
        run: its specification.
        folder: where its checkpoint is kept while it lasts, and then its result; None: nowhere.

    Returns:
        {"run": its fields, "curve": [{"epoch", "gradients", "seconds", "loss", "valid", "test"}, ...],
        "diverged": bool}; accuracies in %, loss is the mean of the epoch's.
    """
    if folder and result_file(Path(folder), run).exists():  # done by a worker that was lost before it said so
        return json.loads(result_file(Path(folder), run).read_text(encoding="utf-8"))
    state = Progress(run)
    file = Path(folder) / f"{run.key}.pt" if folder else None
    if file and file.exists():
        state.restore(torch.load(file, weights_only=True))
    saved = time.monotonic()
    while not state.done():
        state.epoch()
        if file and time.monotonic() - saved > CHECKPOINT_SECONDS and not state.done():
            write(file, lambda at: torch.save(state.snapshot(), at))
            saved = time.monotonic()
    result = {"run": dataclasses.asdict(run), "curve": state.curve, "diverged": state.diverged}
    if file:
        keep(Path(folder), run, result)
        file.unlink(missing_ok=True)
    return result


def result_file(folder: Path, run: Run) -> Path:
    """Where the result of a run is kept."""
    return folder / f"{run.key}.json"


def keep(folder: Path, run: Run, result: dict[str, Any]) -> None:
    """Write a result as a whole or not at all."""
    text = json.dumps(result)
    write(result_file(folder, run), lambda at: at.write_text(text, encoding="utf-8"))


def write(file: Path, save: Any) -> None:
    """Write a file as a whole or not at all."""
    part = file.with_suffix(f".{os.getpid()}.part")
    save(part)
    os.replace(part, file)


class Progress:
    """A run under way."""

    def __init__(self, run: Run):
        self.run, self.task = run, load(run.data)
        self.model = build(run.model, tuple(self.task.train[0].shape[1:]), self.task.classes, run.seed)
        steps = run.epochs * steps_per_epoch(run.data, run.batch)
        changes = {} if run.radius is None else {"radius": run.radius}
        self.optimizer = METHODS[run.method].make(self.model.parameters(), run.lr, steps, **changes)
        self.shuffle = torch.Generator().manual_seed(run.seed + 1_000_000)
        self.gradients, self.seconds, self.diverged = 0, 0.0, False
        self.curve: list[dict[str, float]] = []

    def done(self) -> bool:
        return self.diverged or (len(self.curve) >= self.run.epochs and self.gradients >= self.run.budget)

    def epoch(self) -> None:
        """One pass over the training images, and where it has led to."""
        losses, begun = [], time.thread_time()
        try:
            losses = [self.step(x, y) for x, y in self.batches()]
        except LossNotFinite:
            self.diverged = True
        self.seconds += time.thread_time() - begun
        mean = float(torch.stack(losses).mean()) if losses else float("nan")
        self.diverged |= not mean < float("inf")
        self.curve.append(
            {
                "epoch": len(self.curve) + 1,
                "gradients": self.gradients,
                "seconds": self.seconds,
                "loss": mean,
                "valid": accuracy(self.model, *self.task.valid),
                "test": accuracy(self.model, *self.task.test),
            }
        )

    def step(self, x: Tensor, y: Tensor) -> Tensor:
        def closure() -> Tensor:
            self.gradients += 1
            self.optimizer.zero_grad()
            loss = cross_entropy(self.model(x), y)
            loss.backward()
            return loss

        return self.optimizer.step(closure).detach()

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches of a new permutation."""
        (x, y), size = self.task.train, self.run.batch
        order = torch.randperm(len(x), generator=self.shuffle)
        for first in range(0, len(x) - size + 1, size):
            rows = order[first : first + size]
            yield x[rows], y[rows]

    def snapshot(self) -> dict[str, Any]:
        """All that the rest of the run depends on."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "shuffle": self.shuffle.get_state(),
            "gradients": self.gradients,
            "seconds": self.seconds,
            "diverged": self.diverged,
            "curve": self.curve,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.shuffle.set_state(saved["shuffle"])
        for name in ("gradients", "seconds", "diverged", "curve"):
            setattr(self, name, saved[name])


def accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    """Share of images put into their class, in %."""
    with torch.inference_mode():
        hits = [(model(a).argmax(-1) == b).sum() for a, b in zip(x.split(1024), y.split(1024), strict=True)]
        return 100 * float(torch.stack(hits).sum()) / len(y)
