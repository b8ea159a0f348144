"""Training that is kept: every recorded weight vector, as a pure function of a frozen specification.

for progress in steps(Training(...)):      # stop by leaving the loop
    ...
fit(Training(...), report)                 # the same with a callback, and the whole path as a record
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from landscapes.neural.data import Data, Dataset
from landscapes.neural.models import CNN, MLP, ResidualCNN, build
from landscapes.neural.weights import flat, unflat, weights_of

OPTIMISERS = ("sgd", "adam")
LARGEST_PATH = 1 << 28  # bytes


@dataclass(frozen=True)
class Training:
    """Data, a network, and how it is trained: cross-entropy, mini-batches, float32.

    Args:
        data, network: their specifications.
        seed: of the first weights and of the order of the samples.
        optimiser: 'sgd' or 'adam'.
        lr: η > 0.
        momentum: of 'sgd', from 0 to less than 1.
        batch: samples a step, at least 1; 0 takes all of them.
        steps: 1 to 100,000.
        record: a record every so many steps, and at the last.
    """

    data: Data = field(default_factory=Data)
    network: MLP | CNN | ResidualCNN = field(default_factory=MLP)
    seed: int = 0
    optimiser: str = "sgd"
    lr: float = 0.1
    momentum: float = 0.9
    batch: int = 64
    steps: int = 400
    record: int = 4

    def __post_init__(self) -> None:
        if self.optimiser not in OPTIMISERS:
            raise ValueError(f"optimiser must be one of {', '.join(OPTIMISERS)}, got {self.optimiser!r}")
        if not 0 < self.lr < math.inf:
            raise ValueError(f"lr must be > 0 and finite, got {self.lr}")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum must be from 0 to less than 1, got {self.momentum}")
        for name, low, high in (
            ("seed", 0, 2**31 - 1),
            ("batch", 0, 10**6),
            ("steps", 1, 10**5),
            ("record", 1, 10**5),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise ValueError(f"{name} must be an integer from {low} to {high}, got {value!r}")


@dataclass(frozen=True, eq=False)
class Progress:
    """A record of a training under way.

    Attributes:
        step, steps: how many are done, and how many there will be.
        loss, accuracy: on all samples that are learned from, labels as given, in evaluation mode.
        held_accuracy: on those held out.
        weights: (P,) flat.
        buffers: running statistics.
    """

    step: int
    steps: int
    loss: float
    accuracy: float
    held_accuracy: float
    weights: Tensor = field(repr=False)
    buffers: dict[str, Tensor] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training leaves.

    Attributes:
        model: the network with the last weights that are finite, in evaluation mode.
        dataset: what it learned from.
        path: (T+1, P) weights at all records, the first ones before any step.
        recorded: (T+1,) their steps.
        losses, accuracies, held_accuracies: (T+1,) as in `Progress`.
        outcome: a sentence: how it ended.
        finished: whether all steps were done.
    """

    model: nn.Sequential = field(repr=False)
    dataset: Dataset = field(repr=False)
    path: Tensor = field(repr=False)
    recorded: Tensor = field(repr=False)
    losses: Tensor = field(repr=False)
    accuracies: Tensor = field(repr=False)
    held_accuracies: Tensor = field(repr=False)
    outcome: str
    finished: bool


def network(training: Training, dataset: Dataset) -> nn.Sequential:
    """The network with its first weights."""
    generator = torch.Generator().manual_seed(training.seed)
    return build(training.network, dataset.sample, dataset.classes, generator)


def steps(training: Training, dataset: Dataset | None = None) -> Iterator[Progress]:
    """The records of a training, as they come; it ends early where the loss is no longer finite.

    Raises:
        ValueError: the labels are all of one class, the loss is not finite before the first step, or the
            recorded path would be too large.
    """
    dataset = dataset or training.data.load()
    yield from _steps(training, dataset, network(training, dataset))


def fit(
    training: Training,
    report: Callable[[Progress], bool | None] | None = None,
    dataset: Dataset | None = None,
) -> Trained:
    """Train to the end, or until `report`, called with each record, returns True.

    Example:
        >>> done = fit(Training(Data(samples=40), MLP(1, 4), steps=8, record=4))
        >>> done.path.shape, done.outcome
        (torch.Size([3, 22]), 'all 8 steps were done')
    """
    dataset = dataset or training.data.load()
    model = network(training, dataset)
    records, stopped = [], False
    for progress in _steps(training, dataset, model):
        records.append(progress)
        if report is not None and report(progress):
            stopped = True
            break
    return _trained(training, dataset, model, records, stopped)


def _steps(training: Training, dataset: Dataset, model: nn.Sequential) -> Iterator[Progress]:
    _check(training, dataset, model)
    generator = torch.Generator().manual_seed(training.seed)
    optimiser = _optimiser(training, model)
    order = _order(len(dataset.inputs), training.batch, generator)
    untrained = _record(training, dataset, model, 0)
    if not math.isfinite(untrained.loss):
        raise ValueError(f"the loss must be finite before the first step, got {untrained.loss}")
    yield untrained
    for step in range(1, training.steps + 1):
        model.train()
        rows = next(order)
        with torch.enable_grad():
            loss = F.cross_entropy(model(dataset.inputs[rows]), dataset.targets[rows])
            optimiser.zero_grad()
            loss.backward()
        optimiser.step()
        model.eval()
        if step % training.record == 0 or step == training.steps:
            progress = _record(training, dataset, model, step)
            if not (math.isfinite(progress.loss) and progress.weights.isfinite().all()):
                return
            yield progress


def _trained(
    training: Training, dataset: Dataset, model: nn.Sequential, records: list[Progress], stopped: bool
) -> Trained:
    last = records[-1]
    finished = last.step == training.steps
    if finished:
        outcome = f"all {training.steps} steps were done"
    elif stopped:
        outcome = f"stopped at step {last.step} of {training.steps}"
    else:
        outcome = f"the loss was no longer finite after step {last.step}: try a smaller lr"
    with torch.no_grad():
        for name, tensor in unflat(last.weights, weights_of(model)).items():
            model.get_parameter(name).copy_(tensor)
        for name, tensor in last.buffers.items():
            model.get_buffer(name).copy_(tensor)
    return Trained(
        model.eval(),
        dataset,
        torch.stack([r.weights for r in records]),
        torch.tensor([r.step for r in records]),
        *(torch.tensor([getattr(r, k) for r in records]) for k in ("loss", "accuracy", "held_accuracy")),
        outcome,
        finished,
    )


@torch.no_grad()
def _record(training: Training, dataset: Dataset, model: nn.Sequential, step: int) -> Progress:
    model.eval()
    outputs, held = model(dataset.inputs), model(dataset.held_inputs)
    return Progress(
        step,
        training.steps,
        float(F.cross_entropy(outputs, dataset.targets)),
        float((outputs.argmax(-1) == dataset.targets).float().mean()),
        float((held.argmax(-1) == dataset.held_targets).float().mean()),
        flat(weights_of(model)),
        {name: buffer.clone() for name, buffer in model.named_buffers()},
    )


def _order(count: int, batch: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Rows of the mini-batches, a new order each time through; a last part of one sample is left out, since
    batch normalisation has nothing to normalise there."""
    size = min(batch, count) or count
    while True:
        for rows in torch.randperm(count, generator=generator).split(size):
            if len(rows) > 1 or size == 1:
                yield rows


def _optimiser(training: Training, model: nn.Module) -> torch.optim.Optimizer:
    if training.optimiser == "adam":
        return torch.optim.Adam(model.parameters(), lr=training.lr)
    return torch.optim.SGD(model.parameters(), lr=training.lr, momentum=training.momentum)


def _check(training: Training, dataset: Dataset, model: nn.Module) -> None:
    if len(dataset.targets.unique()) < 2:
        raise ValueError("the data must have at least 2 classes, all labels are the same")
    size = sum(parameter.numel() for parameter in model.parameters())
    records = training.steps // training.record + 2
    if 4 * size * records > LARGEST_PATH:
        raise ValueError(
            f"{records} records of {size} weights take {4 * size * records >> 20} MiB, more than "
            f"{LARGEST_PATH >> 20}: record less often"
        )
