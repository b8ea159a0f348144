"""How soon the page of real losses shows something, and what its parts cost.

    python -m benchmarks.real_losses

On the server everything is computed anew, only the modules are loaded; in the browser the page has been asked
for before, as it is by the second reader. A browser draws WebGL by software here.
"""

from __future__ import annotations

import time
from dataclasses import replace

import torch
import torch.nn.functional as F
from playwright.sync_api import Page

from benchmarks.clock import fastest
from benchmarks.playground import READY
from benchmarks.served import opened, painted
from benchmarks.table import Row, printed
from interface import compute
from interface.neural import leaving, slicing
from interface.neural.picture import compose
from interface.neural.study import Study
from landscapes.neural import fit, loss_slice


def rows() -> list[Row]:
    """Everything this benchmark measures."""
    torch.set_num_threads(1)  # as the app has it
    return [*of_server(), *of_browser()]


def of_server() -> list[Row]:
    """From the shipped weights to a picture, and its parts."""
    study = Study()
    compose(replace(study, side=17, steps=5), whole=False)  # modules and data are loaded
    forget()
    first = timed(lambda: compose(study, whole=False))
    family = timed(lambda: compose(study, whole=True))
    cut = slicing.cut(slicing.slicing(study))
    batch = cut.trained.dataset.inputs, cut.trained.dataset.targets
    exact = loss_slice(cut.trained.model, F.cross_entropy, batch, cut.exact.plane)
    walk = leaving._walk(compose(study, whole=False).leaving)
    return [
        Row("slice 51×51 of the default MLP", fastest(lambda: exact.grid(51)), "s", at_most=0.5),
        Row("shipped default: slice, spline, one ball, texts", first, "s", at_most=3),
        Row("the other radii of its family", family, "s"),
        Row("spline against the loss, share of the height", cut.departure, ""),
        Row("training of the default", timed(lambda: fit(study.training())), "s"),
        Row("ball and gradient descent in all weights", timed(lambda: leaving.walked(walk)), "s"),
    ]


def forget() -> None:
    """Nothing is computed yet."""
    slicing._cuts()[1].clear()
    compute.forget()
    leaving._shadows().clear()
    leaving.training.clear()


def timed(call) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def of_browser() -> list[Row]:
    """From the link on the playground to the painted picture, and from a reload."""
    with opened("real_losses", ready=READY) as (page, _, first):
        page.wait_for_timeout(8_000)  # the family has come
        page.get_by_role("link", name="Playground").click()
        page.wait_for_selector("text=Roll a ball down a loss landscape")
        page.wait_for_timeout(8_000)
        by_link = timed(lambda: follow(page))
        page.wait_for_timeout(3_000)
        return [
            Row("streamlit run to the first picture", first, "s"),
            Row("warm server: link on the playground to the painted picture", by_link, "s", at_most=3),
            Row("warm server: reload to the painted picture", timed(lambda: anew(page)), "s"),
        ]


def follow(page: Page) -> None:
    """Click the link and wait for this page's picture."""
    page.get_by_role("link", name="Real losses").click()
    page.wait_for_selector("text=Loss along the two main directions of the training path")
    page.wait_for_selector(READY, timeout=120_000)
    painted(page)


def anew(page: Page) -> None:
    """Load the page again."""
    page.reload()
    page.wait_for_selector(READY, timeout=120_000)
    painted(page)


if __name__ == "__main__":
    print(printed("Real losses", rows()))
