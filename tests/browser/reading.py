"""What tests of any page read of it, and wait for."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Page


def query(url: str) -> dict[str, str]:
    """The settings in an address; of one that is named twice, the last."""
    return dict(parse_qsl(urlsplit(url).query))


def calm(page: Page, timeout: float = 60_000) -> None:
    """Wait until the script has come to rest, at most `timeout` ms."""
    page.wait_for_function(
        "() => document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'", timeout=timeout
    )
