"""What a reader may see and send: no traceback, no path, no telemetry, small uploads; the packages' audit."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from streamlit import config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.classroom.reader import Reader
from benchmarks.classroom.room import server

ROOT = Path(__file__).parents[1]
SECRET = "a secret in a message"
FAILING = f"""
import streamlit as st
st.title("Before")
raise RuntimeError({SECRET!r})
"""


@pytest.fixture
def settings() -> dict[str, object]:
    """The configuration as Streamlit reads it here."""
    return {name: config.get_option(name) for name in config.get_config_options()}


def test_a_reader_sees_no_traceback_and_sends_little(settings: dict[str, object]):
    assert settings["client.showErrorDetails"] == "none" and not settings["client.showErrorLinks"]
    assert settings["browser.gatherUsageStats"] is False
    assert settings["server.enableXsrfProtection"] and settings["server.enableCORS"]
    assert settings["server.maxUploadSize"] <= 10 and settings["server.maxMessageSize"] <= 32


def test_an_error_that_nobody_expected_is_one_sentence(tmp_path: Path):
    """Of a script that catches nothing, on a real server: all that the browser is told to draw."""
    script = tmp_path / "failing.py"
    script.write_text(FAILING)

    heard: list[bytes] = []

    async def opened(address: str) -> None:
        reader, over = Reader(address), asyncio.Event()
        reader.heard = heard.append
        reading = asyncio.create_task(reader.live(over))
        while not reader.errors:
            await asyncio.sleep(0.05)
        over.set()
        await reading

    with server(script=script) as (address, _, log):
        with ThreadPoolExecutor(1) as apart:  # the browser's tests leave a loop running in this thread
            apart.submit(asyncio.run, opened(address)).result()
        assert SECRET in log.read_text()
    messages = [ForwardMsg.FromString(data) for data in heard]
    drawn = [m.delta.SerializeToString() for m in messages if m.WhichOneof("type") == "delta"]
    sent = b"".join(drawn)
    assert b"Before" in sent
    for word in (SECRET, "Traceback", str(tmp_path), "RuntimeError"):
        assert word.encode() not in sent, word


class Database(BaseHTTPRequestHandler):
    """A database of weaknesses that answers."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def database() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Database) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def audit(database: str, tools: Path) -> subprocess.CompletedProcess:
    environment = os.environ | {"OSV": database, "AUDIT": str(tools)}
    return subprocess.run(
        [ROOT / ".ci" / "audit"], env=environment, capture_output=True, text=True, timeout=60
    )


def test_an_audit_without_its_database_says_so_and_does_not_fail(tmp_path: Path):
    found = audit("http://127.0.0.1:9", tmp_path)
    assert found.returncode == 0 and found.stdout.endswith("is not reachable: not audited\n")
    assert not any(tmp_path.iterdir()), "nothing is installed for it"


@pytest.mark.parametrize("code", [0, 1])
def test_an_audit_fails_where_it_finds_something(database: str, tmp_path: Path, code: int):
    """A stand-in for pip-audit: what it is asked, and what becomes of its answer."""
    tool = tmp_path / "bin" / "pip-audit"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\necho "$@"\nexit {code}\n')
    tool.chmod(0o755)
    found = audit(database, tmp_path)
    assert found.returncode == code
    assert f"--osv-url {database}/v1/query" in found.stdout and "site-packages" in found.stdout
