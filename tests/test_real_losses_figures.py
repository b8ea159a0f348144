"""The figures of the page of real losses: their arrays, their frames, their words."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import plotly.graph_objects as go
import pytest

from figures import PointPath, decision, disagreement, sketch, training
from figures.decision import Boundary, Confusion
from figures.disagreement import Path
from figures.theme import marked
from figures.training import Learning

THEMES = ("light", "dark")
STEPS = np.array([0, 5, 9])
COMMON = {
    "steps": STEPS,
    "losses": np.array([0.7, 0.5, 0.4]),
    "accuracies": np.array([0.5, 0.7, 0.8]),
    "held": np.array([0.4, 0.6, 0.9]),
}


def boundary(**changed: object) -> Boundary:
    rng = np.random.default_rng(0)
    fields = {
        "x": np.linspace(-1, 1, 4),
        "y": np.linspace(0, 1, 3),
        "probabilities": rng.random((3, 3, 4)),
        "points": rng.random((8, 2)),
        "labels": np.arange(8) % 2,
        "wrong": np.arange(8) < 3,
    }
    return Boundary(**(COMMON | fields | changed))


def confusion() -> Confusion:
    counts = np.stack([np.eye(3) * 4, np.eye(3) * 4, np.array([[4, 0, 0], [3, 1, 0], [0, 0, 4]])])
    return Confusion(counts=counts, **COMMON)


def path(**changed: object) -> Path:
    fields = {
        "name": "Training",
        "steps": np.arange(4),
        "losses": np.array([3.0, 2.0, 1.0, 0.5]),
        "plane": np.array([3.0, 1.5, 2.5, 0.75]),
        "inside": np.array([1.0, 0.5, 0.25, 0.5]),
        "whole": 0.42,
    }
    return Path(**(fields | changed))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("shown", [boundary(), confusion()], ids=["boundary", "confusion"])
def test_every_frame_is_in_the_figure_and_the_slider_has_a_stop_for_it(
    shown: Boundary | Confusion, theme: str
):
    plot = decision.figure(shown, theme)
    (slider,) = plot.layout.sliders
    assert [stop.args[0][0] for stop in slider.steps] == [frame.name for frame in plot.frames]
    assert slider.active == len(STEPS) - 1 and len(plot.frames) == len(STEPS)
    values = shown.probabilities if isinstance(shown, Boundary) else shown.counts
    for frame, expected in zip(plot.frames, values, strict=True):
        for trace, number in zip(frame.data, frame.traces, strict=True):
            np.testing.assert_allclose(trace.z, expected, rtol=1e-6)
            assert plot.data[number].type == trace.type
    np.testing.assert_allclose(plot.data[0].z, values[-1], rtol=1e-6)
    assert "step 9 the loss is 0.4" in decision.describe(shown)
    assert [row["step"] for row in decision.numbers(shown)] == ["0", "5", "9"]
    assert decision.numbers(shown)[1]["held out"] == "60.0 %"


def test_points_are_told_apart_by_symbol_and_wrong_labels_are_open():
    marks = {
        trace.name: (trace.marker.symbol, len(trace.x))
        for trace in decision.figure(boundary()).data
        if isinstance(trace, go.Scatter)
    }
    assert marks == {
        "class A": ("circle", 2),
        "A, truly B": ("circle-open", 2),
        "class B": ("square", 3),
        "B, truly A": ("square-open", 1),
    }


def test_the_commonest_confusion_is_said():
    assert "most often 1 is taken for 0, 3 times" in decision.describe(confusion())


def test_wrong_shapes_are_named():
    with pytest.raises(ValueError, match="probabilities must have shape"):
        boundary(probabilities=np.zeros((3, 4, 3)))
    with pytest.raises(ValueError, match="held must have shape"):
        Learning(np.arange(3), np.arange(3), np.arange(3), np.arange(2), 5)
    with pytest.raises(ValueError, match="plane must have shape"):
        path(plane=np.zeros(3))


@pytest.mark.parametrize("theme", THEMES)
def test_a_path_has_its_true_loss_and_the_plane_under_it(theme: str):
    one = path()
    plot = disagreement.figure((one, path(name="Ball in all weights")), theme)
    lines = {trace.name: np.asarray(trace.y) for trace in plot.data[:3]}
    np.testing.assert_allclose(lines["Training: true loss"], one.losses)
    np.testing.assert_allclose(lines["Training: plane under it"], one.plane)
    np.testing.assert_allclose(lines["Training"], 100 * one.inside)
    assert plot.data[1].fill == "tonexty"
    colors = [plot.data[k].line.color for k in (0, 3)]
    assert colors[0] != colors[1] and {plot.data[0].line.dash, plot.data[1].line.dash} == {"dot", None}


@pytest.mark.parametrize("theme", THEMES)
def test_paths_have_the_colours_that_the_player_gives_them(theme: str):
    names = ("Training", "Ball in all weights", "Gradient descent in all weights", "Adam in all weights")
    one = np.zeros(1)
    walked = [
        PointPath(name, np.zeros((1, 3)), one, one, 0, "")
        for name in ("Gradient descent", *(f"{name}, projected" for name in names))
    ]
    plot = disagreement.figure(tuple(path(name=name) for name in names), theme)
    drawn = [trace.line.color for trace in plot.data if trace.name in names]
    assert drawn == [mark.color(theme) for _, mark in marked(walked)[1:]] and len(set(drawn)) == len(names)


def test_the_largest_gap_is_said():
    said = disagreement.describe((path(),))
    assert path().furthest == 2
    assert "at step 2 the true loss is 1 where the plane shows 2.5" in said and "holds 42 % of" in said


def test_a_loss_that_is_not_finite_is_no_largest_gap():
    assert path(losses=np.array([3.0, 2.0, np.nan, np.inf])).furthest == 1


@pytest.mark.parametrize("theme", THEMES)
def test_the_sketch_has_the_curves_and_says_them(theme: str):
    records = Learning(STEPS, COMMON["losses"], COMMON["accuracies"], COMMON["held"], 10)
    assert f'alt="{training.describe(records)}"' in sketch.html(records, theme)
    trees = [ElementTree.fromstring(panel) for panel in sketch.panels(records, theme)]
    lines = [
        np.array([pair.split(",") for pair in line.attrib["points"].split()], dtype=float)
        for tree in trees
        for line in tree.iter("{http://www.w3.org/2000/svg}polyline")
    ]
    for line, values in zip(lines, (records.losses / 0.7, records.accuracies, records.held), strict=True):
        height = (sketch.BOTTOM - line[:, 1]) / (sketch.BOTTOM - sketch.TOP)
        np.testing.assert_allclose(height, values, atol=1e-3)


def test_training_is_drawn_as_it_came():
    records = Learning(STEPS, COMMON["losses"], COMMON["accuracies"], COMMON["held"], 20, clean=0.8)
    (loss,) = training.losses(records).data
    np.testing.assert_allclose(loss.y, records.losses)
    given, held, right = training.accuracies(records, "dark").data
    np.testing.assert_allclose(given.y, 100 * records.accuracies)
    np.testing.assert_allclose(held.y, 100 * records.held)
    np.testing.assert_allclose(right.y, [80, 80])
    assert training.losses(records).layout.xaxis.range == (0, 20)
    assert "In 9 of 20 steps" in training.describe(records)
