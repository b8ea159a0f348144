"""One case of `benchmarks.slices` with three other libraries, in an environment that has them and torch.

    python -m benchmarks.slice_rivals CASE.pt        prints {library: seconds}

Those that take our directions must find our heights, or it fails: what is timed is the same surface.
"""

from __future__ import annotations

import copy
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.clock import fastest


def network(case: dict) -> nn.Sequential:
    """The network of a case, in evaluation mode."""
    model = nn.Sequential(*(getattr(nn, kind)(**settings) for kind, settings in case["layers"]))
    model.load_state_dict(case["state"])
    return model.eval()


def loss_landscapes_plane(model: nn.Module, case: dict) -> np.ndarray:
    import loss_landscapes
    import loss_landscapes.metrics

    metric = loss_landscapes.metrics.Loss(F.cross_entropy, case["inputs"], case["targets"])
    return loss_landscapes.random_plane(model, metric, distance=1, steps=case["side"], normalization="filter")


def loss_landscape_3d_plane(model: nn.Module, case: dict) -> np.ndarray:
    from loss_landscape_3d.calculator import LossLandscapeCalculator

    axis = np.linspace(-1, 1, case["side"])
    whole = [(case["inputs"], case["targets"])]
    calculator = LossLandscapeCalculator(model, whole, F.cross_entropy)
    return calculator.calculate(axis, axis, case["first"], case["second"], copy.deepcopy(case["state"]))


def nngeom_plane(model: nn.Module, case: dict) -> np.ndarray:
    from nngeom.lossland import plane_slice_2d
    from nngeom.models import Model

    def loss(module: nn.Module, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        return F.cross_entropy(module(batch[0]), batch[1])

    names = [name for name, _ in model.named_parameters()]
    flat = [torch.cat([case[k][n].reshape(-1) for n in names]).double().numpy() for k in ("first", "second")]
    wrapped, batch = Model(model, loss_fn=loss), (case["inputs"], case["targets"])
    return plane_slice_2d(wrapped, batch, steps=case["side"], directions=flat).losses.T  # rows go along d₂


CALLS = {
    "loss-landscapes": loss_landscapes_plane,
    "loss-landscape-3d": loss_landscape_3d_plane,
    "nngeom": nngeom_plane,
}
OWN_DIRECTIONS = ("loss-landscapes",)


def main(file: str) -> None:
    case = torch.load(file, weights_only=True)
    torch.set_num_threads(case["threads"])
    found = {}
    for name, call in CALLS.items():
        model = network(case)
        with torch.no_grad():
            call(copy.deepcopy(model), case | {"side": 3})  # imports and warms up
            grids = []
            found[name] = fastest(lambda call=call, model=model, grids=grids: grids.append(call(model, case)))
        grid = grids[-1]
        assert grid.shape == case["heights"].shape, (name, grid.shape)
        if name not in OWN_DIRECTIONS:
            np.testing.assert_allclose(grid, case["heights"], rtol=1e-4, err_msg=name)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
