"""The tree is the theory: rooms know who may enter, and nothing grows out of sight."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
import tomllib
from pathlib import Path

import pytest

import benchmarks

ROOT = Path(__file__).parents[1]
ROOMS = ("rbo", "landscapes", "figures", "interface", "pages")
LONGEST_FUNCTION = 60
LONGEST_MODULE = 350


def sources(*rooms: str) -> list[Path]:
    """Python files of the rooms; a room may be one file, 'app.py'."""
    return [
        file
        for room in rooms
        for file in ([ROOT / room] if room.endswith(".py") else sorted((ROOT / room).rglob("*.py")))
        if file.exists()
    ]


def imports(file: Path) -> set[str]:
    """Top-level names of all modules that a file imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found


def trespasses(files: list[Path], forbidden: set[str]) -> dict[str, set[str]]:
    """Files that import what their room may not, with those names."""
    return {str(f.relative_to(ROOT)): bad for f in files if (bad := imports(f) & forbidden)}


def pinned(name: str) -> dict[str, str]:
    """Package -> version of a requirements file; a line that is neither '==' nor '-r' fails."""
    pins = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if text and not text.startswith("-r "):
            match = re.fullmatch(r"([A-Za-z0-9_.-]+)==([0-9][0-9A-Za-z.]*)", text)
            assert match, f"{name}: {text!r} is not pinned with =="
            pins[match[1].lower()] = match[2]
    return pins


def test_the_walls_are_seen(tmp_path: Path) -> None:
    """The oracle itself: every way to import is found."""
    file = tmp_path / "room.py"
    file.write_text("import torch.nn as n\ndef f():\n    from plotly.io import show\nfrom . import scipy\n")
    assert imports(file) == {"torch", "plotly"}


@pytest.mark.parametrize(
    ("rooms", "forbidden"),
    [
        (("rbo",), {"streamlit", "plotly", "figures", "interface", "pages", "app"}),
        (("landscapes",), {"streamlit", "plotly", "rbo", "figures", "interface", "pages", "app"}),
        (("figures",), {"torch", "rbo", "landscapes", "interface", "pages", "app"}),
        (("pages", "app.py"), {"torch", "scipy"}),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
def test_rooms_know_who_may_enter(rooms: tuple[str, ...], forbidden: set[str]) -> None:
    assert not trespasses(sources(*rooms), forbidden)


def test_only_the_components_know_streamlit() -> None:
    components = {ROOT / "figures" / "player", ROOT / "figures" / "ironing"}
    plain = [file for file in sources("figures") if not components & set(file.parents)]
    assert plain
    assert not trespasses(plain, {"streamlit"})


def test_no_drawer_for_odds_and_ends() -> None:
    odd = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert not [file for file in sources(*ROOMS, "tests", "benchmarks") if file.name in odd]


@pytest.mark.parametrize("file", sources(*ROOMS, "app.py"), ids=lambda f: str(f.relative_to(ROOT)))
def test_an_idea_a_file(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    functions = [
        n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert not {f.name for f in functions if f.end_lineno - f.lineno + 1 > LONGEST_FUNCTION}


def packages(files: list[Path]) -> set[str]:
    """Names of the packages that files import, as they are installed."""
    used = set().union(*(imports(file) for file in files))
    foreign = used - {*ROOMS, "app", "benchmarks"} - set(sys.stdlib_module_names)
    return {{"sklearn": "scikit-learn"}.get(name, name) for name in foreign}


def test_requirements_are_pinned_and_imported() -> None:
    cluster = {"distributed"}  # for who has one; its tests need it
    assert set(pinned("requirements.txt")) == packages(sources(*ROOMS, "app.py")) - cluster
    assert cluster <= set(pinned("requirements-dev.txt"))


def test_the_library_installs_with_what_it_imports() -> None:
    """The method and the landscapes with no more than the dependencies; what else is named in an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = lambda lines: {re.match(r"[\w-]+", line)[0] for line in lines}  # noqa: E731
    needed, extras = names(project["dependencies"]), project["optional-dependencies"]
    library = sources("rbo", "landscapes")
    special = ROOT / "rbo" / "experiments", ROOT / "landscapes" / "neural"
    plain = [file for file in library if not any(room in file.parents for room in special)]
    assert packages(plain) <= needed
    assert packages(library) <= needed | names(extras["experiments"]) | names(extras["cluster"])


BENCHMARKS = [part.name for part in pkgutil.walk_packages(benchmarks.__path__, "benchmarks.")]


@pytest.mark.parametrize("name", [name for name in BENCHMARKS if not name.endswith("__main__")])
def test_a_benchmark_imports_what_there_is(name: str) -> None:
    """No other test would see what has moved away from under it. A `__main__` measures at once."""
    importlib.import_module(name)
