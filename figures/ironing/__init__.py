"""The viewer of what a ball of each radius makes of a landscape, as a Streamlit component.

event = ironing_viewer(profile, radius=0.3)         # the curve, 1-D: the circle rolls along it
event = ironing_viewer(relief, radius=0.3, lone=one)  # the surface, 2-D, with one radius beside the family
if event.radius:
    ...                                             # the reader asked the page for this radius
"""

from figures.ironing.component import ViewerEvent, ironing_viewer
from figures.ironing.encoding import encode

__all__ = ["ViewerEvent", "encode", "ironing_viewer"]
