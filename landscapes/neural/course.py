"""A training that can be followed, stopped and taken up again, by several readers at once.

A course holds the records that have come so far. Whoever wants more of them advances it; what one has trained
the others need not. Stopped at step k it is what `fit` gives when stopped there: the first records.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from landscapes.neural.data import Dataset
from landscapes.neural.training import Progress, Trained, Training, network, steps
from landscapes.neural.uploaded import fitting
from landscapes.neural.weights import flat, unflat, weights_of


class Course:
    """The records of one training.

    Args:
        training: its specification.
        dataset: what it learns from; that of the specification where it is None.
        records: where they are known already, all of them.
        origin: where they come from, if not from a training: what `trained` says of its outcome.

    Example:
        >>> course = Course(Training(steps=8, record=4))
        >>> while course.advance(): pass
        >>> [record.step for record in course.records], course.finished
        ([0, 4, 8], True)
    """

    def __init__(
        self,
        training: Training,
        dataset: Dataset | None = None,
        records: Iterable[Progress] | None = None,
        origin: str = "",
    ):
        self.training = training
        self.dataset = dataset or training.data.load()
        self.records: list[Progress] = list(records or ())
        self.complete = records is not None
        self.origin = origin
        self._steps: Iterator[Progress] = steps(training, self.dataset)
        self._lock = threading.Lock()
        self._failure: Exception | None = None

    @property
    def finished(self) -> bool:
        """Whether all steps were done."""
        return bool(self.records) and self.records[-1].step == self.training.steps

    def reaches(self, stop: int | None) -> bool:
        """Whether there is no more to train before step `stop`, or before the end where it is None."""
        return self.complete or (stop is not None and bool(self.records) and self.records[-1].step >= stop)

    def advance(self) -> Progress | None:
        """The next record; None where there is none. One caller at a time trains, the others wait.

        Raises:
            ValueError: as `steps`, every time.
        """
        with self._lock:
            if self._failure:
                raise self._failure
            if self.complete:
                return None
            try:
                record = next(self._steps, None)
                while record and self.records and record.step <= self.records[-1].step:
                    record = next(self._steps, None)  # it came from elsewhere
            except ValueError as error:
                self._failure = error
                raise
            if record is None:
                self.complete = True
            else:
                self.records.append(record)
            return record

    def extend(self, have: int, more: list[Progress]) -> None:
        """Take over what was trained elsewhere: the records after the first `have`, or none at the end."""
        with self._lock:
            self.records += more[len(self.records) - have :]
            self.complete |= not more

    def trained(self, stop: int | None = None) -> Trained:
        """What the training leaves, of the records that there are up to step `stop`.

        Raises:
            ValueError: there is none yet.
        """
        records = [r for r in list(self.records) if stop is None or r.step <= stop or r.step == 0]
        if not records:
            raise ValueError("the training has not begun")
        last, total = records[-1], self.training.steps
        model = network(self.training, self.dataset)
        with torch.no_grad():
            for name, tensor in unflat(last.weights, weights_of(model)).items():
                model.get_parameter(name).copy_(tensor)
            for name, tensor in last.buffers.items():
                model.get_buffer(name).copy_(tensor)
        return Trained(
            model=model.eval(),
            dataset=self.dataset,
            path=torch.stack([r.weights for r in records]),
            recorded=torch.tensor([r.step for r in records]),
            losses=torch.tensor([r.loss for r in records]),
            accuracies=torch.tensor([r.accuracy for r in records]),
            held_accuracies=torch.tensor([r.held_accuracy for r in records]),
            outcome=self._outcome(last.step, stop),
            finished=last.step == total,
        )

    def _outcome(self, step: int, stop: int | None) -> str:
        if self.origin:
            return self.origin
        if step == self.training.steps:
            return f"all {step} steps were done"
        if self.complete and step == self.records[-1].step:
            return f"the loss was no longer finite after step {step}: try a smaller lr"
        return f"stopped at step {step} of {self.training.steps}"


@torch.no_grad()
def given(training: Training, state: Mapping[str, Tensor], origin: str) -> Course:
    """A course with nothing to train: its one record is a network with these weights.

    Args:
        training: its data and its network count.
        state: a state dict.
        origin: where it comes from, a sentence without its end.

    Raises:
        ValueError: the state dict is not one of this network.
    """
    dataset = training.data.load()
    model = network(training, dataset)
    model.load_state_dict(fitting(state, model))
    model.eval()
    outputs, held = model(dataset.inputs), model(dataset.held_inputs)
    record = Progress(
        step=0,
        steps=training.steps,
        loss=float(F.cross_entropy(outputs, dataset.targets)),
        accuracy=float((outputs.argmax(-1) == dataset.targets).float().mean()),
        held_accuracy=float((held.argmax(-1) == dataset.held_targets).float().mean()),
        weights=flat(weights_of(model)),
        buffers={name: buffer.clone() for name, buffer in model.named_buffers()},
    )
    return Course(training, dataset, [record], origin)
