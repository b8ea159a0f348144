"""The optimisers for networks: the authors' run, the papers' equations written out, torch's habits."""

import copy
import gc
import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

import rbo
from rbo.contact import algorithm
from rbo.optim import closure as checks

F64 = torch.float64
DATA = Path(__file__).parent / "data"
DIGITS = json.loads((DATA / "mlp_digits.json").read_text())
ARRAYS = np.load(DATA / "mlp_digits.npz")

BALL = {"lr": 0.3, "radius": 0.5, "contact_steps": 4, "contact_lr": 0.1}
EVERY = {
    "ball": lambda p, **k: rbo.RollingBall(p, **{**BALL, **k}),
    "stopped ball": lambda p, **k: rbo.RollingBall(p, **{**BALL, "tolerance": 0.0, **k}),
    "shrinking ball": lambda p, **k: rbo.RollingBall(p, **{**BALL, "radius": rbo.Shrink(2.0, 0.1, 6), **k}),
    "sam": lambda p, **k: rbo.SAM(p, **{"lr": 0.1, "momentum": 0.9, **k}),
    "entropy": lambda p, **k: rbo.EntropySGD(
        p, **{"lr": 5.0, "scope": 0.1, "langevin_steps": 4, "noise": 0.01, **k}
    ),
}
every = pytest.mark.parametrize("make", EVERY.values(), ids=EVERY.keys())


def network(seed=0, dtype=F64):
    """A small network; its weights depend on the seed alone."""
    model = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3)).to(dtype)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn(p.shape, generator=generator, dtype=dtype) / 2)
    return model


def batch(step, dtype=F64):
    """A batch of its own for each step."""
    generator = torch.Generator().manual_seed(1000 + step)
    x = torch.randn(16, 5, generator=generator, dtype=dtype)
    return x, x[:, :3].argmax(-1)


def closure_of(model, x, y, calls=None):
    def closure():
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        if calls is not None:
            calls.append(float(loss.detach()))
        return loss

    return closure


def train(model, optimizer, steps, first=0, scheduler=None):
    losses = []
    for step in range(first, first + steps):
        losses.append(float(optimizer.step(closure_of(model, *batch(step)))))
        if scheduler is not None:
            scheduler.step()
    return losses


def flat(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def plain(model):
    """f(θ) and ∇f(θ) of a flat θ, for a batch: nothing of the optimisers."""
    names = [name for name, _ in model.named_parameters()]
    shapes = [p.shape for p in model.parameters()]

    def value_and_gradient(theta, x, y):
        theta = theta.clone().requires_grad_()
        parts = theta.split([s.numel() for s in shapes])
        state = {n: part.view(s) for n, part, s in zip(names, parts, shapes, strict=True)}
        loss = nn.functional.cross_entropy(torch.func.functional_call(model, state, (x,)), y)
        (grad,) = torch.autograd.grad(loss, theta)
        return loss.detach(), grad

    return value_and_gradient


# the method


def test_the_ball_reproduces_the_authors_run_of_a_network():
    sizes, samples = DIGITS["sizes"], DIGITS["samples"]
    layers = [nn.Linear(a, b, dtype=F64) for a, b in itertools.pairwise(sizes)]
    model = nn.Sequential(*[part for layer in layers for part in (layer, nn.Tanh())][:-1])
    nn.utils.vector_to_parameters(torch.from_numpy(ARRAYS["initial"]), model.parameters())
    digits = load_digits()
    x = torch.from_numpy(digits.data[:samples] / 16)
    y = torch.from_numpy(digits.target[:samples])
    optimizer = rbo.RollingBall(
        model.parameters(),
        lr=DIGITS["learning_rate"],
        radius=DIGITS["radius"],
        contact_steps=DIGITS["n_projection_steps"],
        contact_lr=DIGITS["projection_step_size"],
    )
    closure = closure_of(model, x, y)
    losses = [float(optimizer.step(closure)) for _ in range(DIGITS["n_steps"])]
    losses.append(float(closure().detach()))
    assert np.abs(np.array(losses) - ARRAYS["losses"]).max() < 1e-10
    assert np.abs(flat(model).numpy() - ARRAYS["final"]).max() < 1e-8


@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_the_ball_of_the_optimiser_is_the_ball_of_descent(scale):
    """On one loss, through `roll`, which knows no parameters."""
    loss = lambda p: (torch.sin(3 * p) + p.square()).sum(-1)  # noqa: E731
    start = torch.linspace(-1, 1, 12, dtype=F64)
    path = rbo.roll(
        loss, start, radius=0.4, lr=0.05, steps=30, contact=rbo.Descent(8, 0.02), loss_scale=scale
    )
    parts = [nn.Parameter(part.clone()) for part in (start[:6].view(2, 3), start[6:])]
    optimizer = rbo.RollingBall(parts, 0.05, 0.4, contact_steps=8, contact_lr=0.02, loss_scale=scale)

    def closure():
        value = loss(torch.cat([p.flatten() for p in parts]))
        value.backward()
        return value

    for step in range(30):
        assert float(optimizer.step(closure)) == pytest.approx(float(path.losses[step]), abs=1e-10)
    assert torch.allclose(torch.cat([p.detach().flatten() for p in parts]), path.contacts[-1], atol=1e-10)


def test_a_step_of_the_ball_with_a_rate_for_each_group():
    """Algorithm 1 written out for a diagonal η: ητ becomes (Eg, g·Eg), γ likewise."""
    model, reference = network(), network()
    groups = [
        {"params": model[0].parameters(), "lr": 0.5, "contact_lr": 0.1},
        {"params": model[2].parameters(), "lr": 0.1, "contact_lr": 0.02},
    ]
    optimizer = rbo.RollingBall(groups, lr=9.0, radius=0.7, contact_steps=5, contact_lr=9.0, loss_scale=2.0)
    slope, theta = plain(reference), flat(reference)
    sizes = torch.tensor([p.numel() for p in reference.parameters()])
    eta = torch.tensor([0.5, 0.5, 0.1, 0.1], dtype=F64).repeat_interleave(sizes)
    gamma = torch.tensor([0.1, 0.1, 0.02, 0.02], dtype=F64).repeat_interleave(sizes)
    for step in range(4):
        optimizer.step(closure_of(model, *batch(step)))
        f, g = slope(theta, *batch(step))
        normal = torch.cat([-2 * g, torch.ones(1, dtype=F64)])
        center = torch.cat([theta, 2 * f[None]]) + 0.7 * normal / normal.norm()
        target = center - torch.cat([eta * g, (2 * g * eta * g).sum()[None]])
        for _ in range(5):
            f, g = slope(theta, *batch(step))
            theta = theta - gamma * (theta - target[:-1] + (2 * f - target[-1]) * 2 * g)
    assert torch.allclose(flat(model), theta, atol=1e-12)


def test_sam_takes_the_gradient_of_the_worst_neighbour():
    """Foret et al. 2021, Algorithm 1, with SGD's momentum."""
    model, theta = network(), flat(network())
    optimizer = rbo.SAM(model.parameters(), lr=0.2, radius=0.1, momentum=0.8)
    slope, velocity = plain(network()), torch.zeros_like(theta)
    for step in range(12):
        loss = optimizer.step(closure_of(model, *batch(step)))
        f, g = slope(theta, *batch(step))
        worst = theta + 0.1 * g / g.norm()
        velocity = 0.8 * velocity + slope(worst, *batch(step))[1]
        theta = theta - 0.2 * velocity
        assert float(loss) == pytest.approx(float(f), abs=1e-12)
    assert torch.allclose(flat(model), theta, atol=1e-12)


def test_sam_without_a_gradient_stays():
    p = nn.Parameter(torch.zeros(3, dtype=F64))
    optimizer = rbo.SAM([p], lr=0.2)
    optimizer.step(lambda: (p.square().sum().backward(), p.square().sum())[1])
    assert torch.equal(p.detach(), torch.zeros(3, dtype=F64))


def test_entropy_sgd_descends_on_the_local_entropy():
    """Chaudhari et al. 2017, Algorithm 1, a new batch for each step of the walk."""
    model, x = network(), flat(network())
    scope, rate, lr, alpha, walk = 0.3, 0.2, 2.0, 0.75, 5
    optimizer = rbo.EntropySGD(
        model.parameters(), lr, scope, walk, langevin_lr=rate, noise=0.0, averaging=alpha
    )
    slope, drawn = plain(network()), iter(range(1000))
    for step in range(6):
        optimizer.step(lambda: closure_of(model, *batch(next(drawn)))())
        inner, mu = x, x
        for draw in range(step * walk, (step + 1) * walk):
            grad = slope(inner, *batch(draw))[1] - scope * (x - inner)
            inner = inner - rate * grad
            mu = (1 - alpha) * mu + alpha * inner
        x = x - lr * scope * (x - mu)
    assert next(drawn) == 6 * walk
    assert torch.allclose(flat(model), x, atol=1e-12)


def test_the_noise_of_entropy_sgd_has_its_variance_and_its_seed():
    """On a flat loss, L = 1, α = 1 and ηγ = 1 a step adds √η' ε N(0, I)."""

    def moves(seed):
        p = nn.Parameter(torch.zeros(20_000, dtype=F64))
        optimizer = rbo.EntropySGD([p], 1.0, 1.0, 1, langevin_lr=0.25, noise=2.0, averaging=1.0, seed=seed)
        out = []
        for _ in range(2):
            before = p.detach().clone()
            optimizer.step(lambda: ((0 * p).sum().backward(), torch.zeros(()))[1])
            out.append((p.detach() - before) + 0.0)
        return out

    first, second = moves(1)
    assert float(first.std()) == pytest.approx(math.sqrt(0.25) * 2.0, rel=0.03)
    assert abs(float((first * second).mean())) < 0.05
    assert torch.equal(first, moves(1)[0])
    assert not torch.equal(first, moves(2)[0])


# the extensions


class Parabola:
    """θ² over one parameter, counting how often it is looked at."""

    def __init__(self):
        self.theta, self.looks = torch.ones(1, dtype=F64), -1
        self.look()

    def look(self):
        self.looks += 1
        self.height, self.grads = self.theta.square().sum(), [2 * self.theta]


@pytest.mark.parametrize(("tolerance", "lr"), [(0.0, 1.5), (1e-9, 0.3), (0.01, 0.3), (0.5, 0.3)])
def test_the_early_stop_ends_with_the_first_step_that_helps_too_little(tolerance, lr):
    """Against a walk of all steps."""
    target = algorithm.Target([torch.tensor([0.2], dtype=F64)], torch.tensor(0.4, dtype=F64))
    whole, stopped = Parabola(), Parabola()
    distances = [math.hypot(float(whole.theta) - 0.2, float(whole.height) - 0.4)]
    for _ in range(60):
        algorithm.project([whole.theta], whole, target, 1, [lr])
        distances.append(math.hypot(float(whole.theta) - 0.2, float(whole.height) - 0.4))
    falls = [after < (1 - tolerance) * before for before, after in itertools.pairwise(distances)]
    algorithm.project([stopped.theta], stopped, target, 60, [lr], tolerance=tolerance)
    steps = falls.index(False) + 1
    assert stopped.looks == steps < 60
    reached = math.hypot(float(stopped.theta) - 0.2, float(stopped.theta) ** 2 - 0.4)
    assert reached == pytest.approx(min(distances[: steps + 1]), rel=1e-12)  # further away: taken back


def test_without_progress_to_make_the_early_stop_changes_nothing():
    one, two = network(), network()
    train(one, EVERY["ball"](one.parameters(), contact_lr=0.001), 5)
    train(two, EVERY["ball"](two.parameters(), contact_lr=0.001, tolerance=0.0), 5)
    assert torch.equal(flat(one), flat(two))


def test_the_early_stop_saves_gradients():
    model, calls = network(), []
    optimizer = rbo.RollingBall(model.parameters(), 0.05, 0.2, 200, 0.2, tolerance=0.01)
    for step in range(5):
        optimizer.step(closure_of(model, *batch(step), calls))
    assert 2 * 5 <= len(calls) < 100 * 5


def test_the_ball_shrinks_by_its_schedule():
    model = network()
    optimizer = EVERY["shrinking ball"](model.parameters())
    radii = []
    for step in range(8):
        train(model, optimizer, 1, step)
        radii.append(optimizer.param_groups[0]["radius"])
    expected = [2.0 * 0.05 ** (min(t, 6) / 6) for t in range(8)]
    assert radii == pytest.approx(expected)
    other = network()
    by_hand = EVERY["ball"](other.parameters())
    for step, radius in enumerate(radii):
        by_hand.param_groups[0]["radius"] = radius
        train(other, by_hand, 1, step)
    assert torch.equal(flat(model), flat(other))


# what it costs


def test_closures_are_called_as_often_as_said():
    for make, expected in ((EVERY["ball"], 5), (EVERY["sam"], 2), (EVERY["entropy"], 4)):
        model, calls = network(), []
        optimizer = make(model.parameters())
        first = optimizer.step(closure_of(model, *batch(0), calls))
        assert len(calls) == expected
        assert float(first) == pytest.approx(calls[0])


@pytest.mark.parametrize(("name", "copies"), [("ball", 1), ("sam", 1), ("entropy", 2)])
def test_copies_of_the_parameters_are_those_stated(name, copies):
    p = nn.Parameter(torch.linspace(0, 1, 331, dtype=F64))
    optimizer, seen = EVERY[name]([p]), []

    def alive():
        return sum(issubclass(type(o), torch.Tensor) and o.shape == (331,) for o in gc.get_objects())

    def closure():
        seen.append(alive())  # gradients are cleared before: p and the copies
        loss = p.square().sum()
        loss.backward()
        return loss

    gc.collect()
    before = alive()
    optimizer.step(closure)
    assert max(seen) <= before + copies
    if name != "sam":
        assert optimizer.state_dict()["state"] == {}


# as users of torch expect


@every
def test_a_resumed_run_is_the_same_run(make, tmp_path):
    whole, model = network(), network()
    optimizer = make(whole.parameters())
    losses = train(whole, optimizer, 8, scheduler=torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9))
    first = make(model.parameters())
    scheduler = torch.optim.lr_scheduler.ExponentialLR(first, 0.9)
    begun = train(model, first, 3, scheduler=scheduler)
    saved = {"model": model.state_dict(), "ball": first.state_dict(), "lr": scheduler.state_dict()}
    torch.save(saved, tmp_path / "saved.pt")
    saved = torch.load(tmp_path / "saved.pt", weights_only=True)
    other = network(seed=5)
    second = make(other.parameters())
    scheduler = torch.optim.lr_scheduler.ExponentialLR(second, 0.9)
    other.load_state_dict(saved["model"])
    second.load_state_dict(saved["ball"])
    scheduler.load_state_dict(saved["lr"])
    resumed = train(other, second, 5, first=3, scheduler=scheduler)
    assert begun + resumed == losses
    assert torch.equal(flat(whole), flat(other))


@every
def test_a_copied_optimiser_goes_on_as_the_first(make):
    model = network()
    optimizer = make(model.parameters())
    train(model, optimizer, 2)
    twin, twin_optimizer = copy.deepcopy((model, optimizer))
    assert train(model, optimizer, 4, 2) == train(twin, twin_optimizer, 4, 2)
    assert torch.equal(flat(model), flat(twin))


@every
def test_groups_are_one_space(make):
    """Split into groups, also one added later, the same parameters take the same steps."""
    one, two = network(), network()
    train(one, make(one.parameters()), 4)
    optimizer = make([{"params": two[0].parameters()}])
    optimizer.add_param_group({"params": two[2].parameters()})
    train(two, optimizer, 4)
    assert torch.allclose(flat(one), flat(two), atol=1e-12)


@every
def test_frozen_parameters_stay_and_do_not_count(make):
    """As if the frozen ones, and those that the loss does not know, were not there."""
    frozen, alone = network(), network()
    frozen[0].requires_grad_(False)
    unused = nn.Parameter(torch.ones(4, dtype=F64))
    before = frozen[0].weight.clone()
    optimizer = make([*frozen.parameters(), unused], **({"noise": 0.0} if make is EVERY["entropy"] else {}))
    train(frozen, optimizer, 4)
    alone[0].requires_grad_(False)
    reference = make(alone[2].parameters(), **({"noise": 0.0} if make is EVERY["entropy"] else {}))
    train(alone, reference, 4)
    assert torch.equal(frozen[0].weight, before)
    assert torch.equal(unused.detach(), torch.ones(4, dtype=F64))
    assert torch.allclose(flat(frozen), flat(alone), atol=1e-13)
    assert not torch.allclose(frozen[2].weight, network()[2].weight)


@every
def test_a_parameter_may_thaw_in_the_middle(make):
    model = network()
    model[0].requires_grad_(False)
    optimizer = make(model.parameters())
    train(model, optimizer, 2)
    model[0].requires_grad_(True)
    train(model, optimizer, 2)
    assert not torch.allclose(model[0].weight, network()[0].weight)


@every
@pytest.mark.parametrize("whole_step", [True, False])
def test_autocast_stays_near_single_precision(make, whole_step):
    single, mixed = network(dtype=torch.float32), network(dtype=torch.float32)
    one, two = make(single.parameters()), make(mixed.parameters())
    for step in range(5):
        x, y = batch(step, torch.float32)
        one.step(closure_of(single, x, y))
        if whole_step:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                two.step(closure_of(mixed, x, y))
        else:

            def closure(x=x, y=y):
                with torch.autocast("cpu", dtype=torch.bfloat16):
                    loss = nn.functional.cross_entropy(mixed(x), y)
                loss.backward()
                return loss

            two.step(closure)
    assert all(p.dtype == torch.float32 for p in mixed.parameters())
    moved = (flat(single) - flat(network(dtype=torch.float32))).norm()
    assert float((flat(single) - flat(mixed)).norm()) < 0.1 * float(moved)


@every
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
def test_every_precision_learns(make, dtype):
    model = network(dtype=dtype)
    optimizer, (x, y) = make(model.parameters()), batch(0, dtype)
    losses = [float(optimizer.step(closure_of(model, x, y))) for _ in range(10)]
    assert losses[-1] < losses[0]
    assert {p.dtype for p in model.parameters()} == {dtype}


@every
def test_torchs_schedulers_set_the_rate(make):
    model, still = network(), flat(network())
    optimizer = make(model.parameters(), **({"noise": 0.0} if make is EVERY["entropy"] else {}))
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.0 if step == 0 else 1.0)
    assert optimizer.param_groups[0]["lr"] == 0
    train(model, optimizer, 1)
    if "radius" not in optimizer.param_groups[0] or isinstance(optimizer, rbo.SAM):
        assert torch.allclose(flat(model), still, atol=1e-14)
    scheduler.step()
    train(model, optimizer, 1, 1)
    assert not torch.allclose(flat(model), still)


# bad input


@pytest.mark.parametrize(
    ("make", "changes", "message"),
    [
        ("ball", {"lr": -1.0}, "lr must be >= 0 and finite, got -1.0"),
        ("ball", {"lr": math.nan}, "lr must be >= 0 and finite, got nan"),
        ("ball", {"lr": "fast"}, "lr must be >= 0 and finite, got 'fast'"),
        ("ball", {"lr": torch.ones(2)}, r"lr must be >= 0 and finite, got tensor\(\[1., 1.\]\)"),
        ("ball", {"radius": None}, "radius must be > 0 and finite, got None"),
        ("ball", {"radius": 0.0}, "radius must be > 0 and finite, got 0.0"),
        ("ball", {"radius": lambda step: -1.0}, "radius must be > 0 and finite, got -1.0"),
        ("ball", {"contact_steps": 0}, "contact_steps must be an integer >= 1, got 0"),
        ("ball", {"contact_steps": True}, "contact_steps must be an integer >= 1, got True"),
        ("ball", {"contact_lr": math.inf}, "contact_lr must be >= 0 and finite, got inf"),
        ("ball", {"loss_scale": 0}, "loss_scale must be > 0 and finite, got 0"),
        ("ball", {"tolerance": 1.0}, r"tolerance must be in \[0, 1\), got 1.0"),
        ("sam", {"radius": -0.1}, "radius must be > 0 and finite, got -0.1"),
        ("sam", {"momentum": 1.0}, r"momentum must be in \[0, 1\), got 1.0"),
        ("entropy", {"scope": 0}, "scope must be > 0 and finite, got 0"),
        ("entropy", {"averaging": 0}, r"averaging must be in \(0, 1\], got 0"),
        ("entropy", {"averaging": "all"}, r"averaging must be in \(0, 1\], got 'all'"),
        ("entropy", {"seed": -1}, "seed must be an integer >= 0, got -1"),
    ],
)
def test_settings_out_of_range_are_named(make, changes, message):
    with pytest.raises(ValueError, match=message):
        EVERY[make](network().parameters(), **changes)


@pytest.mark.parametrize("name", rbo.RollingBall.shared)
def test_what_groups_share_may_not_differ(name):
    model, other = network(), {"radius": 2.0, "contact_steps": 7, "loss_scale": 3.0, "tolerance": 0.1}[name]
    groups = [{"params": model[0].parameters()}, {"params": model[2].parameters(), name: other}]
    with pytest.raises(ValueError, match=f"{name} must be the same in all groups, got"):
        EVERY["ball"](groups)
    optimizer = EVERY["ball"]([{"params": model[0].parameters()}, {"params": model[2].parameters()}])
    optimizer.param_groups[1][name] = other
    with pytest.raises(ValueError, match=f"{name} must be the same in all groups, got"):
        train(model, optimizer, 1)


@every
def test_a_closure_is_needed_and_returns_the_loss(make):
    model = network()
    optimizer, before = make(model.parameters()), flat(model)
    good = closure_of(model, *batch(0))
    with pytest.raises(ValueError, match=r"needs a closure: step\(closure\)"):
        optimizer.step()
    with pytest.raises(ValueError, match=r"needs a closure: .* got a tensor of torch.float64"):
        optimizer.step(good().detach())
    with pytest.raises(ValueError, match="one real number, got NoneType None"):
        optimizer.step(lambda: (good(), None)[1])
    with pytest.raises(ValueError, match=r"one real number, got a tensor of shape \(2,\)"):
        optimizer.step(lambda: good().expand(2))
    with pytest.raises(ValueError, match=r"got float .* return loss, not loss.item\(\)"):
        optimizer.step(lambda: good().item())
    with pytest.raises(ValueError, match="left no gradient: it must call backward"):
        optimizer.step(lambda: torch.ones(()))
    for none in ([], [{"params": []}]):
        with pytest.raises(ValueError, match="params is empty"):
            make(none)
    assert torch.equal(flat(model), before)


@every
def test_without_a_parameter_to_learn_a_step_says_so(make):
    model = network().requires_grad_(False)
    with pytest.raises(ValueError, match=r"no parameter is to be learned: call requires_grad_\(\)"):
        make(model.parameters()).step(closure_of(model, *batch(0)))


@every
def test_a_loss_that_is_not_finite_is_refused_before_it_moves_anything(make):
    model = network()
    optimizer, before = make(model.parameters()), flat(model)
    with pytest.raises(ValueError, match="not finite in this step: go back to the last good parameters"):
        optimizer.step(lambda: closure_of(model, *batch(0))() * math.nan)
    assert torch.equal(flat(model), before)


def test_where_looking_would_wait_the_next_step_tells(monkeypatch):
    """On an accelerator; here its part of `watch` alone."""
    model = network()
    optimizer = EVERY["ball"](model.parameters())

    def later(self, loss):
        finite = loss.isfinite()
        self.unseen = finite if self.unseen is None else self.unseen & finite

    monkeypatch.setattr(checks.ClosureOptimizer, "watch", later)
    train(model, optimizer, 2)
    optimizer.step(lambda: closure_of(model, *batch(0))() * math.nan)
    with pytest.raises(ValueError, match="not finite in the step before"):
        train(model, optimizer, 1)


def test_sparse_gradients_are_refused():
    table = nn.Embedding(5, 2, sparse=True)
    optimizer = EVERY["ball"](table.parameters())

    def closure():
        loss = table(torch.tensor([1, 2])).square().sum()
        loss.backward()
        return loss

    with pytest.raises(ValueError, match="RollingBall needs dense gradients"):
        optimizer.step(closure)
