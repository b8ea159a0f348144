"""Directions against dense linear algebra: filters' norms, the SVD, the whole Hessian, three corners."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.functional import hessian
from torch.func import functional_call

from landscapes import neural
from landscapes.neural.path_directions import principal_directions


def _model(seed: int = 0, dtype: torch.dtype = torch.float64) -> nn.Sequential:
    return neural.build(neural.MLP(1, 4, "tanh"), (2,), 3, torch.Generator().manual_seed(seed), dtype)


def _batch() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(40, 2, generator=generator, dtype=torch.float64)
    return inputs, torch.randint(0, 3, (40,), generator=generator)


def _loss(model: nn.Module, weights: dict[str, Tensor]) -> Tensor:
    inputs, targets = _batch()
    return F.cross_entropy(functional_call(model, weights, (inputs,)), targets)


def _path(steps: int, size: int) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(steps, size, generator=generator, dtype=torch.float64).cumsum(0)


def _orthonormal(plane: neural.Plane) -> bool:
    basis = torch.stack([neural.flat(plane.first), neural.flat(plane.second)]).double()
    return torch.allclose(basis @ basis.T, torch.eye(2, dtype=torch.float64), atol=1e-6)


@pytest.mark.parametrize("network", [neural.MLP(2, 5), neural.CNN(2), neural.ResidualCNN(1, 2)])
def test_each_filter_of_a_random_direction_has_the_norm_of_its_own(network):
    model = neural.build(network, (1, 8, 8), 3, torch.Generator().manual_seed(0))
    for others in ("fixed", "scaled"):
        plane = neural.RandomDirections(3, others).plane(model, F.cross_entropy, _batch())
        for direction in (plane.first, plane.second):
            for name, weight in neural.weights_of(model).items():
                if weight.ndim > 1:
                    norms = direction[name].flatten(1).norm(dim=1)
                    torch.testing.assert_close(norms, weight.flatten(1).norm(dim=1), rtol=1e-5, atol=1e-7)
                elif others == "scaled":
                    torch.testing.assert_close(direction[name].norm(), weight.norm(), rtol=1e-5, atol=1e-7)
                else:
                    assert not direction[name].any()
        assert not plane.orthonormal and "not orthonormalised" in plane.note


def test_random_directions_depend_on_their_seed_alone():
    planes = [neural.RandomDirections(s).plane(_model(), F.cross_entropy, _batch()) for s in (0, 0, 1)]
    flats = [neural.flat(p.first) for p in planes]
    assert torch.equal(flats[0], flats[1])
    assert not torch.allclose(flats[0], flats[2])
    assert not torch.allclose(flats[0], neural.flat(planes[0].second))
    single = neural.RandomDirections(0).plane(_model().float(), F.cross_entropy, _batch())
    torch.testing.assert_close(neural.flat(single.first).double(), flats[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("steps", "size"), [(7, 50), (60, 9), (3, 3)])
def test_principal_directions_are_those_of_numpys_svd(steps, size):
    path = _path(steps, size)
    directions, shares = principal_directions(path)
    centred = path.numpy() - path.numpy().mean(0)
    _, singular, rows = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(shares, (singular**2 / (singular**2).sum())[:2], rtol=1e-9)
    for found, row in zip(directions.numpy(), rows, strict=False):
        np.testing.assert_allclose(found, row * np.sign(row[np.abs(row).argmax()]), atol=1e-8)


def test_the_plane_of_a_path_holds_it():
    model = _model()
    path = _path(20, len(neural.flat(neural.weights_of(model))))
    plane = neural.PathDirections(path).plane(model, F.cross_entropy, _batch())
    assert plane.orthonormal and _orthonormal(plane)
    assert 0 < plane.explained[1] <= plane.explained[0] and sum(plane.explained) <= 1
    places = plane.coordinates(path)
    for (low, high), along in zip(plane.domain, places.T, strict=True):
        assert low < along.min() and along.max() < high
    sides = [high - low for low, high in plane.domain]
    assert sides[0] == pytest.approx(sides[1], rel=1e-2)


def test_coordinates_are_those_of_the_nearest_point_of_the_plane():
    model = _model()
    plane = neural.RandomDirections().plane(model, F.cross_entropy, _batch())
    where = torch.tensor([[0.3, -0.7], [0.0, 0.0], [2.0, 1.0]], dtype=torch.float64)
    vectors = torch.stack([neural.flat(plane.at(w)) for w in where])
    torch.testing.assert_close(plane.coordinates(vectors), where, rtol=0, atol=1e-12)
    torch.testing.assert_close(plane.coordinates(vectors[0]), where[0], rtol=0, atol=1e-12)
    torch.testing.assert_close(plane.explained_share(vectors), torch.ones(3, dtype=torch.float64))
    off = vectors + _path(3, vectors.shape[1])
    basis = torch.stack([neural.flat(plane.first), neural.flat(plane.second)], -1)
    start = neural.flat(plane.origin)
    expected = torch.linalg.lstsq(basis, (off - start).T).solution.T
    torch.testing.assert_close(plane.coordinates(off), expected)
    rest = (off - start - expected @ basis.T).square().sum(-1) / (off - start).square().sum(-1)
    torch.testing.assert_close(plane.explained_share(off), 1 - rest)


def test_hessian_directions_are_those_of_the_dense_hessian():
    model = _model()
    weights = neural.weights_of(model)
    plane = neural.HessianDirections(tolerance=1e-10).plane(model, F.cross_entropy, _batch())
    dense = hessian(lambda v: _loss(model, neural.unflat(v, weights)), neural.flat(weights))
    values, vectors = torch.linalg.eigh(dense)
    assert plane.eigenvalues == pytest.approx(values[[-1, -2]].tolist(), rel=1e-8)
    for direction, k in ((plane.first, -1), (plane.second, -2)):
        vector = neural.flat(direction)
        assert abs(float(vector @ vectors[:, k])) == pytest.approx(1, abs=1e-8)
        assert vector[vector.abs().argmax()] > 0
    assert plane.orthonormal and _orthonormal(plane)


def test_the_curvature_of_a_hessian_slice_is_its_eigenvalues():
    model = _model()
    f = neural.loss_slice(model, F.cross_entropy, _batch(), neural.HessianDirections(tolerance=1e-10))
    curvature = f.jet(torch.zeros(2, dtype=torch.float64))[2]
    torch.testing.assert_close(curvature, torch.diag(torch.tensor(f.plane.eigenvalues, dtype=torch.float64)))


def test_hessian_directions_of_a_model_in_training_are_those_of_its_evaluation_and_leave_it_alone():
    layers = nn.Linear(2, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Dropout(0.5), nn.Linear(6, 3)
    model = nn.Sequential(*layers).double().eval()
    resting = neural.HessianDirections().plane(model, F.cross_entropy, _batch())
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    moving = neural.HessianDirections().plane(model.train(), F.cross_entropy, _batch())
    assert moving.eigenvalues == resting.eigenvalues
    torch.testing.assert_close(model.state_dict(), before, rtol=0, atol=0)
    assert all(layer.training for layer in model.modules())


@pytest.mark.parametrize("kind", ["vectors", "states"])
@pytest.mark.parametrize("orthonormalised", [False, True])
def test_three_weight_vectors_have_their_own_losses(kind, orthonormalised):
    models = [_model(seed) for seed in range(3)]
    given = [neural.flat(neural.weights_of(m)) if kind == "vectors" else m.state_dict() for m in models]
    part = neural.ThreePoints(*given, orthonormalised=orthonormalised)
    f = neural.loss_slice(models[2], F.cross_entropy, _batch(), part)
    vectors = torch.stack([neural.flat(neural.weights_of(m)) for m in models])
    places = f.plane.coordinates(vectors)
    expected = torch.stack([_loss(m, neural.weights_of(m)) for m in models])
    torch.testing.assert_close(f(places), expected, rtol=1e-10, atol=0)
    assert f.plane.orthonormal == orthonormalised == _orthonormal(f.plane)
    if not orthonormalised:
        corners = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
        torch.testing.assert_close(places, corners, rtol=0, atol=1e-10)
        corner_losses = f.grid([torch.tensor([0.0, 1.0], dtype=torch.float64)] * 2)
        torch.testing.assert_close(corner_losses[[0, 1, 0], [0, 0, 1]], expected, rtol=1e-10, atol=0)
    assert all(low < x < high for p in places.tolist() for x, (low, high) in zip(p, f.domain, strict=True))


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (neural.PathDirections(torch.zeros(2, 27)), r"path must have shape \(T\+1, P\) with T >= 2"),
        (neural.PathDirections(torch.arange(4.0)[:, None] * torch.ones(27)), "points span no plane"),
        (neural.PathDirections(torch.full((4, 27), torch.nan)), "path must be finite"),
        (neural.ThreePoints(*[torch.zeros(27)] * 3), "the first direction must not be zero"),
        (neural.ThreePoints(torch.zeros(27), torch.ones(27), 2 * torch.ones(27)), "must span a plane"),
        (neural.ThreePoints(*[torch.zeros(5)] * 3), r"must have shape \(27,\), got \(5,\)"),
        (neural.ThreePoints({}, {}, {}), "the first weight vector lacks the parameter '0.weight'"),
    ],
)
def test_bad_directions_are_one_clear_sentence(part, message):
    with pytest.raises(ValueError, match=message):
        neural.loss_slice(_model(), F.cross_entropy, _batch(), part)


def test_unknown_treatment_of_biases():
    with pytest.raises(ValueError, match="others must be one of fixed, scaled, got 'none'"):
        neural.RandomDirections(others="none")


def test_lanczos_that_does_not_converge_says_so():
    """A Hessian whose eigenvalues are all but the same: from 1 to 1.001."""
    inputs = torch.linspace(1, 1.001, 300, dtype=torch.float64).sqrt().diag()
    model = nn.utils.skip_init(nn.Linear, 300, 1, bias=False, dtype=torch.float64)
    nn.init.ones_(model.weight)
    with pytest.raises(ValueError, match="were not found in 1 restarts: allow more of them"):
        neural.HessianDirections(tolerance=1e-12, restarts=1).plane(
            model, lambda outputs, targets: outputs.square().sum() / 2, (inputs, torch.zeros(300))
        )


@pytest.mark.parametrize(("name", "value"), [("restarts", 0), ("tolerance", -1.0)])
def test_bad_settings_of_lanczos(name, value):
    with pytest.raises(ValueError, match=f"{name} must be"):
        neural.HessianDirections(**{name: value})
