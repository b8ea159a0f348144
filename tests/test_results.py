"""docs/results.md: its numbers are those of the files that its commands wrote."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest

from rbo.experiments.__main__ import arguments
from rbo.experiments.table1 import EQUALS

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "results.md").read_text(encoding="utf-8")
TABLES = sorted(DOCS.glob("table1_*.csv"))


def rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("file", TABLES, ids=[file.stem for file in TABLES])
def test_every_cell_of_a_table_is_in_the_text(file: Path):
    found = rows(file)
    for model in {row["model"] for row in found}:
        for method in {row["method"] for row in found}:
            own = {r["equal"]: r for r in found if (r["model"], r["method"]) == (model, method)}
            cells = [
                f"{float(r['accuracy_mean']):.2f} ± {float(r['accuracy_sd']):.2f} ({float(r['lr']):g})"
                for r in (own[equal] for equal in EQUALS)
            ]
            assert f"| {method} | {' | '.join(cells)} |" in TEXT


def test_the_ends_are_those_of_the_file():
    found = rows(DOCS / "basins_wrinkled_bowl.csv")
    for title, name in (("distinct ends of 225 starts", "distinct_ends"), ("still moving", "moving")):
        assert f"| {title} | {' | '.join(row[name] for row in found)} |" in TEXT
    assert f"| gradient descent | {' | '.join(row['radius'] for row in found[1:])} |" in TEXT


@pytest.mark.parametrize("name", ["digits_mlp", "wrinkled_bowl"])
def test_the_best_of_a_map_is_that_of_its_file(name: str):
    found = rows(DOCS / f"rates_{name}.csv")
    ball = [row for row in found if float(row["radius"]) > 0]
    best = min((row for row in ball if row["diverged"] == "0"), key=lambda row: float(row["loss"]))
    lost = sum(row["diverged"] == "1" for row in ball)
    place = f"radius {float(best['radius']):g}, rate {float(best['lr']):g}"
    told = f"{lost} of {len(ball)} runs diverged; lowest loss {float(best['loss']):.4g} at {place}"
    assert told in " ".join(TEXT.split())


def test_every_command_is_one_that_is_understood():
    commands = re.findall(r"^python -m rbo\.experiments (.+)$", TEXT, re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        assert arguments(shlex.split(command)).experiment


def test_every_file_is_there():
    for file in re.findall(r"\]\((\w+\.(?:csv|svg))\)", TEXT):
        assert (DOCS / file).exists()
