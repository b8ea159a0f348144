"""Figures of the page 'Train': their arrays are the runs they are drawn from."""

from __future__ import annotations

import colorsys

import numpy as np
import plotly.graph_objects as go
import pytest

from figures import basins, comparison, maps
from figures.basins import Ends
from figures.comparison import Comparison, Curve
from figures.maps import Counts, RateMap

NAN = np.nan
FOUND = RateMap(
    radii=np.array([0.1, 0.3, 0.9]),
    rates=np.array([0.01, 0.1]),
    losses=np.array([[1.0, NAN], [5.0, 9.0], [NAN, NAN]]),
    diverged=np.array([[False, True], [False, False], [False, False]]),
    done=np.array([True, True, False]),
    points=np.array([2.0, NAN]),
    points_diverged=np.array([False, True]),
    start=5.0,
)
SIDE = np.array([-1.0, 0.0, 1.0])
ENDS = Ends(
    "Ball",
    SIDE,
    SIDE,
    ends=np.array([[[0.0, 0.0]] * 3, [[0.0, 0.02]] * 3, [[1.0, 1.0], [1.0, 1.0], [9.0, 9.0]]]),
    basin=np.array([[0, 0, 0], [0, 0, 0], [1, 1, -1]]),
    losses=np.zeros((3, 3)),
    moving=np.zeros((3, 3), dtype=bool),
    domain=((-1.5, 1.5), (-1.5, 1.5)),
)


def traces(plot: go.Figure, name: str, kind: type) -> list:
    return [trace for trace in plot.data if trace.name == name and isinstance(trace, kind)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_map_draws_every_loss_in_its_cell(theme: str):
    plot = maps.rates_figure(FOUND, 1, 0, theme)
    (ball,) = traces(plot, "Rolling ball", go.Heatmap)
    np.testing.assert_allclose(ball.customdata, FOUND.losses)
    np.testing.assert_allclose(ball.z, [[0, NAN], [1, 1], [NAN, NAN]])  # worse than the start: as the start
    for values, edges in ((FOUND.rates, ball.x), (FOUND.radii, ball.y)):
        assert len(edges) == len(values) + 1
        assert ((edges[:-1] < values) & (values < edges[1:])).all()
    (point,) = traces(plot, "Gradient descent", go.Heatmap)
    assert point.y[-1] < ball.y[0]
    np.testing.assert_allclose(point.customdata, [[2.0, NAN]])


def test_what_diverged_has_a_colour_and_a_cross_of_its_own():
    plot = maps.rates_figure(FOUND, 0, 0)
    ball, point = traces(plot, "diverged", go.Heatmap)
    np.testing.assert_array_equal(np.isfinite(ball.z), FOUND.diverged)
    np.testing.assert_array_equal(np.isfinite(point.z), FOUND.points_diverged[None])
    crosses, key = traces(plot, "diverged", go.Scatter)
    assert [crosses.x[0], crosses.y[0]] == [0.1, 0.1] and len(crosses.x) == 2
    assert key.showlegend is not False and key.marker.color == maps.LOST.light


def test_the_points_for_clicks_are_the_cells_radii_after_rates():
    cells = maps.rates_figure(FOUND, 2, 1).data[-1]
    assert [divmod(k, 2) for k in range(6)] == [(i, j) for i in range(3) for j in range(2)]
    for k, (rate, radius) in enumerate(zip(cells.x, cells.y, strict=True)):
        i, j = divmod(k, 2)
        assert (rate, radius) == (FOUND.rates[j], FOUND.radii[i])
    assert list(cells.text) == ["loss 1", "diverged", "loss 5", "loss 9", *["not computed yet"] * 2]


def test_the_map_in_words():
    words = maps.describe_rates(FOUND)
    assert "1 of 4 runs diverged" in words and "The lowest loss, 1, is at radius 0.1 and rate 0.01" in words


def test_a_map_of_the_wrong_shape_is_named():
    with pytest.raises(ValueError, match=r"points must have shape \(2,\)"):
        RateMap(**{**vars(FOUND), "points": np.zeros(3)})


def test_ends_are_counted_and_placed():
    assert ENDS.count == 2 and ENDS.shares().tolist() == [6, 2]
    np.testing.assert_allclose(ENDS.places(), [[0, 0.01], [1, 1]])
    low, high = basins.frame_of(ENDS)
    assert low.tolist() == [0, 0] and high.tolist() == [1, 1]  # what diverged does not stretch the colours
    words = basins.describe(ENDS)
    assert "2 distinct ends; most starts, 6, end at (0, 0.01); 1 diverged" in words


def test_a_start_has_the_colour_of_its_end():
    frame = basins.frame_of(ENDS)
    plot = basins.figure(ENDS, frame)
    (image,) = traces(plot, "starts", go.Image)
    pixels = np.array(image.z)
    assert pixels[0, 0].tolist() == pixels[0, 2].tolist() == basins.colors(ENDS.ends[0, 0], frame).tolist()
    assert pixels[2, 0].tolist() == basins.CORNERS[1, 1].tolist()
    assert "#" + bytes(pixels[2, 2].tolist()).hex().upper() == maps.LOST.light
    (dots,) = traces(plot, "ends", go.Scatter)
    assert dots.marker.size[0] > dots.marker.size[1] and len(dots.x) == 2
    (crosses,) = traces(plot, "diverged", go.Scatter)
    assert (crosses.x[0], crosses.y[0]) == (1, 1) and len(crosses.x) == 1


def test_colours_of_places_are_lighter_upwards_and_yellower_to_the_right():
    frame = (np.zeros(2), np.ones(2))
    for x in (0.0, 0.5, 1.0):
        low, high = basins.colors(np.array([[x, 0.0], [x, 1.0]]), frame) / 255
        assert colorsys.rgb_to_hls(*high)[1] > colorsys.rgb_to_hls(*low)[1] + 0.2
    for y in (0.0, 0.5, 1.0):
        left, right = basins.colors(np.array([[0.0, y], [1.0, y]]), frame).astype(int)
        assert left[2] - left[0] > 50 and right[0] - right[2] > 50


def test_no_ends_at_all_are_drawn_as_crosses():
    lost = Ends(**{**vars(ENDS), "basin": np.full((3, 3), -1)})
    plot = basins.figure(lost, basins.frame_of(lost))
    assert lost.count == 0 and not traces(plot, "ends", go.Scatter)
    assert len(traces(plot, "diverged", go.Scatter)[0].x) == 9


def test_counts_are_drawn_against_the_radius():
    found = Counts(
        np.array([0.1, 1.0]), np.array([90, 4]), np.array([3, 0]), np.array([0, 1]), (88, 0, 2), 225
    )
    plot = maps.counts_figure(found, (0.1, 1.0), 0.5)
    (ball,) = traces(plot, "Rolling ball", go.Scatter)
    assert list(ball.x) == [0.1, 1.0] and list(ball.y) == [90, 4]
    (point,) = traces(plot, "Gradient descent", go.Scatter)
    assert list(point.y) == [88, 88]
    assert "gradient descent 88, the ball 90 at ρ = 0.1, 4 at ρ = 1" in maps.describe_counts(found)


def test_the_comparison_has_a_point_and_its_deviation_for_each_way():
    means, deviations = np.array([[90.0, 95.0], [91.0, 92.0]]), np.array([[1.0, 0.5], [0.0, 2.0]])
    shown = Comparison(("SGD", "RBO"), ("by epochs", "at equal gradients"), means, deviations)
    plot = comparison.figure(shown)
    for k, way in enumerate(shown.ways):
        (trace,) = traces(plot, way, go.Scatter)
        np.testing.assert_allclose(trace.x, means[:, k])
        np.testing.assert_allclose(trace.error_x.array, deviations[:, k])
    assert len({trace.marker.symbol for trace in plot.data}) == 2
    assert "RBO 91.0 ± 0.0 by epochs, 92.0 ± 2.0 at equal gradients" in comparison.describe(shown)
    alone = Comparison(shown.methods, shown.ways, means, np.full((2, 2), np.nan))
    assert "RBO 91.0 by epochs, 92.0 at equal gradients" in comparison.describe(alone)


def test_a_curve_has_its_mean_and_a_band_of_one_deviation():
    curve = Curve("SAM", np.array([1.0, 2.0]), np.array([80.0, 90.0]), np.array([2.0, 1.0]))
    band, line = comparison.curves((curve,), "epochs", "dark").data
    assert list(line.y) == [80, 90] and line.line.dash == comparison.MARKS["SAM"].dash
    assert list(band.y) == [82, 91, 89, 78] and list(band.x) == [1, 2, 2, 1]
