"""The app on a server of its own, open in a browser of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.install import find_browser

ROOT = Path(__file__).parents[1]
SIZE = {"width": 1900, "height": 1250}  # the scene is then about 900 x 600


@contextmanager
def opened(path: str = "", ready: str = "body") -> Iterator[tuple[Page, list, float]]:
    """A page of the app once `ready` is there, its messages to the server, and the seconds that took."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with sync_playwright() as playwright, tempfile.TemporaryFile() as log:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        page, sent = browser.new_page(viewport=SIZE), []
        page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(text)))
        began = time.perf_counter()
        server = subprocess.Popen(
            [*command, "--server.headless", "true"], cwd=ROOT, stdout=log, stderr=log, env=os.environ
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            page.goto(f"http://127.0.0.1:{port}/{path}")
            page.wait_for_selector(ready, timeout=120_000)
            yield page, sent, time.perf_counter() - began
        finally:
            server.terminate()
            server.wait()
            browser.close()


def wait_for(address: str) -> None:
    """Until the server answers."""
    for _ in range(600):
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the app did not start within 30 s")


def painted(page: Page) -> None:
    """Until what the scripts have drawn is on the screen."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
