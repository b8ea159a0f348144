"""Where the browser finds the front end: the folder `frontend/`, served by Streamlit as a component's assets.

Streamlit serves the assets of a component whose manifest it found in an *installed* distribution. This
package runs from its source tree (`pip install -r requirements.txt && streamlit run app.py`), so it hands the
same manifest to Streamlit's component manager itself. Plotly.js is the one that plotly.py ships: it is copied
once beside the modules, with its version in the file name, as an ES module that leaves `window.Plotly`
(Streamlit's own) alone.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
from functools import cache
from importlib import resources
from pathlib import Path

from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

PROJECT = "rolling-ball"
COMPONENTS = ("player", "ironing", "share")  # one folder: they share its modules
NAME, IRONING, SHARE = (f"{PROJECT}.{component}" for component in COMPONENTS)

SOURCE = Path(__file__).parent / "frontend"
_LOCK = threading.Lock()

# Plotly.js is a UMD bundle: `module` catches what it exports, and the page's own `Plotly` is put back.
_PROLOGUE = (
    "const module = { exports: {} }; const page = Object.getOwnPropertyDescriptor(window, 'Plotly');\n"
)
_EPILOGUE = (
    "\nif (page) Object.defineProperty(window, 'Plotly', page); else delete window.Plotly;\n"
    "export default module.exports;\n"
)


def register() -> None:
    """Make the assets known to the running Streamlit (each test runtime has a manager of its own)."""
    with _LOCK:
        manager = get_bidi_component_manager()
        if manager.get_component_asset_root(NAME) is None:
            root = asset_folder()
            components = [ComponentConfig(component, asset_dir=root.name) for component in COMPONENTS]
            manager.register_from_manifest(ComponentManifest(PROJECT, "0", components), root.parent)


@cache
def asset_folder() -> Path:
    """The folder to serve: the source folder, or a copy of it where the source tree cannot be written to."""
    try:
        _write_plotly(SOURCE)
        return SOURCE
    except OSError:
        copy = Path(tempfile.mkdtemp(prefix="rolling-ball-")) / SOURCE.name
        shutil.copytree(SOURCE, copy)
        _write_plotly(copy)
        return copy


@cache
def plotly_path() -> str:
    """Path of Plotly.js below the asset folder; its version makes it safe to cache."""
    head = _plotly_source()[:400]
    version = re.search(r"plotly\.js v([\w.-]+)", head)
    return f"vendor/plotly-{version[1] if version else 'unknown'}.js"


def _plotly_source() -> str:
    return (resources.files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


@cache
def plotly_module() -> str:
    """Plotly.js as an ES module that leaves the page's own alone."""
    return _PROLOGUE + _plotly_source() + _EPILOGUE


def _write_plotly(folder: Path) -> None:
    target = folder / plotly_path()
    if target.exists():
        return
    target.parent.mkdir(exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    part.write_text(plotly_module(), encoding="utf-8")
    part.replace(target)  # whole or not at all, also when two servers start at once
