"""The player in one file: HTML with the film, the front end and Plotly.js in it, that opens offline.

The modules of the front end keep their text; an import map made in the file leads from their names to them.
"""

from __future__ import annotations

import base64
import html
import posixpath
import re
from functools import cache

from figures.film import Film
from figures.player import assets
from figures.player.component import ONLY
from figures.player.encoding import encode

ENTRY = "standalone/main.js"
STYLES = ("standalone/style.css", "style.css")
_IMPORT = re.compile(r'(\b(?:from|import) )"(\.{1,2}/[^"]+)"')

# Nothing may be fetched from anywhere. Plotly.js compiles code of its own: 'unsafe-eval'.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; "
    "connect-src blob:; img-src data: blob:; media-src blob:"
)
START = """
const imports = {};
for (const { dataset, textContent } of document.querySelectorAll("script[data-module]"))
  imports[dataset.module] = URL.createObjectURL(new Blob([textContent], { type: "text/javascript" }));
const add = (type, text) =>
  document.body.append(Object.assign(document.createElement("script"), { type, textContent: text }));
add("importmap", JSON.stringify({ imports }));
add("module", `import "rbo/%s";`);
"""


def standalone(film: Film, *, radius: float, title: str, text: str = "") -> str:
    """A page with the player of a film, as HTML.

    Args:
        film: what is shown, with both axes to scrub: time and radius.
        radius: the ball to show first, the nearest of `film.radii`.
        title, text: what the page says above the player, as plain text.
    """
    setting = {"radius": float(radius), "step": None, "play": "", "takesRadius": False, "takesStart": False}
    block = encode(film, **setting, alone=ONLY, plotly="")
    scripts = [_held(source, f'data-module="rbo/{name}"') for name, source in modules().items()]
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            f"<title>{html.escape(title)}</title>\n<style>\n{styles()}\n</style>\n</head>\n<body>\n<main>",
            f"<h1>{html.escape(title)}</h1>\n<p>{html.escape(text)}</p>",
            '<div id="player"></div>\n</main>',
            *scripts,
            _held(assets.plotly_module(), 'id="plotly"'),
            _held(base64.b64encode(block).decode("ascii"), 'id="film"'),
            f"<script>{START % ENTRY}</script>\n</body>\n</html>\n",
        ]
    )


def size(film: Film) -> int:
    """About how many bytes the page of a film has, without making it."""
    frames = sum(array.size for array in (film.losses, film.clearance, film.evaluations)) * 4
    places = sum(array.size for array in (film.contacts, film.centers)) * 4
    rest = 2 * film.rotations.size + film.touching.size + 2 * film.heights.size
    points = sum(20 * len(point.losses) for point in film.points)
    return (frames + places + rest + points) * 4 // 3 + len(assets.plotly_module()) + 90_000


@cache
def modules() -> dict[str, str]:
    """Every module that the entry needs, by its path; what it imports it calls by such a path, too."""
    found: dict[str, str] = {}
    waiting = [ENTRY]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _source(name)
            waiting += re.findall(r'\b(?:from|import) "rbo/([^"]+)"', found[name])
    return found


def _source(name: str) -> str:
    folder = posixpath.dirname(name)

    def absolute(match: re.Match[str]) -> str:
        return f'{match[1]}"rbo/{posixpath.normpath(posixpath.join(folder, match[2]))}"'

    return _IMPORT.sub(absolute, (assets.SOURCE / name).read_text(encoding="utf-8"))


@cache
def styles() -> str:
    """The styles of the page."""
    return "\n".join((assets.SOURCE / name).read_text(encoding="utf-8") for name in STYLES)


def _held(text: str, mark: str) -> str:
    """A text that lies in the page and is not run there; no tag in it ends it."""
    inert = re.sub("<(?=/script|!--)", r"<\\", text, flags=re.IGNORECASE)
    return f'<script type="text/plain" {mark}>{inert}</script>'
