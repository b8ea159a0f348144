"""Data, wrong labels, networks and their training: reproducible, bounded, told in sentences."""

from __future__ import annotations

import hashlib
import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from landscapes import neural
from landscapes.neural import images
from landscapes.neural.data import OFFLINE, spirals

SMALL = neural.Training(neural.Data(samples=80), neural.MLP(1, 8), steps=30, record=5)


@pytest.mark.parametrize("name", OFFLINE)
def test_data_are_those_of_their_specification(name):
    spec = neural.Data(name, samples=200, seed=3)
    data, again = spec.load(), spec.load()
    assert torch.equal(data.inputs, again.inputs) and torch.equal(data.targets, again.targets)
    assert not torch.equal(data.inputs, neural.Data(name, samples=200, seed=4).load().inputs)
    assert data.sample == ((1, 8, 8) if name == "digits" else (2,))
    assert data.inputs.shape[0] == 200 and data.held_inputs.shape[0] == 50
    assert data.inputs.dtype == torch.float32 and data.targets.dtype == torch.int64
    assert data.inputs.isfinite().all()
    assert set(data.targets.tolist()) == set(range(data.classes))
    assert torch.equal(data.targets, data.clean)
    shared = (data.inputs.flatten(1)[:, None] == data.held_inputs.flatten(1)[None]).all(-1)
    assert name == "digits" or not shared.any()


def test_digits_have_their_range_and_no_more_than_there_are():
    data = neural.Data("digits", samples=20_000).load()
    assert (len(data.inputs), len(data.held_inputs)) == (1437, 360)
    assert data.inputs.min() == 0 and data.inputs.max() == 1


def test_spirals_without_noise_lie_on_two_arms():
    points, labels = spirals(400, 0.0, torch.Generator().manual_seed(0))
    radius = points.norm(dim=1)
    turned = torch.atan2(points[:, 1], points[:, 0]) - 2 * torch.pi * radius - torch.pi * labels
    torch.testing.assert_close(turned.cos(), torch.ones(400), rtol=0, atol=1e-4)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("classes", [2, 10])
def test_a_share_of_the_labels_is_wrong_and_no_class_is_kept(share, classes):
    clean = torch.randint(0, classes, (1000,), generator=torch.Generator().manual_seed(1))
    kept = clean.clone()
    wrong = neural.corrupt_labels(clean, share, classes, torch.Generator().manual_seed(2))
    assert int((wrong != clean).sum()) == round(1000 * share)
    assert torch.equal(clean, kept)
    assert wrong.min() >= 0 and wrong.max() < classes
    again = neural.corrupt_labels(clean, share, classes, torch.Generator().manual_seed(2))
    assert torch.equal(wrong, again)
    if share == 1 and classes == 10:
        shifts = torch.bincount((wrong - clean) % classes, minlength=classes)
        assert shifts[0] == 0 and shifts[1:].min() > 60  # 111 of each expected, deviation 10


def test_corruption_is_of_what_is_learned_alone():
    data = neural.Data("moons", samples=200, corrupted=0.3).load()
    clean = neural.Data("moons", samples=200).load()
    assert int((data.targets != data.clean).sum()) == 60
    assert torch.equal(data.clean, clean.targets) and torch.equal(data.inputs, clean.inputs)
    assert torch.equal(data.held_targets, clean.held_targets)


SIGN_IN = json.JSONDecodeError("Expecting value", "<html>", 0)  # a network that answers in place of OpenML


@pytest.mark.parametrize(
    "error", [urllib.error.URLError("no route"), TimeoutError(), ConnectionResetError(), SIGN_IN]
)
def test_offline_is_one_sentence(monkeypatch, error):
    def refuse(**_):
        raise error

    monkeypatch.setattr(images, "fetch_openml", refuse)
    with pytest.raises(neural.Unavailable, match="mnist is not on this computer and cannot be downloaded"):
        neural.Data("mnist").load()


@pytest.mark.parametrize("name", images.NAMES)
def test_downloaded_images_have_their_shape_and_range(monkeypatch, name):
    size = torch.Size(images.OPENML[name][1]).numel()

    class Found:
        data = torch.arange(60 * size).remainder(256).view(60, size).numpy()
        target = tuple(str(k % 10) for k in range(60))

    def fetch(data_id, **_):
        assert data_id == images.OPENML[name][0]
        return Found

    monkeypatch.setattr(images, "fetch_openml", fetch)
    data = neural.Data(name, samples=40).load()
    assert data.sample == images.OPENML[name][1] and data.classes == 10
    assert data.inputs.min() >= 0 and data.inputs.max() == 1


class OpenML:
    """What openml.org answers about a set of images, as far as scikit-learn asks; and what it was asked."""

    def __init__(self, pixels: torch.Tensor, labels: torch.Tensor):
        columns = [f"pixel{k}" for k in range(pixels.shape[1])]
        rows = [",".join(map(str, row)) for row in torch.column_stack([pixels, labels]).tolist()]
        head = [f"@ATTRIBUTE {name} NUMERIC" for name in columns] + ["@ATTRIBUTE class {0,1,2,3,4,5,6,7,8,9}"]
        self.arff = "\n".join(["@RELATION images", *head, "@DATA", *rows, ""]).encode()
        no = dict.fromkeys(("is_target", "is_ignore", "is_row_identifier"), "false")
        kinds = [*((name, "numeric") for name in columns), ("class", "nominal")]
        features = [
            {"index": str(k), "name": name, "data_type": kind, "number_of_missing_values": "0"} | no
            for k, (name, kind) in enumerate(kinds)
        ]
        features[-1]["is_target"] = "true"
        about = {"id": "1", "name": "images", "version": "1", "format": "ARFF", "status": "active"}
        about |= {"description": "", "file_id": "1", "url": "https://www.openml.org/data/v1/download/1"}
        about |= {"md5_checksum": hashlib.md5(self.arff, usedforsecurity=False).hexdigest()}
        self.answers = {
            "features": {"data_features": {"feature": features}},
            "qualities": {"data_qualities": {"quality": [{"name": "NumberOfInstances", "value": len(rows)}]}},
            "json/data": {"data_set_description": about},
        }
        self.asked: list[str] = []

    def __call__(self, request: urllib.request.Request, **_: object) -> io.BytesIO:
        url = request if isinstance(request, str) else request.full_url
        self.asked.append(url)
        found = next((answer for part, answer in self.answers.items() if part in url), None)
        reply = io.BytesIO(self.arff if found is None else json.dumps(found).encode())
        reply.info = dict  # no header
        return reply


@pytest.fixture
def openml(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[OpenML, torch.Tensor, torch.Tensor]]:
    """Lets scikit-learn ask another one for 30 images; that and the images."""

    def make(name: str) -> tuple[OpenML, torch.Tensor, torch.Tensor]:
        generator = torch.Generator().manual_seed(0)
        size = torch.Size(images.OPENML[name][1]).numel()
        pixels = torch.randint(0, 256, (30, size), generator=generator)
        labels = torch.arange(30) % 10
        answers = OpenML(pixels, labels)
        monkeypatch.setattr("sklearn.datasets._openml.urlopen", answers)
        return answers, pixels, labels

    return make


@pytest.mark.parametrize("name", images.NAMES)
def test_images_are_read_as_they_were_sent_and_asked_for_once(openml, tmp_path: Path, name: str):
    answers, pixels, labels = openml(name)
    found, classes = images.load(name, str(tmp_path))
    torch.testing.assert_close(found, pixels.view(-1, *images.OPENML[name][1]) / 255)
    assert torch.equal(classes, labels) and answers.asked
    answers.asked.clear()
    again, _ = images.load(name, str(tmp_path))
    assert torch.equal(again, found) and not answers.asked


@pytest.mark.filterwarnings("ignore:Invalid cache, redownloading file:RuntimeWarning")
def test_images_with_a_wrong_checksum_are_refused(openml, tmp_path: Path):
    answers, _, _ = openml("mnist")
    answers.arff += b"\n"
    with pytest.raises(neural.Unavailable, match="mnist was downloaded with a wrong checksum: try again"):
        images.load("mnist", str(tmp_path))


@pytest.mark.parametrize("network", [neural.MLP(2, 9), neural.CNN(3), neural.ResidualCNN(1, 4)])
def test_networks_are_drawn_by_their_generator_as_torch_draws_them(network):
    state = torch.random.get_rng_state()
    first, second = (
        neural.build(network, (3, 12, 8), 5, torch.Generator().manual_seed(seed)) for seed in (0, 0)
    )
    assert torch.equal(torch.random.get_rng_state(), state)
    for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    assert first(torch.zeros(7, 3, 12, 8)).shape == (7, 5)
    for layer in first.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            bound = layer.weight[0].numel() ** -0.5
            assert layer.weight.abs().max() <= bound
            assert layer.weight.numel() < 50 or layer.weight.abs().max() > 0.8 * bound


def test_skips_add_the_input_and_no_parameter():
    with_skips, without = (
        neural.build(neural.ResidualCNN(2, 4, skips), (1, 8, 8), 3, torch.Generator().manual_seed(0))
        for skips in (True, False)
    )
    names = list(dict(with_skips.named_parameters()))
    assert names == list(dict(without.named_parameters()))
    block = with_skips[3]
    x = torch.randn(5, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(block(x), torch.relu(block.body(x) + x))
    torch.testing.assert_close(without[3](x), torch.relu(without[3].body(x)))


def test_training_is_a_function_of_its_specification():
    state = torch.random.get_rng_state()
    first, second = neural.fit(SMALL), neural.fit(SMALL)
    assert torch.equal(first.path, second.path)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert hash(SMALL) == hash(neural.Training(neural.Data(samples=80), neural.MLP(1, 8), steps=30, record=5))
    other = neural.fit(neural.Training(SMALL.data, SMALL.network, seed=1, steps=30, record=5))
    assert not torch.equal(first.path, other.path)


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_full_batches_follow_torchs_own_optimiser(optimiser):
    spec = neural.Training(
        SMALL.data, SMALL.network, optimiser=optimiser, lr=0.05, batch=0, steps=7, record=1
    )
    done = neural.fit(spec)
    data = done.dataset
    model = neural.build(spec.network, (2,), 2, torch.Generator().manual_seed(0))
    kinds = {
        "sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
        "adam": lambda p: torch.optim.Adam(p, 0.05),
    }
    own = kinds[optimiser](model.parameters())
    for k in range(8):
        loss = F.cross_entropy(model(data.inputs), data.targets)
        torch.testing.assert_close(done.path[k], neural.flat(neural.weights_of(model)), rtol=1e-4, atol=1e-6)
        torch.testing.assert_close(done.losses[k], loss.detach(), rtol=1e-4, atol=1e-6)
        own.zero_grad()
        loss.backward()
        own.step()


def test_progress_comes_as_it_is_made_and_is_what_is_kept():
    seen = list(neural.steps(SMALL))
    done = neural.fit(SMALL)
    assert [p.step for p in seen] == done.recorded.tolist() == [0, 5, 10, 15, 20, 25, 30]
    assert torch.equal(torch.stack([p.weights for p in seen]), done.path)
    assert [p.loss for p in seen] == pytest.approx(done.losses.tolist())
    assert done.finished and done.outcome == "all 30 steps were done"
    assert torch.equal(neural.flat(neural.weights_of(done.model)), done.path[-1])
    with torch.no_grad():
        outputs = done.model(done.dataset.inputs)
    assert float(done.losses[-1]) == pytest.approx(float(F.cross_entropy(outputs, done.dataset.targets)))
    right = (outputs.argmax(1) == done.dataset.targets).float().mean()
    assert float(done.accuracies[-1]) == pytest.approx(float(right))


def test_a_stopped_training_keeps_what_it_has():
    done = neural.fit(SMALL, lambda progress: progress.step >= 10)
    assert done.recorded.tolist() == [0, 5, 10] and not done.finished
    assert done.outcome == "stopped at step 10 of 30"
    assert torch.equal(done.path, neural.fit(SMALL).path[:3])


@pytest.mark.parametrize("network", [neural.MLP(2, 8), neural.ResidualCNN(1, 2)])
def test_a_diverging_training_says_so_and_keeps_what_is_finite(network):
    name = "moons" if isinstance(network, neural.MLP) else "digits"
    spec = neural.Training(neural.Data(name, samples=64), network, lr=1e30, steps=40, record=1)
    done = neural.fit(spec)
    assert not done.finished and "try a smaller lr" in done.outcome
    assert done.path.isfinite().all() and done.losses.isfinite().all()
    assert all(t.isfinite().all() for t in done.model.state_dict().values())


def test_training_learns():
    for spec, least in (
        (neural.Training(neural.Data("moons"), neural.MLP(), steps=300, record=100), 0.9),
        (neural.Training(neural.Data("digits", samples=600), neural.MLP(1), steps=200, record=100), 0.85),
        (neural.Training(neural.Data("digits", samples=400), neural.CNN(4), steps=150, record=50), 0.8),
    ):
        assert neural.fit(spec).held_accuracies[-1] > least


def test_data_of_one_class_are_refused():
    data = neural.Data(samples=80).load()
    one = neural.Dataset(
        data.inputs, torch.zeros_like(data.targets), data.clean, data.held_inputs, data.held_targets, 2
    )
    with pytest.raises(ValueError, match="at least 2 classes, all labels are the same"):
        next(neural.steps(SMALL, one))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: neural.Data("sun"), "data must be one of moons, circles"),
        (lambda: neural.Data(samples=3), "samples must be an integer from 8 to 20000, got 3"),
        (lambda: neural.Data(noise=-1), "noise must be from 0 to 2, got -1"),
        (lambda: neural.Data(seed=-1), "seed must be an integer"),
        (lambda: neural.Data(corrupted=1.5), "corrupted must be a share from 0 to 1, got 1.5"),
        (lambda: neural.MLP(depth=-1), "depth must be an integer from 0 to 16, got -1"),
        (lambda: neural.MLP(width=True), "width must be an integer from 1 to 1024, got True"),
        (lambda: neural.MLP(activation="cos"), "activation must be one of relu, tanh, gelu, silu, got 'cos'"),
        (lambda: neural.CNN(0), "channels must be an integer from 1 to 256, got 0"),
        (lambda: neural.ResidualCNN(99), "blocks must be an integer from 1 to 16, got 99"),
        (lambda: neural.Training(lr=0), "lr must be > 0 and finite, got 0"),
        (lambda: neural.Training(momentum=1), "momentum must be from 0 to less than 1, got 1"),
        (lambda: neural.Training(steps=0), "steps must be an integer from 1 to 100000, got 0"),
        (lambda: neural.Training(optimiser="lbfgs"), "optimiser must be one of sgd, adam, got 'lbfgs'"),
        (lambda: neural.fit(neural.Training(network=neural.CNN())), "a CNN takes images"),
        (
            lambda: neural.fit(neural.Training(network=neural.MLP(4, 512), steps=10_000, record=1)),
            "record less often",
        ),
        (lambda: neural.corrupt_labels(torch.zeros(3), 2, 2, torch.Generator()), "from 0 to 1, got 2"),
    ],
)
def test_bad_settings_are_one_clear_sentence(make, message):
    with pytest.raises(ValueError, match=message):
        make()
