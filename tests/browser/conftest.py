"""A browser and a served app for the tests that look at real pages. No browser is a failure, never a skip."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser.install import find_browser

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
READER = {"viewport": {"width": 1280, "height": 1100}, "reduced_motion": "reduce"}
Launch = Callable[..., Browser]
Serve = Callable[[str], str]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser_path() -> str:
    path = find_browser()
    if path is None:
        pytest.fail("no browser found: install Chromium or Chrome, or run `make browser`", pytrace=False)
    return path


@pytest.fixture(scope="session")
def launch(playwright: Playwright, browser_path: str) -> Launch:
    """Starts a browser with further flags; whoever calls it closes it."""

    def start(*flags: str) -> Browser:
        return playwright.chromium.launch(executable_path=browser_path, args=[*FLAGS, *flags])

    return start


@pytest.fixture(scope="session")
def browser(launch: Launch) -> Iterator[Browser]:
    """One browser for the whole run; WebGL is drawn by software."""
    running = launch()
    yield running
    running.close()


@pytest.fixture(scope="session")
def flat(launch: Launch) -> Iterator[Browser]:
    """A browser without WebGL: a page opens in half the time, for tests to which the 3-D scene is nothing."""
    running = launch("--disable-3d-apis")
    yield running
    running.close()


@pytest.fixture(scope="session")
def known(browser: Browser) -> BrowserContext:
    """The context of a reader who was here before, so that Streamlit's code is not compiled for each page;
    who asked for reduced motion, so that nothing plays by itself."""
    return browser.new_context(**READER)


@pytest.fixture(scope="session")
def flat_known(flat: Browser) -> BrowserContext:
    """The same without WebGL."""
    return flat.new_context(**READER)


@pytest.fixture
def page(known: BrowserContext) -> Iterator[Page]:
    """A page of the reader who was here before."""
    page = known.new_page()
    yield page
    page.close()


@pytest.fixture
def flat_page(flat_known: BrowserContext) -> Iterator[Page]:
    """The same without WebGL."""
    page = flat_known.new_page()
    yield page
    page.close()


@pytest.fixture
def visit(known: BrowserContext, flat_known: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Opens pages with the scene or without: of the reader who was here before, or, where that is asked or
    where the settings are others, of one who never was."""
    opened: list[Page | BrowserContext] = []

    def start(scene: bool = False, fresh: bool = False, **settings: object) -> Page:
        home = known if scene else flat_known
        if settings or fresh:
            home = home.browser.new_context(**(READER | settings))
        page = home.new_page()
        opened.append(home if settings or fresh else page)
        return page

    yield start
    for it in opened:
        it.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Serves a script of this repository with Streamlit; returns the address of a script, started once."""
    servers: dict[str, tuple[subprocess.Popen, str]] = {}
    logs = tmp_path_factory.mktemp("servers")

    def start(script: str) -> str:
        if script not in servers:
            servers[script] = _start(script, logs / f"{Path(script).stem}.log")
        return servers[script][1]

    yield start
    for process, _ in servers.values():
        process.terminate()
        process.wait(timeout=20)


def _start(script: str, log: Path) -> tuple[subprocess.Popen, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"port": port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
    command = [sys.executable, "-m", "streamlit", "run", script, "--browser.gatherUsageStats=false"]
    command += [f"--server.{name}={value}" for name, value in options.items()]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=os.environ)
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return process, address
        except OSError:
            time.sleep(0.1)
    process.terminate()
    pytest.fail(f"{script} was not served:\n{log.read_text()[-2000:]}", pytrace=False)
