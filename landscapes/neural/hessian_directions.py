"""The two directions in which the loss is most curved, by Lanczos on products with the Hessian."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh
from torch import Tensor, nn
from torch.func import functional_call

from landscapes.neural.plane import Batch, LossFn, Plane, named, plane_of
from landscapes.neural.twice import told
from landscapes.neural.weights import flat, unflat, weights_of


@dataclass(frozen=True)
class HessianDirections:
    """Eigenvectors of the two largest eigenvalues of the Hessian at the model's weights, orthonormal.

    The largest, not the largest in size: the steepest valleys. Each points to where its largest entry is
    positive. The domain is that in which the quadratic model rises by about 1 + the loss along the first.

    Args:
        seed: of the vector that Lanczos starts with.
        tolerance: relative, of the eigenvalues.
        restarts: of Lanczos at most, up to 20 products with the Hessian each, a product being about four
            evaluations.
    """

    seed: int = 0
    tolerance: float = 1e-4
    restarts: int = 50

    def __post_init__(self) -> None:
        if isinstance(self.restarts, bool) or not isinstance(self.restarts, int) or self.restarts < 1:
            raise ValueError(f"restarts must be an integer >= 1, got {self.restarts!r}")
        if not 0 <= self.tolerance < 1:
            raise ValueError(f"tolerance must be from 0 to less than 1, got {self.tolerance}")

    def plane(self, model: nn.Module, loss_fn: LossFn, batch: Batch) -> Plane:
        origin = weights_of(model)
        product = HessianProduct(model, loss_fn, batch)
        values, vectors = self._top(product, len(product.point))
        first, second = (named(torch.from_numpy(v).to(product.point), origin) for v in vectors.T)
        half = math.sqrt(2 * (1 + abs(product.loss)) / max(values[0], 1e-6))
        half = float(f"{min(half, product.size) or 1.0:.2g}")
        return plane_of(
            origin,
            first,
            second,
            domain=((-half, half), (-half, half)),
            title="the two most curved directions",
            note=f"The curvatures are {values[0]:.3g} and {values[1]:.3g}. The directions are orthonormal.",
            orthonormal=True,
            eigenvalues=(float(values[0]), float(values[1])),
        )

    def _top(self, product: HessianProduct, size: int) -> tuple[np.ndarray, np.ndarray]:
        """The two largest eigenvalues, largest first, and their vectors (P, 2)."""
        if size < 3:
            raise ValueError(f"Hessian directions need a model of at least 3 weights, got {size}")
        start = np.random.default_rng(self.seed).standard_normal(size)
        operator = LinearOperator((size, size), matvec=product, dtype=np.float64)
        try:
            values, vectors = eigsh(
                operator,
                k=2,
                which="LA",
                v0=start,
                tol=self.tolerance,
                maxiter=self.restarts,
                ncv=min(size, 20),
            )
        except ArpackNoConvergence:
            raise ValueError(
                f"the Hessian's directions were not found in {self.restarts} restarts: allow more of them, "
                "or a larger tolerance"
            ) from None
        order = np.argsort(values)[::-1]
        vectors = vectors[:, order]
        return values[order], vectors * np.sign(vectors[np.abs(vectors).argmax(0), [0, 1]])


class HessianProduct:
    """v -> ∇²L v at the weights of a model in evaluation mode, on NumPy vectors (P,).

    The model is copied: in training mode its dropout would make another loss of every pass, and its batch
    normalisation would move with each.
    """

    def __init__(self, model: nn.Module, loss_fn: LossFn, batch: Batch):
        model = copy.deepcopy(model).eval()
        weights = weights_of(model)
        with torch.inference_mode(False), torch.enable_grad():
            self.point = flat(weights).requires_grad_()
            outputs = functional_call(model, unflat(self.point, weights), (batch[0],))
            loss = loss_fn(outputs, batch[1])
            (self.slope,) = torch.autograd.grad(loss, self.point, create_graph=True)
        self.loss = float(loss.detach())
        self.size = float(self.point.detach().norm())

    def __call__(self, vector: np.ndarray) -> np.ndarray:
        v = torch.from_numpy(np.ascontiguousarray(vector)).reshape(-1).to(self.point)
        if not self.slope.requires_grad:  # a loss linear in the weights
            return np.zeros(len(v))
        with told():
            (bent,) = torch.autograd.grad(
                self.slope, self.point, v, retain_graph=True, materialize_grads=True
            )
        return _array(bent)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().double().cpu().numpy()
