"""Every run says why it ended, stays there, and a mistake gets one clear sentence."""

import pytest
import torch

import landscapes
import rbo

F64 = torch.float64
BOX = ((-2.0, 2.0), (-2.0, 2.0))


def bowl(p):
    return p.square().sum(-1)


def start(*point):
    return torch.tensor(point, dtype=F64)


SOLVERS = [rbo.Rigid(BOX), rbo.Footpoint(BOX), rbo.Descent(steps=50, lr=0.1)]


@pytest.mark.parametrize("contact", SOLVERS, ids=lambda c: type(c).__name__)
def test_a_ball_comes_to_rest_at_a_minimum_and_stays(contact):
    path = rbo.roll(bowl, start(1.0, 0.5), radius=0.2, lr=0.2, steps=400, contact=contact)
    assert path.outcome == "rests"
    end = int(path.ends)
    assert end < 400
    assert (path.contacts[end:] == path.contacts[end]).all()
    assert path.contacts[-1].norm() < 1e-5
    assert "at rest" in path.outcome.advice


@pytest.mark.parametrize("contact", SOLVERS[:2], ids=lambda c: type(c).__name__)
def test_a_ball_that_would_leave_stays_inside(contact):
    path = rbo.roll(lambda p: p[..., 0], start(-1.0, 0.0), radius=0.2, lr=0.1, steps=100, contact=contact)
    assert path.outcome == "left the domain"
    assert (path.contacts[..., 0] >= -2.3).all()
    assert path.centers.isfinite().all()


@pytest.mark.parametrize("lr", [2.0, 5.0, 1000.0])
def test_a_ball_thrown_beyond_all_that_is_searched_left_the_domain(lr: float):
    path = rbo.roll(bowl, start(1.0, 0.5), radius=0.2, lr=lr, steps=20, contact=rbo.Rigid(BOX))
    assert path.outcome == "left the domain"
    assert path.centers.isfinite().all()


def test_a_loss_that_is_not_finite_ends_the_run_before_it():
    path = rbo.roll(
        lambda p: (p[..., 0] - 0.5).log() + p[..., 1] ** 2,
        start(1.0, 0.0),
        radius=0.1,
        lr=0.4,
        steps=50,
        contact=rbo.Descent(steps=5, lr=0.1),
    )
    assert path.outcome == "not finite"
    assert path.centers.isfinite().all()
    assert path.losses.isfinite().all()


def test_each_ball_of_a_batch_ends_in_its_own_way():
    tilted = lambda p: torch.where(p[..., 0] > 0, (p - 1).square().sum(-1), p[..., 0] + 2)  # noqa: E731
    starts = torch.stack([start(1.2, 1.1), start(-1.5, 0.0)])
    path = rbo.roll(tilted, starts, radius=0.1, lr=0.1, steps=300, contact=rbo.Rigid(BOX))
    assert list(path.outcome) == ["rests", "left the domain"]
    assert path.ends.shape == (2,)


def test_evaluations_never_fall_and_a_point_needs_one_a_step():
    path = rbo.roll(bowl, start(1.0, 0.5), radius=0.2, lr=0.01, steps=50, contact=rbo.Rigid(BOX))
    assert (path.evaluations.diff() >= 0).all()
    assert path.evaluations_of.shape == path.losses.shape
    point = rbo.descend(bowl, start(1.0, 0.5), lr=0.01, steps=50)
    assert point.evaluations.tolist() == list(range(51))
    inner = rbo.roll(
        bowl, start(1.0, 0.5), radius=0.2, lr=0.01, steps=10, contact=rbo.Descent(steps=7, lr=0.1)
    )
    assert int(inner.evaluations[-1]) == 1 + 7 * 10


class Counting:
    """A loss that counts the points at which its gradient is asked for."""

    def __init__(self, loss: landscapes.Landscape):
        self.loss, self.domain, self.finest_wavelength = loss, loss.domain, loss.finest_wavelength
        self.asked = 0

    def __call__(self, theta: torch.Tensor) -> torch.Tensor:
        return self.loss(theta)

    def gradient(self, theta: torch.Tensor) -> torch.Tensor:
        self.asked += theta.shape[:-1].numel()
        return self.loss.gradient(theta)

    def jet(self, theta: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        self.asked += theta.shape[:-1].numel()
        return self.loss.jet(theta)


@pytest.mark.parametrize("radius", [0.05, 0.6])
@pytest.mark.parametrize("kind", [rbo.Rigid, rbo.Footpoint, lambda domain: rbo.Descent(20, 0.01)])
def test_evaluations_are_the_gradients_that_the_loss_was_asked_for(kind, radius: float):
    loss = Counting(landscapes.get("wrinkled_bowl"))
    path = rbo.roll(loss, start(-2.2, 1.7), radius, 0.003, 10, kind(loss.domain))
    assert path.outcome == "steps used up"
    assert int(path.evaluations[-1]) == loss.asked > 10


@pytest.mark.parametrize("contact", [rbo.Rigid, rbo.Footpoint])
def test_a_ball_of_a_batch_asks_for_what_it_asks_for_alone(contact):
    bowl = landscapes.get("wrinkled_bowl")
    radii, setting = torch.logspace(-1.5, 0, 6), {"lr": 0.03, "steps": 60, "contact": contact(bowl.domain)}
    together = rbo.roll(bowl, start(-2.2, 1.7), radii, **setting).evaluations_of[-1]
    alone = [int(rbo.roll(bowl, start(-2.2, 1.7), float(r), **setting).evaluations[-1]) for r in radii]
    assert together.tolist() == pytest.approx(alone, rel=0.02)  # rounding may cost an update
    assert together.tolist() != [round(float(together.double().mean()))] * 6


@pytest.mark.parametrize(
    "change,words",
    [
        ({"radius": 0.0}, "radius must be > 0"),
        ({"radius": float("nan")}, "radius must be > 0"),
        ({"lr": -1.0}, "lr must be > 0"),
        ({"lr": float("inf")}, "lr must be > 0 and finite"),
        ({"steps": -1}, "steps must be an integer >= 0"),
        ({"steps": 2.5}, "steps must be an integer >= 0"),
        ({"loss_scale": 0.0}, "loss_scale must be > 0"),
        ({"loss_scale": "1"}, "loss_scale must be > 0 and finite, got '1'"),
        ({"radius": "big"}, "radius must be a number"),
        ({"radius": True}, "radius must be a number, a tensor or a schedule, got True"),
        ({"lr": torch.tensor([True])}, "lr must be a number"),
        ({"lr": 1j}, "lr must be a number"),
        ({"radius": torch.ones(3), "lr": torch.ones(2)}, "do not fit"),
    ],
)
def test_a_setting_out_of_range_is_named(change, words):
    setting = {"radius": 0.2, "lr": 0.1, "steps": 5, "contact": rbo.Rigid(BOX)} | change
    with pytest.raises(ValueError, match=words):
        rbo.roll(bowl, start(1.0, 0.5), **setting)


@pytest.mark.parametrize(
    "point,words",
    [
        (start(5.0, 0.0), "outside the domain"),
        (start(float("nan"), 0.0), "start must be finite"),
        (torch.tensor([1, 2]), "floating-point"),
        (start(1.0, 0.0).half(), "float32, float64"),
        (torch.zeros(0, 2), "none of them 0"),
        (start(1.0), "start has 1 coordinates but the domain has 2"),
    ],
)
def test_a_bad_start_is_named(point, words):
    with pytest.raises(ValueError, match=words):
        rbo.roll(bowl, point, radius=0.2, lr=0.1, steps=5, contact=rbo.Rigid(BOX))


def test_autograd_may_use_what_is_returned():
    path = rbo.roll(bowl, start(1.0, 0.5), radius=0.2, lr=0.1, steps=3, contact=rbo.Rigid(BOX))
    weight = torch.ones(2, dtype=F64, requires_grad=True)
    (path.contacts * weight).sum().backward()
    assert torch.equal(weight.grad, path.contacts.sum(0))


def raises(p):
    raise RuntimeError("no network")


@pytest.mark.parametrize(
    "loss,words",
    [
        (lambda p: p, r"must map \(\*B, d\) to \(\*B,\)"),
        (lambda p: p.sum(), r"must map"),
        (lambda p: 1.0, "must return a torch tensor"),
        (raises, "loss raised RuntimeError at the start: no network"),
        (lambda p: bowl(p.detach()), "must be differentiable"),
        (lambda p: bowl(p) + 0j, "must return real numbers"),
    ],
)
def test_a_bad_loss_is_named(loss, words):
    batch = torch.zeros(3, 2, dtype=F64)
    with pytest.raises(ValueError, match=words):
        rbo.roll(loss, batch, radius=0.2, lr=0.1, steps=5, contact=rbo.Rigid(BOX))


FIRST_OF_ALL = [  # the losses that one writes first
    lambda p: sum(p[k] ** 2 for k in range(p.shape[-1])),
    lambda p: p.square().sum(),
    lambda p: p.square().mean(),
]


@pytest.mark.parametrize("d", [1, 2, 3, 4])
@pytest.mark.parametrize("loss", FIRST_OF_ALL)
def test_a_loss_of_one_point_alone_is_named(loss, d):
    """Right for the start, and wrong for all the points that are asked for at once."""
    words = r"(must map \(\*B, d\) to \(\*B,\): for input|raised IndexError for) .* p\[\.\.\., 0\]"
    contacts = [rbo.Descent(steps=5, lr=0.1)]
    contacts += [part(((-2.0, 2.0),) * d) for part in (rbo.Rigid, rbo.Footpoint) if d <= 2]
    for contact in contacts:
        with pytest.raises(ValueError, match=words):
            rbo.roll(loss, torch.full((d,), 0.5, dtype=F64), radius=0.3, lr=0.05, steps=5, contact=contact)
    with pytest.raises(ValueError, match=r"must map|IndexError"):
        rbo.roll(loss, torch.eye(d, dtype=F64), radius=0.3, lr=0.05, steps=5, contact=contacts[0])
    path = rbo.descend(loss, torch.full((d,), 0.5, dtype=F64), lr=0.05, steps=5)  # which asks for no more
    assert path.losses[-1] < path.losses[0]


def picky(p):
    if (p.norm(dim=-1) > 2.5).any():
        raise RuntimeError("outside my data")
    return bowl(p)


def test_a_loss_that_raises_later_is_named_with_the_place():
    with pytest.raises(ValueError, match=r"loss raised RuntimeError: outside my data.* from \(-2") as caught:
        rbo.roll(picky, start(1.0, 0.5), radius=0.2, lr=0.1, steps=5, contact=rbo.Rigid(BOX))
    assert isinstance(caught.value.__cause__, RuntimeError)
    with pytest.raises(ValueError, match=r"loss raised RuntimeError: outside my data"):
        rbo.descend(picky, start(2.0, 0.5), lr=2.0, steps=5)


class Offers:
    """A bowl with a closed form that may be wrong."""

    def __init__(self, **forms):
        vars(self).update(forms)

    def __call__(self, p):
        return bowl(p)


@pytest.mark.parametrize(
    "forms,words",
    [
        ({"gradient": lambda p: 2 * p[..., 0]}, "loss.gradient must give the gradient"),
        ({"jet": lambda p: (bowl(p), 2 * p)}, "loss.jet must give three tensors"),
        ({"jet": lambda p: (bowl(p), 2 * p, 2.0)}, "loss.jet must give the ∇²f .*, got float"),
        ({"gradient": raises}, "loss.gradient raised RuntimeError: no network"),
        ({"grid": lambda axes: axes[0]}, "loss.grid must give the heights"),
        ({"grid": lambda axes: None}, "loss.grid must give the heights .*, got NoneType"),
    ],
)
def test_a_bad_closed_form_is_named(forms, words):
    with pytest.raises(ValueError, match=words):
        rbo.roll(Offers(**forms), start(1.0, 0.5), radius=0.2, lr=0.1, steps=5, contact=rbo.Rigid(BOX))


def test_a_bad_gradient_of_a_point_is_named():
    for gradient, got in ((lambda p: 2 * p[..., 0], r"\(\)"), (lambda p: (2 * p,), "tuple")):
        with pytest.raises(ValueError, match=rf"loss.gradient must give the gradient .* \(2,\), got {got}"):
            rbo.descend(Offers(gradient=gradient), start(1.0, 0.5), lr=0.1, steps=5)


def test_a_closed_form_that_is_not_needed_is_not_asked_for():
    loss = Offers(gradient=lambda p: 2 * p, jet=raises, grid=raises)
    for path in (
        rbo.descend(loss, start(1.0, 0.5), lr=0.1, steps=5),
        rbo.roll(loss, start(1.0, 0.5), radius=0.2, lr=0.1, steps=5, contact=rbo.Descent(5, 0.1)),
    ):
        assert path.losses[-1] < path.losses[0]


def test_who_runs_out_of_memory_is_told_so():
    def greedy(p):
        raise torch.OutOfMemoryError("no room")

    with pytest.raises(torch.OutOfMemoryError, match="no room"):
        rbo.descend(greedy, start(1.0, 0.5), lr=0.1, steps=5)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_a_point_that_goes_back_and_forth_is_told_to_slow_down(d):
    """On |θ|² each step of gradient descent multiplies θ by 1 − 2η."""
    overshoots, creeps, settles = torch.tensor([[0.999, 0.98], [0.001, 0.002], [0.75, 0.8]])
    for steps, told in ((60, "smaller lr"), (8, "larger lr")):
        path = rbo.descend(bowl, torch.full((d,), 0.5), lr=overshoots, steps=steps)
        assert path.outcome.shape == path.advice.shape == (2,)
        assert all(told in advice for advice in path.advice)  # after 8 steps it is not yet seen
    assert all("larger lr" in a for a in rbo.descend(bowl, torch.ones(d), lr=creeps, steps=60).advice)
    assert all("more steps" in a for a in rbo.descend(bowl, torch.ones(d), lr=settles, steps=10).advice)
    swings = rbo.descend(bowl, torch.ones(d), lr=0.01, steps=40, method=rbo.Momentum(0.95))
    assert "more steps" in swings.advice  # through the minimum and back, not from step to step


def test_a_ball_that_goes_back_and_forth_is_told_to_slow_down():
    wrinkled = landscapes.get("wrinkled_bowl")
    radii, contact = torch.tensor([0.03, 0.6], dtype=F64), rbo.Rigid(wrinkled.domain)
    point = torch.tensor(wrinkled.start, dtype=F64)
    balls = rbo.roll(wrinkled, point, radii, wrinkled.lr, 200, contact, wrinkled.loss_scale)
    assert list(balls.outcome) == ["steps used up"] * 2
    assert "smaller lr" in balls.advice[0] and "larger lr" in balls.advice[1]


def test_a_start_that_is_not_finite_is_told_to_move():
    path = rbo.descend(lambda p: bowl(p) * float("nan"), start(1.0, 0.5), lr=0.1, steps=5)
    assert path.outcome == "not finite" and "start elsewhere" in path.advice
    assert "at rest" in rbo.descend(bowl, start(0.0, 0.0), lr=0.1, steps=1).advice


@pytest.mark.parametrize("domain", [((1, 0),), "box", ((0, float("inf")),), ((0, 1),) * 3])
def test_a_bad_domain_is_named(domain):
    with pytest.raises(ValueError, match="domain"):
        rbo.Rigid(domain)


def test_bad_solver_settings_are_named():
    with pytest.raises(ValueError, match="steps of Descent"):
        rbo.Descent(steps=0)
    with pytest.raises(ValueError, match="lr of Descent"):
        rbo.Descent(lr=float("nan"))
    with pytest.raises(ValueError, match="spacing"):
        rbo.Footpoint(BOX, spacing=-1.0)
    with pytest.raises(ValueError, match="spacing must be > 0"):
        rbo.Rigid(BOX, spacing="fine")
    with pytest.raises(ValueError, match="lr of Descent must be > 0"):
        rbo.Descent(lr="small")
    with pytest.raises(ValueError, match=r"contact must be a part such as Rigid\(domain=...\), got 'rigid'"):
        rbo.roll(bowl, start(1.0, 0.5), radius=0.2, lr=0.1, steps=5, contact="rigid")
    with pytest.raises(ValueError, match="contact is required"):
        rbo.roll(bowl, start(1.0, 0.5), radius=0.2, lr=0.1, steps=5)


def test_a_spacing_that_no_memory_holds_is_refused():
    with pytest.raises(ValueError, match="grid points a side"):
        rbo.roll(bowl, start(1.0, 0.5), radius=0.2, lr=0.1, steps=5, contact=rbo.Rigid(BOX, spacing=1e-7))


def test_a_radius_that_no_memory_holds_is_refused():
    with pytest.raises(ValueError, match=r"radius 50 with spacing 0\.001 needs"):
        rbo.roll(bowl, start(1.0, 0.5), radius=50.0, lr=0.1, steps=5, contact=rbo.Rigid(BOX, spacing=1e-3))


def test_a_constant_loss_is_flat():
    path = rbo.descend(lambda p: torch.zeros_like(p[..., 0]), start(1.0, 0.5), lr=0.1, steps=5)
    assert path.outcome == "rests"


def test_losses_are_those_at_the_contacts():
    path = rbo.roll(bowl, start(1.0, 0.5), radius=0.7, lr=0.05, steps=30, contact=rbo.Rigid(BOX))
    assert torch.equal(path.losses, bowl(path.contacts))


def test_the_best_device_is_one_that_works():
    device = rbo.best_device()
    assert torch.ones(2, device=device).sum().item() == 2
    assert (device.type == "cuda") == torch.cuda.is_available()
