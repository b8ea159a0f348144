"""Colours that stay apart for any colour vision, and are seen on their ground.

Colour vision without one kind of cones is simulated as in G. M. Machado, M. M. Oliveira, L. A. F. Fernandes,
A physiologically-based model for simulation of color vision deficiency, 2009 (severity 1, on linear RGB);
differences are CIEDE2000, as scikit-image has them.
"""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from figures import comparison
from figures.theme import BALL, CENTER, IRONED, PALETTES, POINT_METHODS, RAW, SECOND_START, Mark
from rbo.experiments.chart import LOOKS

VISIONS = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
APART = 11.0  # CIEDE2000; about 2 is just seen side by side
LIKE = 8.0  # of what its dash and its open symbol tell apart as well
SEEN = 3.0  # contrast of what is drawn with its ground: WCAG 2.1, 1.4.11
PLAYGROUND = {"Ball": BALL, **POINT_METHODS}
IRONING = {"Ball": BALL, "Raw": RAW, "Ironed": IRONED}
COMPARISON = {name: mark for name, mark in comparison.MARKS.items() if not name.startswith("RBO,")}
FIGURES = {"playground": PLAYGROUND, "ironing": IRONING, "comparison": COMPARISON}
FRONTEND = Path(__file__).parents[1] / "figures" / "player" / "frontend" / "theme.js"


def linear(color: str) -> np.ndarray:
    value = np.array([int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def seen(color: str, vision: str) -> np.ndarray:
    """The CIELAB colour that somebody with this vision sees."""
    light = np.clip(np.array(VISIONS[vision]) @ linear(color), 0, 1)
    coded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return rgb2lab(coded)


def difference(one: str, other: str) -> float:
    """The least that anybody sees between two colours."""
    return min(float(deltaE_ciede2000(seen(one, vision), seen(other, vision))) for vision in VISIONS)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(color) @ (0.2126, 0.7152, 0.0722)) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_the_oracle_itself():
    """Red and green of equal lightness are one colour without green cones, blue and yellow are not; white is
    white to all, and contrast is that of WCAG."""
    assert difference("#B06000", "#6E7D00") < 9 < 30 < difference("#0B6BCB", "#E8B400")
    assert all(np.allclose(seen("#FFFFFF", vision), (100, 0, 0), atol=0.1) for vision in VISIONS)
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21) and contrast("#777777", "#FFFFFF") < 4.5


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("figure", FIGURES)
def test_what_is_drawn_together_stays_apart(figure: str, theme: str):
    pairs = combinations(FIGURES[figure].items(), 2)
    near = {
        (a, b): round(d, 1)
        for (a, m), (b, n) in pairs
        if (d := difference(m.color(theme), n.color(theme))) < APART
    }
    assert not near


@pytest.mark.parametrize("theme", PALETTES)
def test_the_second_start_is_taken_for_no_other_method(theme: str):
    near = {
        (a, b): round(d, 1)
        for a, second in SECOND_START.items()
        for b, mark in PLAYGROUND.items()
        if (d := difference(second.color(theme), mark.color(theme))) < LIKE
    }
    assert not near


@pytest.mark.parametrize("theme", PALETTES)
def test_what_is_drawn_is_seen_on_its_ground(theme: str):
    ground = PALETTES[theme].ground
    marks: dict[str, Mark] = {**PLAYGROUND, **IRONING, **COMPARISON, **SECOND_START}
    faint = {name: contrast(mark.color(theme), ground) for name, mark in marks.items()}
    assert {name for name, value in faint.items() if value < SEEN} == set()
    assert contrast(CENTER.color(theme), ground) > 2  # dashed, beside the ball's own colour


def test_nothing_is_told_by_colour_alone():
    """A dash or a symbol differs as well."""
    for marks in (PLAYGROUND, comparison.MARKS, {**PLAYGROUND, **SECOND_START}):
        assert len({(mark.dash, mark.symbol) for mark in marks.values()}) == len(marks)


def test_the_player_and_the_chart_of_the_table_use_the_same_colours():
    text = FRONTEND.read_text(encoding="utf-8")
    for theme in PALETTES:
        ink = text.partition(f"{theme}: {{")[2].partition("}")[0]
        for name, mark in {"ball": BALL, "center": CENTER, "ironed": IRONED}.items():
            assert re.search(rf'\b{name}: "(#\w+)"', ink)[1] == mark.color(theme), (theme, name)
    shown = {"sgd": "SGD", "momentum": "SGD with momentum", "adamw": "AdamW", "entropy": "Entropy-SGD"}
    for key, name in (shown | {"sam": "SAM", "rbo": "RBO"}).items():
        assert LOOKS[key][0] == comparison.MARKS[name].light
