"""The browser in which the tests open the app: an installed one, else one that this script installs.

`python tests/browser/install.py` makes sure that there is one and says which. No browser is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)


def version(path: str) -> str | None:
    """What the browser calls itself, or None where it does not start (a stub, say)."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def playwrights_own() -> str:
    """Where Playwright puts the browser that it downloads."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def find_browser() -> str | None:
    """Path of a Chromium, Chrome or Edge that starts; installed ones first, then Playwright's own."""
    installed = [found for name in COMMANDS if (found := shutil.which(name))]
    for path in [*installed, *APPLICATIONS]:
        if os.access(path, os.X_OK) and version(path):
            return path
    own = playwrights_own()
    return own if Path(own).exists() and version(own) else None


def _run(*command: str) -> bool:
    print("+", *command, flush=True)
    return subprocess.run(command).returncode == 0


def install_browser() -> None:
    """Debian's package as root, else Playwright's download."""
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        print("No browser found: installing Debian's chromium")
        if _run("apt-get", "update", "-qq") and _run("apt-get", "install", "-y", "-qq", "chromium"):
            return
    print("No browser found: installing Playwright's own Chromium")
    _run(sys.executable, "-m", "playwright", "install", "chromium")


def main() -> int:
    if find_browser() is None:
        install_browser()
    path = find_browser()
    if path is None:
        print("No browser could be installed. Install Chromium or Chrome, then run `make test` again.")
        return 1
    print(f"Browser for the tests: {version(path)} ({path})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
