"""Weights from a file: what fits is used as it is, what does not costs one sentence and nothing else."""

from __future__ import annotations

import io
import pickle
import zipfile
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from interface.neural import slicing, uploads
from interface.neural.picture import compose
from interface.neural.study import Study, changed, read, write
from landscapes.neural import CNN, MLP, ResidualCNN, build, flat
from landscapes.neural.uploaded import LARGEST, fitting, read_state
from tests.test_real_losses_page import SMALL, few, healthy, opened, session, words  # noqa: F401

FILE = "weights file"


def model_of(architecture=None, sample=(2,), classes=2, seed=5) -> torch.nn.Sequential:
    generator = torch.Generator().manual_seed(seed)
    return build(architecture or MLP(SMALL.depth, SMALL.width, "tanh"), sample, classes, generator)


def saved(content: object, **options: object) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, **options)
    return file.getvalue()


class Attack:
    """An object that runs a command when it is unpickled."""

    ran = False

    def __reduce__(self):
        return exec, ("import tests.test_uploaded_weights as t; t.Attack.ran = True",)


def with_entry(entry: str, text: bytes) -> bytes:
    """A compressed archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"")
        archive.writestr(entry, text)
    return file.getvalue()


def forged(pickled: bytes, numbers: bytes = b"", other: str = "archive/version") -> bytes:
    """An archive with this pickle, one storage and another entry."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickled)
        archive.writestr("archive/data/0", numbers)
        archive.writestr(other, b"3")
    return file.getvalue()


def saved_pickle() -> bytes:
    """The pickle of a state dict of three numbers."""
    with zipfile.ZipFile(io.BytesIO(saved({"a": torch.zeros(3)}))) as archive:
        return archive.read("archive/data.pkl")


# bytearray(bytearray(600 MiB)), which torch would do
EMPTIED = b"\x80\x02" + 2 * b"c__builtin__\nbytearray\n" + b"\x8a\x04" + (600 << 20).to_bytes(4, "little")
EMPTIED += b"\x85R\x85R."
ENLARGED = saved_pickle().replace(b"K\x03\x85", b"J\xff\xff\xff\x1f\x85")  # 2 GiB in place of three numbers


def edited(**changes: torch.Tensor | None) -> dict[str, torch.Tensor]:
    """The state dict of the small network with tensors replaced, added, or left out where it is None."""
    state = dict(model_of().state_dict()) | {k.replace("_", ".", 1): v for k, v in changes.items()}
    return {name: tensor for name, tensor in state.items() if tensor is not None}


@pytest.mark.parametrize(
    ("architecture", "sample"),
    [(MLP(2, 6), (2,)), (MLP(1, 5), (1, 8, 8)), (CNN(2), (1, 8, 8)), (ResidualCNN(1, 3), (1, 8, 8))],
    ids=["mlp", "mlp on images", "cnn", "residual"],
)
def test_what_was_saved_comes_back(architecture, sample):
    model = model_of(architecture, sample)
    found = fitting(read_state(saved(model.state_dict())), model_of(architecture, sample, seed=6))
    assert found.keys() == model.state_dict().keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in model.state_dict().items())


def test_another_precision_is_converted():
    wide = {name: tensor.double() for name, tensor in model_of().state_dict().items()}
    found = fitting(read_state(saved(wide)), model_of())
    assert all(torch.equal(found[k], v.float()) and found[k].dtype == torch.float32 for k, v in wide.items())


BAD_FILES = {
    "empty": (b"", "not one that torch.save writes"),
    "text": (b"weights, honestly" * 50, "not one that torch.save writes"),
    "a bare pickle": (pickle.dumps(Attack()), "not one that torch.save writes"),
    "another archive": (with_entry("x", b"y").replace(b"data.pkl", b"data.txt"), "not one that torch.save"),
    "cut short": (saved(edited())[:-200], "not one that torch.save writes"),
    "no pickle inside": (with_entry("archive/x", b"y"), "is damaged|holds objects or code"),
    "code": (saved(Attack()), "holds objects or code, which are not loaded: save model.state_dict"),
    "code among weights": (saved(edited() | {"x": Attack()}), "holds objects or code"),
    "a whole model": (saved(model_of()), "holds objects or code"),
    "a list": (saved([1, 2]), "must hold a state dict, got a list"),
    "numbers": (saved({"0.weight": 3}), "'0.weight' is not one"),
    "a checkpoint": (saved({"model": edited()}), "'model' is not one"),
    "sparse": (saved({"0.weight": torch.eye(3).to_sparse()}), "'0.weight' is not one"),
    "a call that takes memory": (forged(EMPTIED), "holds objects or code"),
    "a storage longer than its entry": (forged(saved_pickle(), b"12345678"), "holds objects or code"),
    "a tensor beyond its storage": (forged(ENLARGED, bytes(12)), "holds objects or code"),
    "two pickles": (forged(saved_pickle(), bytes(12), "archive/DATA.PKL"), "not one that torch.save writes"),
    "too large": (bytes(LARGEST + 1), "has 4.0 MiB, at most 4 are allowed"),
    "a bomb": (with_entry("archive/data/0", bytes(200 << 20)), "unpacks to 2 parts of 200.0 MiB"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_not_what_it_says_is_one_sentence(name: str):
    content, message = BAD_FILES[name]
    with pytest.raises(ValueError, match=message) as caught:
        read_state(content)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 150
    assert caught.value.__cause__ is None and not Attack.ran


HUGE = torch.full((5,), 1e300, dtype=torch.float64)
BAD_STATES = {
    "missing": ({"0_bias": None}, "lacks '0.bias', which this network has"),
    "unknown": ({"9_bias": torch.ones(2)}, "has '9.bias', which this network does not have"),
    "wrong shape": ({"0_weight": torch.ones(7, 2)}, r"0.weight must have shape \(5, 2\) in this network"),
    "shape that takes no memory": (
        {"0_bias": torch.ones(1).expand(1 << 40)},
        r"0.bias must have shape \(5,\)",
    ),
    "nan": ({"0_bias": torch.full((5,), torch.nan)}, "0.bias must be finite"),
    "infinite in float32": ({"0_bias": HUGE}, "0.bias must be finite"),
    "whole numbers": ({"0_bias": torch.ones(5, dtype=torch.int64)}, "0.bias must be of dtype torch.float32"),
    "complex": ({"0_bias": torch.ones(5, dtype=torch.complex64)}, "0.bias must be of dtype torch.float32"),
}


@pytest.mark.parametrize("name", BAD_STATES)
def test_weights_of_another_network_are_one_sentence(name: str):
    changes, message = BAD_STATES[name]
    with pytest.raises(ValueError, match=message):
        fitting(edited(**changes), model_of())


def test_a_negative_variance_is_refused():
    model = model_of(ResidualCNN(1, 2), (1, 8, 8))
    state = dict(model.state_dict())
    name = next(name for name in state if name.endswith("running_var"))
    with pytest.raises(ValueError, match="is a variance and must be >= 0, got -1"):
        fitting(state | {name: -torch.ones(2)}, model)


def test_the_slice_is_that_around_the_weights_of_the_file():
    model = model_of()
    digest = uploads.keep(saved(model.state_dict()), SMALL)
    study = changed(SMALL, weights=digest)
    picture = compose(study, whole=False)
    exact, data = picture.run.cut().exact, picture.run.cut().trained.dataset
    assert torch.equal(flat(exact.plane.origin), flat(dict(model.named_parameters())).detach())
    loss = F.cross_entropy(model(data.inputs), data.targets).detach()
    assert float(exact(torch.zeros(2))) == pytest.approx(float(loss), rel=1e-5)
    assert "weights from a file" in picture.text and len(picture.film.points) == 1
    assert read(write(study)) == (study, ())


def test_running_statistics_of_the_file_count():
    study = replace(SMALL, data="digits", model="residual", channels=2)
    model = model_of(ResidualCNN(1, 2), (1, 8, 8), 10).eval()
    for norm in (m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)):
        norm.running_mean += 0.1
        norm.running_var *= 2
    cut = slicing.cut(slicing.slicing(changed(study, weights=uploads.keep(saved(model.state_dict()), study))))
    data = cut.trained.dataset
    loss = F.cross_entropy(model(data.inputs), data.targets).detach()
    assert float(cut.exact(torch.zeros(2))) == pytest.approx(float(loss), rel=1e-5)


def test_what_a_study_of_a_file_may_be():
    there = changed(SMALL, weights="0" * 16)
    assert there.plane == "random" and changed(there, plane="hessian").weights
    assert changed(there, corrupted=0.4).weights and not changed(there, width=6).weights
    with pytest.raises(ValueError, match="no training path to span a plane"):
        changed(there, plane="path")
    with pytest.raises(ValueError, match="16 hexadecimal digits"):
        Study(weights="../../x", plane="random")
    study, notes = read({"weights": "nothing"})
    assert study == Study() and len(notes) == 1


def test_few_files_are_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(uploads, "KEPT", 2)
    digests = [uploads.keep(saved(model_of(seed=seed).state_dict()), SMALL) for seed in range(3)]
    with pytest.raises(ValueError, match="no longer kept: send the file again"):
        uploads.kept(digests[0])
    assert all(uploads.kept(digest) for digest in digests[1:])


def test_a_file_is_sent_on_the_page_and_training_comes_back():
    at = opened()
    at.file_uploader(key=FILE).upload("w.pt", saved(model_of().state_dict())).run()
    healthy(at)
    assert not at.error and not at.warning
    assert session(at).experiment.weights and session(at).good.experiment == session(at).experiment
    assert "weights from a file" in words(at) and "How it was trained" not in words(at)
    next(button for button in at.button if button.label == "Train instead").click().run()
    healthy(at)
    assert session(at).good.experiment == replace(SMALL, plane="random")


@pytest.mark.parametrize("name", ["text", "code", "a list"])
def test_a_bad_file_on_the_page_costs_a_sentence_and_nothing_is_lost(name: str):
    at = opened()
    good = session(at).good
    at.file_uploader(key=FILE).upload("w.pt", BAD_FILES[name][0]).run()
    healthy(at)
    assert len(at.warning) == 1 and "Nothing was changed: the file" in at.warning[0].value
    assert session(at).experiment == SMALL and session(at).good.text == good.text
    assert not Attack.ran


def test_weights_that_span_no_plane_and_links_to_lost_files_cost_a_sentence():
    at = opened()
    zero = {name: torch.zeros_like(tensor) for name, tensor in model_of().state_dict().items()}
    at.file_uploader(key=FILE).upload("w.pt", saved(zero)).run()
    healthy(at)
    assert len(at.error) == 1 and "the first direction must not be zero" in at.error[0].value
    assert "last good picture is kept" in at.error[0].value and session(at).good.experiment == SMALL
    at = opened(weights="0123456789abcdef")
    healthy(at)
    assert len(at.error) == 1 and "no longer kept: send the file again" in at.error[0].value
