"""The player: one film in four views that move together, as a Streamlit component.

event = player(film, radius=0.3)
if event.start:
    x, y = event.start
"""

from figures.player.component import COMING, FAILED, ONLY, PlayerEvent, player
from figures.player.encoding import encode
from figures.player.standalone import size, standalone

__all__ = ["COMING", "FAILED", "ONLY", "PlayerEvent", "encode", "player", "size", "standalone"]
