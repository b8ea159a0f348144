"""Two replicas of the app behind nginx, with `deploy/nginx.conf` itself: only the addresses of the replicas
and the places of its files are others. Skipped where nginx is not installed.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.reading import calm

ROOT = Path(__file__).parents[2]
PROXY = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
READY = ".rbo-player[data-ready]"


@dataclass
class Replica:
    port: int
    process: subprocess.Popen


@dataclass
class Course:
    address: str
    replicas: list[Replica]
    log: Path

    def serving(self, reader: BrowserContext) -> Replica:
        """The replica to which the proxy leads this reader."""
        cookies = "; ".join(f"{c['name']}={c['value']}" for c in reader.cookies())
        path = f"/_stcore/health?asked={uuid4()}"
        request = urllib.request.Request(self.address + path, headers={"Cookie": cookies})
        urllib.request.urlopen(request, timeout=20).close()
        while not (lines := [line for line in self.log.read_text().splitlines() if path in line]):
            time.sleep(0.01)  # nginx writes it after its answer
        return next(replica for replica in self.replicas if lines[0].endswith(f":{replica.port}"))


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    replicas = [served(free(), tmp_path) for _ in range(2)]
    port, log = free(), tmp_path / "access.log"
    (tmp_path / "nginx.conf").write_text(configured(port, replicas, tmp_path, log))
    words = ["nginx", "-p", tmp_path, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "error.log"]
    proxy = subprocess.Popen([*words, "-g", "daemon off;"])
    try:
        for replica in replicas:
            healthy(f"http://127.0.0.1:{replica.port}")
        healthy(f"http://127.0.0.1:{port}")
        yield Course(f"http://127.0.0.1:{port}", replicas, log)
    finally:
        for process in (proxy, *(replica.process for replica in replicas)):
            process.terminate()
            process.wait(timeout=20)


def served(port: int, folder: Path) -> Replica:
    """A replica that computes in threads of its own, so that to kill it leaves nothing."""
    options = {"port": port, "address": "127.0.0.1", "headless": "true"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += [f"--server.{name}={value}" for name, value in options.items()]
    with (folder / f"{port}.log").open("w") as out:
        environment = os.environ | {"RBO_WORKERS": "0"}
        return Replica(port, subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment))


def configured(port: int, replicas: list[Replica], folder: Path, log: Path) -> str:
    """The proxy's configuration with these replicas, its files in a folder, and a log of who was asked."""
    servers = "\n".join(f"server 127.0.0.1:{r.port} max_fails=1 fail_timeout=5s;" for r in replicas)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder / kind};\n" for kind in kinds)
    text = PROXY
    for old, new in {
        "pid /tmp/nginx.pid;": f"pid {folder / 'nginx.pid'};",
        "http {\n": f"http {{\n{places}log_format asked '$request $upstream_addr';\n",
        "resolver 127.0.0.11 valid=5s;": "",
        "server app:8501 resolve max_fails=1 fail_timeout=5s;": servers,
        "listen 8080;": f"listen 127.0.0.1:{port};",
        "access_log off;": f"access_log {log} asked;",
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def healthy(address: str) -> None:
    """Wait until it serves."""
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"{address} was not served", pytrace=False)


def free() -> int:
    """A port that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def settled(page: Page) -> None:
    """Wait until the player shows something and the script has come to rest."""
    page.wait_for_selector(READY, timeout=60_000)
    page.wait_for_timeout(300)
    calm(page)


def radius(page: Page) -> str:
    """The radius among the settings, as the server set it."""
    return page.get_by_role("spinbutton", name="Radius ρ", exact=True).input_value()


def test_readers_of_one_address_are_spread_and_stay(course: Course, flat: Browser):
    readers = [flat.new_context() for _ in range(24)]  # all on one by chance: once in 2^23 runs
    for reader in readers:
        reader.request.get(f"{course.address}/_stcore/health")  # brings the cookie
    asked = [course.serving(reader).port for reader in readers]
    assert asked == [course.serving(reader).port for reader in readers]
    assert len(set(asked)) == 2
    for reader in readers:
        reader.close()


def test_a_reader_whose_replica_dies_goes_on_with_another(course: Course, flat: Browser):
    context = flat.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{course.address}/?landscape=plane&radius=0.37&lr=0.011&steps=50")
    settled(page)
    assert float(radius(page)) == 0.37
    victim = course.serving(context)
    with page.expect_websocket(timeout=60_000):
        victim.process.kill()
    settled(page)
    assert course.serving(context) is not victim
    assert float(radius(page)) == 0.37 and "lr=0.011" in page.url
    for _ in range(10):  # what is pressed before the first run of the new session has ended is lost
        page.get_by_role("button", name="Reset everything").click()
        page.wait_for_timeout(5000)
        if "0.37" not in page.url:
            break
    settled(page)
    assert float(radius(page)) != 0.37
    context.close()
