"""What is taken home says what the page says: snippets run, table and file have the film's numbers."""

from __future__ import annotations

import base64
import csv
import re

import numpy as np
import pytest

from figures.player import encode, size, standalone
from figures.player.component import ONLY
from figures.player.standalone import modules
from interface import compute, own, snippet
from interface.experiment import Experiment, usual
from interface.ironing import picture, view
from interface.ironing.stories import STORIES as IRONING
from interface.stories import STORIES
from interface.take_home import COLUMNS, paths

WRITTEN = {"formula": "0.3*(x^2 + y^2) + 0.1*cos(6*x)", "x_from": -2.0, "y_to": 2.5}
OTHERS = {
    "own function": usual(own.NAME, WRITTEN),
    "methods": usual("rosenbrock", methods=("momentum", "nesterov", "adam"), steps=40),
    "nearest point": usual("himmelblau", contact="footpoint", steps=20, scale=0.5),
}
PICTURES = {name: story.experiment for name, story in STORIES.items()} | OTHERS


def ran(code: str, capsys: pytest.CaptureFixture) -> tuple[dict, str]:
    """What a snippet leaves behind, and what it prints."""
    names: dict = {}
    exec(compile(code, "snippet", "exec"), names)
    return names, capsys.readouterr().out


@pytest.mark.parametrize("name", PICTURES)
def test_a_snippet_reproduces_the_picture_of_the_playground(name: str, capsys: pytest.CaptureFixture):
    experiment = PICTURES[name]
    film, _ = compute.film(experiment, whole=False)
    names, said = ran(snippet.playground(experiment), capsys)
    ball, points = names["ball"], names["points"]
    assert film.radii.tolist() == [experiment.radius] == [names["radius"]]
    np.testing.assert_allclose(ball.losses.numpy(), film.losses[0], atol=1e-9, equal_nan=True)
    np.testing.assert_allclose(ball.contacts.numpy(), film.contacts[0, :, :2], atol=1e-7)
    np.testing.assert_allclose(ball.centers.numpy(), film.centers[0], atol=1e-7)
    shown = {point.name: point for point in film.points if point.name != compute.SECOND_BALL}
    assert set(points) == set(shown)
    for title, path in points.items():
        np.testing.assert_allclose(path.losses.numpy(), shown[title].losses, atol=1e-9)
    assert len(names["fig"].data) == 1 + 2 * len(names["balls"]) + len(points)
    assert f"Ball: loss {film.losses[0, 0]:.4g} to {film.losses[0, -1]:.4g}" in said
    assert names["heights"].shape == (201, 201)


CURVES = {name: story.experiment for name, story in IRONING.items()} | {
    "section": view.usual("himmelblau", radius=0.4),
    "own function of x": view.usual(own.NAME, {"formula": "0.2*x^2 + 0.1*sin(9*x)"}, radius=0.4),
    "surface": view.usual("wedge", dim=2, radius=0.3),
}


@pytest.mark.parametrize("name", CURVES)
def test_a_snippet_reproduces_the_picture_of_the_ironing_page(name: str, capsys: pytest.CaptureFixture):
    asked = CURVES[name]
    record = picture.compose(asked, whole=False).record
    sides = (len(record.x),) if asked.dim == 1 else (len(record.x), len(record.y))
    names, said = ran(snippet.ironing(asked, sides), capsys)
    np.testing.assert_allclose(names["center"], record.centers[0], atol=1e-12)
    np.testing.assert_allclose(names["ironed"], record.ironed[0], atol=1e-12)
    np.testing.assert_array_equal(names["reached"], record.reachable[0])
    np.testing.assert_allclose(names["x"], record.x, atol=1e-12)
    assert said == f"out of reach: {1 - record.reachable[0].mean():.1%}\n"


def test_a_formula_is_a_text_in_the_snippet_whatever_it_says():
    formula = "x  +\t\n y"
    code = snippet.playground(usual(own.NAME, {"formula": formula}))
    assert f"landscapes.parse_formula({formula!r}, " in code
    assert code.splitlines()[0].startswith("# x + y. In a notebook")
    compile(code, "snippet", "exec")


def small(**settings: object) -> tuple[Experiment, object]:
    experiment = usual("himmelblau", steps=15, methods=("adam",), **settings)
    return experiment, compute.film(experiment, whole=True)[0]


def test_the_table_of_paths_has_every_step_of_every_run():
    experiment, film = small()
    rows = list(csv.DictReader(paths(film)))
    assert tuple(rows[0]) == COLUMNS and len(rows) == (len(film.radii) + len(film.points)) * 16
    mine = [row for row in rows if row["radius"] == repr(experiment.radius)]
    k = int(np.flatnonzero(film.radii == experiment.radius)[0])
    np.testing.assert_allclose([float(row["loss"]) for row in mine], film.losses[k], rtol=1e-9)
    np.testing.assert_allclose(
        [float(row["center_height"]) for row in mine], film.centers[k, :, 2], rtol=1e-9
    )
    assert [int(row["step"]) for row in mine] == list(range(16))
    adam = [row for row in rows if row["run"] == "Adam"]
    np.testing.assert_allclose([float(row["x"]) for row in adam], film.points[1].contacts[:, 0], rtol=1e-9)
    assert all(row["center_x"] == "" for row in adam)


def test_the_file_holds_the_film_and_fetches_nothing():
    experiment, film = small()
    page = standalone(film, radius=experiment.radius, title="<b>x</b>", text="a & b </script>")
    held = re.search(r'<script type="text/plain" id="film">([^<]+)</script>', page)[1]
    setting = {
        "radius": experiment.radius,
        "step": None,
        "play": "",
        "takesRadius": False,
        "takesStart": False,
    }
    assert base64.b64decode(held) == encode(film, **setting, alone=ONLY, plotly="")
    assert abs(size(film) - len(page.encode())) < 0.02 * len(page.encode())
    assert "<b>" not in page.split("<main>")[0] and "&lt;b&gt;x&lt;/b&gt;" in page
    shell = re.sub(r'<script type="text/plain".*?</script>', "", page, flags=re.DOTALL)
    assert not re.search(r'(src|href)="', shell) and "default-src 'none'" in shell


def test_the_file_has_every_module_that_another_one_imports():
    found = modules()
    for source in found.values():
        assert not re.findall(r'\b(?:from|import) "\.', source)
        assert {name for name in re.findall(r'\b(?:from|import) "rbo/([^"]+)"', source)} <= set(found)
    assert {"player.js", "saving/film.js", "standalone/main.js"} <= set(found) and len(found) > 25
