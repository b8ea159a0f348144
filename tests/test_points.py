"""Point methods against torch.optim, which they copy."""

import pytest
import torch

import landscapes
import rbo

F64 = torch.float64
ORACLES = {
    rbo.GradientDescent(): lambda p, lr: torch.optim.SGD(p, lr=lr),
    rbo.Momentum(0.8): lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.8),
    rbo.Nesterov(0.8): lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.8, nesterov=True),
    rbo.Adam(): lambda p, lr: torch.optim.Adam(p, lr=lr),
}


@pytest.mark.parametrize("method", ORACLES, ids=lambda m: type(m).__name__)
def test_a_method_is_the_one_of_torch_optim(method):
    landscape, lr = landscapes.get("wrinkled_bowl"), 0.02
    path = rbo.descend(landscape, torch.tensor(landscape.start, dtype=F64), lr=lr, steps=40, method=method)
    parameter = torch.nn.Parameter(torch.tensor(landscape.start, dtype=F64))
    optimizer = ORACLES[method]([parameter], lr)
    for step in range(40):
        assert torch.allclose(path.contacts[step], parameter.detach(), atol=1e-10, rtol=0)
        optimizer.zero_grad()
        landscape(parameter).backward()
        optimizer.step()
    assert path.centers is None and path.clearance is None and path.normals is None


@pytest.mark.parametrize("method", ORACLES, ids=lambda m: type(m).__name__)
def test_a_batch_equals_its_single_runs(method):
    landscape = landscapes.get("himmelblau")
    starts = torch.tensor([[0.0, 0.0], [3.5, 1.0], [-2.0, -2.5]], dtype=F64)
    together = rbo.descend(landscape, starts, lr=0.004, steps=50, method=method)
    for i in range(3):
        alone = rbo.descend(landscape, starts[i], lr=0.004, steps=50, method=method)
        assert torch.allclose(together.contacts[:, i], alone.contacts, atol=1e-12)


def test_a_point_ends_and_says_why():
    bowl = lambda p: p.square().sum(-1)  # noqa: E731
    start = torch.tensor([1.0, 1.0], dtype=F64)
    assert rbo.descend(bowl, start, lr=0.3, steps=200).outcome == "rests"
    assert rbo.descend(bowl, start, lr=0.001, steps=20).outcome == "steps used up"
    left = rbo.descend(bowl, start, lr=1.5, steps=200, domain=((-2, 2), (-2, 2)))
    assert left.outcome == "left the domain"
    assert left.contacts.abs().max() <= 2
    wild = rbo.descend(lambda p: p.pow(4).sum(-1), start * 1e60, lr=1e200, steps=20)
    assert wild.outcome == "not finite"
    assert wild.contacts.isfinite().all()
    steep = rbo.descend(lambda p: p.square().sum(-1).exp(), 4 * start, lr=1e-4, steps=1)
    assert steep.outcome == "not finite"  # also where only the loss is not, at the very last step
    assert steep.losses.isfinite().all()


def test_a_schedule_is_asked_for_the_steps_alone():
    rates = [0.1, 0.2, 0.3]
    path = rbo.descend(lambda p: p.sum(-1), torch.zeros(1, dtype=F64), lr=lambda step: rates[step], steps=3)
    assert path.contacts.flatten().tolist() == pytest.approx([0, -0.1, -0.3, -0.6])


def test_settings_are_checked():
    start = torch.tensor([1.0], dtype=F64)
    with pytest.raises(ValueError, match="momentum must be in"):
        rbo.Momentum(1.0)
    with pytest.raises(ValueError, match="beta2 must be in"):
        rbo.Adam(beta2=float("nan"))
    with pytest.raises(ValueError, match=r"momentum must be in .*'0.9'"):
        rbo.Nesterov("0.9")
    with pytest.raises(ValueError, match="eps must be > 0, got 0"):
        rbo.Adam(eps=0)
    for method in ("adam", rbo.Momentum):
        with pytest.raises(ValueError, match=r"method must be a part such as Momentum\(0.9\)"):
            rbo.descend(lambda p: p.sum(-1), start, lr=0.1, steps=3, method=method)
    with pytest.raises(ValueError, match="lr must be > 0"):
        rbo.descend(lambda p: p.sum(-1), start, lr=0.0, steps=3)
    with pytest.raises(ValueError, match="outside the domain"):
        rbo.descend(lambda p: p.sum(-1), start, lr=0.1, steps=3, domain=((2, 3),))
    with pytest.raises(ValueError, match="do not fit"):
        rbo.descend(lambda p: p.sum(-1), start.expand(3, 1), lr=torch.ones(2), steps=3)
    with pytest.raises(ValueError, match="lr, a schedule, raised KeyError"):
        rbo.descend(lambda p: p.sum(-1), start, lr={}.__getitem__, steps=3)


def test_a_domain_has_as_many_sides_as_the_start_has_coordinates():
    bowl, start = lambda p: p.square().sum(-1), torch.ones(3, dtype=torch.float64)
    assert rbo.descend(bowl, start, lr=1.5, steps=9, domain=((-2, 2),) * 3).outcome == "left the domain"
    with pytest.raises(ValueError, match="domain must have 1 to 3 dimensions, got 4"):
        rbo.descend(bowl, start, lr=0.1, steps=9, domain=((-2, 2),) * 4)
