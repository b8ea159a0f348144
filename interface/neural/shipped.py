"""Trainings that are shipped with all their records: that of the default, and those that the stories show.

Nobody waits for them, and what a story says of its network holds on any processor: rounding differs between
processors, and grows while a network learns.

    python -m interface.neural.shipping     trains them anew and writes their files
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from landscapes.neural import Progress, Training
from landscapes.neural.course import Course

FOLDER = Path(__file__).parent / "shipped"
BUFFER = "buffer/"  # begins the names of running statistics


def course(training: Training) -> Course:
    """The course of a training: finished where it is shipped, else to be trained."""
    file = file_of(training)
    return Course(training, records=read(file, training.steps)) if file.exists() else Course(training)


def file_of(training: Training) -> Path:
    """The file of a training, whether it is there or not."""
    return FOLDER / f"{hashlib.sha256(repr(training).encode()).hexdigest()[:16]}.npz"


def read(file: Path, steps: int) -> list[Progress]:
    """The records in a file, of a training of so many steps."""
    with np.load(file) as arrays:
        found = {name: arrays[name] for name in arrays}
    buffers = {name: torch.from_numpy(found.pop(name)) for name in list(found) if name.startswith(BUFFER)}
    return [
        Progress(
            step=int(found["step"][k]),
            steps=steps,
            loss=float(found["loss"][k]),
            accuracy=float(found["accuracy"][k]),
            held_accuracy=float(found["held"][k]),
            weights=weights,
            buffers={name.removeprefix(BUFFER): rows[k] for name, rows in buffers.items()},
        )
        for k, weights in enumerate(torch.from_numpy(found["weights"]))
    ]


def write(training: Training, records: Iterable[Progress]) -> None:
    """Ship a training: its records, the running statistics at each of them too."""
    rows = list(records)
    buffers = {
        BUFFER + name: torch.stack([r.buffers[name] for r in rows]).numpy() for name in rows[0].buffers
    }
    FOLDER.mkdir(exist_ok=True)
    np.savez_compressed(
        file_of(training),
        step=np.array([r.step for r in rows]),
        loss=np.array([r.loss for r in rows]),
        accuracy=np.array([r.accuracy for r in rows]),
        held=np.array([r.held_accuracy for r in rows]),
        weights=torch.stack([r.weights for r in rows]).numpy(),
        **buffers,
    )
