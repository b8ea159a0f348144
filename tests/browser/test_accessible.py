"""Every page, light and dark, wide and as on a phone: nothing serious to axe-core, no chart without words, no
control without the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files

import pytest
from playwright.sync_api import Page

from interface.navigation import PAGES

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
LINKS = {  # what to open, so that a page shows all it has and is soon done
    "": "steps=20&methods=momentum",
    "ironing": "landscape=parabolic_trough",
    "train": "landscape=quadratic&steps=5",
    "lessons": "lesson=bottom&radius=0.45",
}
WIDTHS = (1280, 390)
GROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(23, 22, 26)"}
GROUND = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"
BUSY = "[data-testid=stStatusWidget], [data-stale=true], .rbo-player:not([data-ready])"
FADING = "document.getAnimations().some((it) => it.effect.getComputedTiming().endTime < Infinity)"
IDLE = f"() => !document.querySelector('{BUSY}') && !({FADING})"
GRAVE = """async () => (await axe.run({ resultTypes: ["violations"] })).violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact))
  .map(({ id, nodes }) => [id, nodes.map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message}`)])"""
# axe-core says nothing of letters on a widget's own colour.
FAINT = """() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => channels(color).slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, k) => sum + [0.2126, 0.7152, 0.0722][k] * v, 0);
  const ground = (e) => {
    const own = getComputedStyle(e).backgroundColor;
    return (channels(own)[3] ?? 1) === 1 ? own : ground(e.parentElement);
  };
  const contrast = (e) => {
    const [a, b] = [getComputedStyle(e).color, ground(e)].map(luminance).sort((p, q) => q - p);
    return (a + 0.05) / (b + 0.05);
  };
  return [...document.querySelectorAll("button p, [data-tag] span")]
    .filter((e) => e.checkVisibility() && !e.closest("[disabled]"))
    .map((e) => [e.textContent, contrast(e)]).filter(([_, found]) => !(found >= 4.5));
}"""
WORDS = """() => [...document.querySelectorAll(".stPlotlyChart, .rbo-player .stage")]
  .map((view) => [view.getAttribute("role"), view.getAttribute("aria-label") ?? ""])"""
BEYOND = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  return main.scrollWidth - main.clientWidth;
}"""
# Of a group of choices one takes the focus, and the arrows lead to the others.
UNREACHED = """() => {
  const roots = [document, ...[...document.querySelectorAll("*")].map((e) => e.shadowRoot).filter(Boolean)];
  const roles = "[role=slider], [role=radio], [role=tab]";
  const kinds = `button, a[href], input, select, textarea, [data-tag], ${roles}`;
  const group = "[role=radiogroup], [role=tablist], [role=group], [data-baseweb], .stNumberInput";
  return roots.flatMap((root) => [...root.querySelectorAll(kinds)])
    .filter((e) => e.tabIndex < 0 && !e.disabled && e.checkVisibility({ visibilityProperty: true }))
    .filter((e) => ![...(e.closest(group)?.querySelectorAll(kinds) ?? [])].some((e) => e.tabIndex >= 0))
    .map((e) => e.outerHTML.slice(0, 160));
}"""


@pytest.fixture(scope="module")
def address(serve: Callable[[str], str]) -> str:
    return serve("app.py")


def settle(page: Page) -> None:
    """Wait until the page has computed and drawn everything."""
    page.wait_for_selector("[data-testid=stMain] h1", timeout=90_000)
    page.wait_for_timeout(600)
    page.wait_for_function(IDLE, timeout=120_000)
    page.wait_for_timeout(600)


def test_the_oracle_itself(page: Page):
    page.set_content("<main><h1>x</h1><button></button><p style='color: #bbb'>hardly seen</p></main>")
    page.evaluate(AXE)
    assert {name for name, _ in page.evaluate(GRAVE)} >= {"button-name", "color-contrast"}
    page.set_content("<button tabindex=-1>x</button><button>y</button>")
    assert len(page.evaluate(UNREACHED)) == 1


@pytest.mark.parametrize("name", [script.removeprefix("pages/").removesuffix(".py") for script in PAGES])
def test_a_page_is_for_everybody(page: Page, address: str, name: str):
    name = "" if name == "app" else name
    page.goto(f"{address}/{name}?{LINKS.get(name, '')}")
    settle(page)
    page.evaluate(AXE)
    for scheme, ground in GROUNDS.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function(f"({GROUND})() === '{ground}'", timeout=30_000)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 1000})
            settle(page)
            assert page.evaluate(GRAVE) == [], (scheme, width)
            assert page.evaluate(FAINT) == [], (scheme, width)
            assert page.evaluate(BEYOND) <= 0, (scheme, width)
    views = page.evaluate(WORDS)
    assert views
    assert [(role, text) for role, text in views if role not in ("img", "figure") or not said(text)] == []
    assert page.evaluate(UNREACHED) == []


def said(text: str) -> bool:
    """Whether an alternative text has words and numbers."""
    return len(re.findall(r"[A-Za-z]{3,}", text)) >= 3 and len(re.findall(r"\d+", text)) >= 2
