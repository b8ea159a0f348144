"""The files to deploy the app say the same."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROXY = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
IMAGE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_ports_and_health_path_agree():
    port = re.search(r"--server\.port=(\d+)", IMAGE)[1]
    assert f"EXPOSE {port}\n" in IMAGE and f"127.0.0.1:{port}/_stcore/health" in IMAGE
    assert f"server app:{port} resolve" in PROXY
    assert re.search(r"PORT:-\d+}:(\d+)", COMPOSE)[1] == re.search(r"listen (\d+);", PROXY)[1]


def test_the_image_runs_as_nobody_special_and_holds_what_the_app_needs():
    assert re.search(r"^USER (\w+)$", IMAGE, re.M)[1] != "root"
    assert IMAGE.index("COPY --chown=ball . .") < IMAGE.index("USER ball") < IMAGE.index('CMD ["streamlit"')
    needed = {"app.py", "pages", "rbo", "landscapes", "figures", "interface", "requirements.txt"}
    assert needed.isdisjoint(IGNORED) and all((ROOT / name).exists() for name in needed)
    assert ".*" in IGNORED and "!.streamlit/config.toml" in IGNORED


def test_the_proxy_takes_what_the_app_takes():
    config = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    app = int(re.search(r"maxUploadSize = (\d+)", config)[1])
    assert int(re.search(r"client_max_body_size (\d+)m;", PROXY)[1]) > app
