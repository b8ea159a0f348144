"""A slice equals a plain loop of `functional_call`, whatever the network and the way it is evaluated."""

from __future__ import annotations

import copy
import threading

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel

import rbo
from landscapes import neural
from landscapes.neural.evaluation import WAYS
from landscapes.neural.layers import plain


class Handmade(nn.Module):
    """A module whose layers nobody knows."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(2, 6), nn.Linear(6, 3)
        self.scale = nn.Parameter(torch.tensor(0.7))

    def forward(self, x: Tensor) -> Tensor:
        return self.second(torch.sin(self.scale * self.first(x))) + x.sum(-1, keepdim=True)


class Branching(Handmade):
    """One that vmap cannot do."""

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return y if y.sum() > 0 else 2 * y


def _norm_dropout() -> nn.Module:
    return nn.Sequential(
        nn.Linear(2, 6), nn.BatchNorm1d(6), nn.Tanh(), nn.Dropout(0.5), nn.Linear(6, 5, bias=False),
        nn.ReLU(), nn.Linear(5, 3),
    )  # fmt: skip


def _strided() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 3, (3, 2), stride=(2, 1), padding=(1, 0), bias=False), nn.BatchNorm2d(3), nn.GELU(),
        nn.AvgPool2d(2, 1), nn.Conv2d(3, 4, 2), nn.MaxPool2d((1, 2), 2), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(4, 3),
    )  # fmt: skip


def _built(architecture: object, sample: tuple[int, ...]) -> nn.Module:
    return neural.build(architecture, sample, 3, torch.Generator().manual_seed(1))


IMAGE = (1, 8, 8)
MODELS = {  # name: model, shape of a sample, the way that is chosen
    "linear": (lambda: _built(neural.MLP(0), (2,)), (2,), "layers"),
    "mlp": (lambda: _built(neural.MLP(2, 7), (2,)), (2,), "layers"),
    "mlp on images": (lambda: _built(neural.MLP(1, 5, "tanh"), IMAGE), IMAGE, "layers"),
    "norm and dropout": (_norm_dropout, (2,), "layers"),
    "cnn": (lambda: _built(neural.CNN(3), IMAGE), IMAGE, "layers"),
    "strided cnn": (_strided, IMAGE, "layers"),
    "residual": (lambda: _built(neural.ResidualCNN(1, 4), IMAGE), IMAGE, "loop"),
    "without skips": (lambda: _built(neural.ResidualCNN(1, 4, skips=False), IMAGE), IMAGE, "loop"),
    "handmade": (Handmade, (2,), "vmap"),
    "branching": (Branching, (2,), "loop"),
}
EVERY = pytest.mark.parametrize("name", MODELS)


def _case(name: str, dtype: torch.dtype = torch.float64, samples: int = 30):
    make, sample, _ = MODELS[name]
    generator = torch.Generator().manual_seed(2)
    with torch.random.fork_rng():  # torch's own layers draw from the global generator
        torch.manual_seed(0)
        model = make().to(dtype)
    for norm in (m for m in model.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)):
        norm.running_mean.uniform_(-0.3, 0.3, generator=generator)
        norm.running_var.uniform_(0.5, 2, generator=generator)
    inputs = torch.rand(samples, *sample, generator=generator, dtype=torch.float64).to(dtype)
    targets = torch.randint(0, 3, (samples,), generator=generator)
    pair = [
        {k: 0.5 * torch.randn(p.shape, generator=generator, dtype=torch.float64).to(dtype)
         for k, p in model.named_parameters()}
        for _ in range(2)
    ]  # fmt: skip
    return model, (inputs, targets), pair


def _looped(model: nn.Module, loss_fn, batch, pair, points: Tensor) -> Tensor:
    """The oracle."""
    still = copy.deepcopy(model).eval()
    losses = []
    with torch.no_grad():
        for a, b in points.reshape(-1, 2):
            weights = {k: p + a * pair[0][k] + b * pair[1][k] for k, p in still.named_parameters()}
            losses.append(loss_fn(functional_call(still, weights, (batch[0],)), batch[1]))
    return torch.stack(losses).reshape(points.shape[:-1])


def _points(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return 4 * torch.rand(*shape, 2, generator=generator, dtype=torch.float64).to(dtype) - 2


def _mesh(axes: list[Tensor]) -> Tensor:
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)


@EVERY
@pytest.mark.parametrize(("dtype", "relative"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_equals_a_plain_loop_at_every_point(name, dtype, relative):
    model, batch, pair = _case(name, dtype)
    f = neural.loss_slice(model, F.cross_entropy, batch, pair, domain=((-2, 2), (-1, 3)))
    assert f.way == MODELS[name][2]
    axes = f.axes(9)
    expected = _looped(
        model, F.cross_entropy, batch, pair, torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)
    )
    for grid in (f.grid(9), f.grid(axes)):
        torch.testing.assert_close(grid, expected, rtol=relative, atol=0)


@EVERY
@pytest.mark.parametrize("way", WAYS)
def test_every_way_that_can_gives_the_same(name, way):
    model, batch, pair = _case(name)
    try:
        f = neural.loss_slice(model, F.cross_entropy, batch, pair, way=way)
    except ValueError as error:
        assert (way == "layers" and not plain(model, batch[0])) or (way == "vmap" and name == "branching"), (
            error
        )
        return
    points = _points(2, 3)
    expected = _looped(model, F.cross_entropy, batch, pair, points)
    torch.testing.assert_close(f(points), expected, rtol=1e-11, atol=0)
    g, other = f.gradient(points), neural.loss_slice(model, F.cross_entropy, batch, pair, way="loop")
    torch.testing.assert_close(g, other.gradient(points), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(
    "loss_fn",
    [
        nn.CrossEntropyLoss(reduction="sum"),
        nn.CrossEntropyLoss(label_smoothing=0.1),
        nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64)),
        lambda outputs, targets: (outputs - F.one_hot(targets, 3)).square().mean(),
    ],
    ids=["sum", "smoothed", "weighted", "squares"],
)
def test_any_loss(loss_fn):
    model, batch, pair = _case("mlp")
    f, points = neural.loss_slice(model, loss_fn, batch, pair), _points(7)
    torch.testing.assert_close(f(points), _looped(model, loss_fn, batch, pair, points), rtol=1e-12, atol=0)


def test_huge_outputs_stay_finite():
    model, batch, pair = _case("mlp", torch.float32)
    f = neural.loss_slice(model, F.cross_entropy, batch, pair, domain=((-300, 300), (-300, 300)))
    expected = _looped(
        model, F.cross_entropy, batch, pair, torch.stack(torch.meshgrid(*f.axes(5), indexing="ij"), -1)
    )
    torch.testing.assert_close(f.grid(5), expected, rtol=1e-5, atol=0)
    assert f.grid(5).isfinite().all()


@EVERY
def test_the_centre_is_the_models_own_loss(name):
    model, batch, pair = _case(name)
    f = neural.loss_slice(model, F.cross_entropy, batch, pair)
    with torch.no_grad():
        own = F.cross_entropy(copy.deepcopy(model).eval()(batch[0]), batch[1])
    torch.testing.assert_close(f(torch.zeros(2, dtype=torch.float64)), own, rtol=1e-13, atol=0)


@pytest.mark.parametrize("name", ["mlp on images", "norm and dropout", "strided cnn", "handmade"])
def test_derivatives_are_those_of_finite_differences(name):
    model, batch, pair = _case(name)
    f, points, h = neural.loss_slice(model, F.cross_entropy, batch, pair), _points(5) / 4, 1e-5
    steps = h * torch.eye(2, dtype=torch.float64)
    height, gradient, hessian = f.jet(points)
    slopes = torch.stack([(f(points + e) - f(points - e)) / (2 * h) for e in steps], -1)
    bends = torch.stack([(f.gradient(points + e) - f.gradient(points - e)) / (2 * h) for e in steps], -1)
    torch.testing.assert_close(height, f(points), rtol=1e-12, atol=0)
    torch.testing.assert_close(gradient, f.gradient(points), rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(gradient, slopes, rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(hessian, bends, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["mlp", "cnn", "handmade", "branching"])
def test_autograd_goes_through_twice(name):
    model, batch, pair = _case(name, samples=8)
    f = neural.loss_slice(model, F.cross_entropy, batch, pair)
    points = (_points(3) / 4).requires_grad_()
    assert torch.autograd.gradcheck(f, (points,))
    expected = f.jet(points.detach())
    for found, own in zip(rbo.graph.autograd_jet(points.detach(), f.__call__), expected, strict=True):
        torch.testing.assert_close(found, own, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("batch", [(), (5,), (2, 3), (0,)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_keeps_batch_shape_and_the_dtype_of_its_points(batch, dtype):
    model, data, pair = _case("mlp", torch.float32)
    f = neural.loss_slice(model, F.cross_entropy, data, pair)
    points = _points(*batch, dtype=dtype)
    height, gradient, hessian = f.jet(points)
    shapes = [batch, batch, (*batch, 2), (*batch, 2), (*batch, 2, 2)]
    for tensor, shape in zip([f(points), height, gradient, f.gradient(points), hessian], shapes, strict=True):
        assert tensor.shape == shape
        assert tensor.dtype == dtype
    assert (f.dtype, f.device, f.dim) == (torch.float32, torch.device("cpu"), 2)
    assert f.grid(4).dtype == torch.float32


@EVERY
@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_not_changed(name, training):
    model, batch, pair = _case(name)
    model.train(training)
    state = copy.deepcopy(model.state_dict())
    flags = [p.requires_grad for p in model.parameters()]
    for directions in (pair, neural.RandomDirections(), neural.HessianDirections(tolerance=1e-2)):
        f = neural.loss_slice(model, F.cross_entropy, batch, directions)
        f.grid(3), f.jet(_points(2)), f.loss_scale, f.lr, f.start
    assert all(m.training == training for m in model.modules() if not isinstance(m, nn.Identity))
    assert all(p.grad is None for p in model.parameters())
    assert [p.requires_grad for p in model.parameters()] == flags
    for key, tensor in model.state_dict().items():
        assert torch.equal(tensor, state[key]), key


def test_later_changes_of_the_model_do_not_reach_the_slice():
    model, batch, pair = _case("norm and dropout")
    f = neural.loss_slice(model, F.cross_entropy, batch, pair)
    before = f(_points(4))
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.add_(1)
        batch[0].add_(1), pair[0]["0.weight"].add_(1)
    assert torch.equal(f(_points(4)), before)


@pytest.mark.parametrize("way", [None, "vmap", "loop"])
def test_batch_statistics_are_those_of_the_inputs_at_the_point(way):
    model, batch, pair = _case("norm and dropout")
    f = neural.loss_slice(model, F.cross_entropy, batch, pair, batch_statistics=True, way=way)
    alone = nn.Sequential(*[m for m in copy.deepcopy(model) if not isinstance(m, nn.Dropout)]).train()
    names = dict(zip(dict(model.named_parameters()), dict(alone.named_parameters()), strict=True))
    pair = [{names[k]: d for k, d in direction.items()} for direction in pair]
    losses = []
    for a, b in _points(4):
        weights = {k: p + a * pair[0][k] + b * pair[1][k] for k, p in alone.named_parameters()}
        losses.append(F.cross_entropy(functional_call(alone, weights, (batch[0],)), batch[1]))
    torch.testing.assert_close(f(_points(4)), torch.stack(losses).detach(), rtol=1e-11, atol=0)


def test_it_says_what_it_evaluates():
    model, batch, pair = _case("norm and dropout")
    said = neural.loss_slice(model, F.cross_entropy, batch, pair).evaluates
    assert "evaluation mode" in said and "running statistics" in said and "dropout is off" in said
    f = neural.loss_slice(model, F.cross_entropy, batch, pair, batch_statistics=True)
    assert "statistics of all inputs" in f.evaluates and f.evaluates in f.description
    model, batch, pair = _case("mlp")
    said = neural.loss_slice(model, F.cross_entropy, batch, pair).evaluates
    assert "normalisation" not in said and "dropout" not in said and "random" not in said


class Random(nn.Module):
    """Dropout that no mode switches off."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(2, 1, dropout=0.5, batch_first=True)
        self.last = nn.Linear(2, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.last(F.dropout(self.attention(*3 * [inputs[:, None]])[0][:, 0], 0.5))


def test_it_says_that_attention_has_no_dropout_and_what_is_random_all_the_same():
    _, batch, _ = _case("mlp")
    said = neural.loss_slice(Random(), F.cross_entropy, batch, neural.RandomDirections()).evaluates
    assert "dropout is off" in said and "Two evaluations of it differ: it draws random numbers." in said


@pytest.mark.parametrize("name", ["mlp on images", "cnn", "handmade"])
def test_chunks_do_not_change_a_bit_of_the_picture(name, monkeypatch):
    model, batch, pair = _case(name, torch.float64, samples=100)
    whole = neural.loss_slice(model, F.cross_entropy, batch, pair, budget=1 << 30)
    points = _points(12)
    expected = whole.jet(points)
    for module in ("evaluation", "slice"):
        monkeypatch.setattr(f"landscapes.neural.{module}.CHUNK", 1 << 12)
    monkeypatch.setattr("landscapes.neural.evaluation.LEAD", 0)
    small = neural.loss_slice(model, F.cross_entropy, batch, pair, budget=1 << 12)
    torch.testing.assert_close(small(points), expected[0], rtol=1e-12, atol=0)
    for found, own in zip(small.jet(points), expected, strict=True):
        torch.testing.assert_close(found, own, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("way", ["layers", "vmap"])
def test_memory_is_bounded_for_any_resolution(way):
    """What is alive at once, by torch's own account of allocations, does not grow with the grid."""
    model, batch, pair = _case("mlp on images", torch.float32, samples=500)
    f = neural.loss_slice(model, F.cross_entropy, batch, pair, way=way, budget=16 << 20)
    for n in (20, 60, 90):
        assert _peak(lambda n=n: f.grid(n)) < (16 << 20) + 256 * n**2  # and the points themselves
    assert _peak(lambda: f.jet(_points(2000, dtype=torch.float32))) < 20 << 20


def _peak(call) -> int:
    with torch.profiler.profile(profile_memory=True) as profile:
        call()
    now = most = 0
    events = [e for e in profile.profiler.kineto_results.events() if e.name() == "[memory]"]
    for event in sorted(events, key=lambda e: e.start_ns()):
        now += event.nbytes()
        most = max(most, now)
    assert events
    return most


class Attending(nn.Module):
    """One whose layer torch fuses where nobody seems to ask for a gradient, as it does under vmap."""

    def __init__(self):
        super().__init__()
        self.layer, self.last = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.layer(x.view(-1, 2, 4))[:, 0])


def test_attention_has_a_gradient_and_says_how_it_has_a_second_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(MODELS, "attending", (Attending, (8,), "loop"))
    model, batch, pair = _case("attending")
    f, points, h = neural.loss_slice(model, F.cross_entropy, batch, pair), _points(3) / 4, 1e-5
    assert f.way == "loop"
    expected = _looped(model, F.cross_entropy, batch, pair, points)
    torch.testing.assert_close(f(points), expected, rtol=1e-11, atol=0)
    steps = h * torch.eye(2, dtype=torch.float64)
    slopes = torch.stack([(f(points + e) - f(points - e)) / (2 * h) for e in steps], -1)
    torch.testing.assert_close(f.gradient(points), slopes, rtol=1e-6, atol=1e-7)
    with pytest.raises(ValueError, match=r"cannot be differentiated twice.*attention.*SDPBackend\.MATH"):
        f.jet(points)
    with pytest.raises(ValueError, match="cannot be differentiated twice"):
        neural.HessianDirections().plane(model, F.cross_entropy, batch)
    with sdpa_kernel(SDPBackend.MATH):
        bends = torch.stack([(f.gradient(points + e) - f.gradient(points - e)) / (2 * h) for e in steps], -1)
        torch.testing.assert_close(f.jet(points)[2], bends, rtol=1e-5, atol=1e-6)


def test_threads_may_share_a_slice():
    model, batch, pair = _case("handmade")
    f = neural.loss_slice(model, F.cross_entropy, batch, pair, way="loop")
    expected, found = f.grid(8), [None] * 4

    def draw(k: int) -> None:
        found[k] = f.grid(8)

    threads = [threading.Thread(target=draw, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(grid, expected) for grid in found)


def test_no_global_state():
    before = torch.random.get_rng_state()
    f = neural.loss_slice(*_trained_case())
    f.grid(5)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_default_dtype() == torch.float32


def _trained_case():
    done = neural.fit(neural.Training(neural.Data(samples=80), neural.MLP(1, 8, "tanh"), steps=60))
    batch = (done.dataset.inputs, done.dataset.targets)
    return done.model.double(), F.cross_entropy, batch, neural.PathDirections(done.path)


@pytest.mark.parametrize("contact", ["rigid", "footpoint", "descent"])
def test_every_contact_solver_rolls_on_a_slice(contact):
    f = neural.loss_slice(*_trained_case())
    solver = {
        "rigid": rbo.Rigid(f.domain, spacing=f.radius / 4),
        "footpoint": rbo.Footpoint(f.domain, spacing=f.radius / 4),
        "descent": rbo.Descent(20, 1e-2),
    }[contact]
    start = torch.tensor(f.start, dtype=torch.float64)
    path = rbo.roll(f, start, radius=f.radius, lr=f.lr, steps=10, contact=solver, loss_scale=f.loss_scale)
    assert path.losses.isfinite().all()
    assert path.losses[-1] < path.losses[0]
    if contact == "rigid":
        assert path.clearance.abs().max() < 1e-4 * f.radius


def test_it_has_what_a_landscape_has():
    f = neural.loss_slice(*_trained_case())
    for name in ("name", "title", "description", "reference", "parameters", "values", "minima", "steps"):
        assert hasattr(f, name)
    assert all(low < x < high for x, (low, high) in zip(f.start, f.domain, strict=True))
    assert f.radius > 0 and f.lr > 0 and f.loss_scale > 0 and f.finest_wavelength > 0
    relief = f.loss_scale * (f.grid(31).max() - f.grid(31).min())
    assert 0.3 < relief / (f.domain[0][1] - f.domain[0][0]) < 0.8


def _broken() -> nn.Module:
    model, _, _ = _case("mlp")
    with torch.no_grad():
        model.get_parameter("0.bias")[1] = torch.nan
    return model


def _plane_of_another() -> neural.Plane:
    wide = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 3))
    return neural.RandomDirections().plane(wide, F.cross_entropy, (torch.zeros(1, 2), torch.zeros(1)))


def _nan(outputs: Tensor, targets: Tensor) -> Tensor:
    return outputs.sum() * torch.nan


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"loss_fn": _nan}, "the loss of the model must be finite at the centre of the plane, got nan"),
        (
            {"loss_fn": lambda o, t: o.sum(1)},
            r"loss_fn must return one number, got a tensor of shape \(30,\)",
        ),
        ({"directions": ({}, {})}, "the first direction must not be zero"),
        ({"directions": "double"}, "the two directions must span a plane"),
        ({"directions": ({"nobody": torch.ones(1)}, {})}, "'nobody', which is no parameter"),
        ({"directions": ({"0.bias": torch.ones(1)}, {})}, r"0.bias must have shape \(7,\), got \(1,\)"),
        ({"directions": 3}, "directions must be two dicts"),
        ({"domain": ((0, 0), (0, 1))}, "domain must be two pairs low < high"),
        ({"budget": 10}, "budget must be >= "),
        ({"way": "jump"}, "way must be one of layers, vmap, loop"),
        ({"model": _broken()}, "the weights of the model must be finite, got nan or infinity in 0.bias"),
        ({"directions": _plane_of_another()}, "the plane is one of another model"),
        ({"batch": (torch.ones(0, 2), torch.zeros(0))}, "inputs must have at least one sample"),
        ({"batch": (torch.ones(3, 2), torch.zeros(4))}, "inputs and targets must be as many, got 3 and 4"),
    ],
)
def test_bad_input_is_one_clear_sentence(change, message):
    model, batch, pair = _case("mlp")
    if change.get("directions") == "double":
        change = {"directions": (pair[0], {k: 2 * d for k, d in pair[0].items()})}
    given = {"model": model, "loss_fn": F.cross_entropy, "batch": batch, "directions": pair} | change
    with pytest.raises(ValueError, match=message):
        neural.loss_slice(**given)


@pytest.mark.parametrize(
    "points", [torch.zeros(3), torch.zeros(2, dtype=torch.int64), torch.tensor(1.0)], ids=["3", "int", "0"]
)
def test_points_of_another_kind_are_refused(points):
    model, batch, pair = _case("mlp")
    f = neural.loss_slice(model, F.cross_entropy, batch, pair)
    with pytest.raises(ValueError, match="theta must"):
        f(points)
    with pytest.raises(ValueError, match="axes must be"):
        f.grid([torch.zeros(2)])
    with pytest.raises(ValueError, match="n >= 2"):
        f.grid(1)
