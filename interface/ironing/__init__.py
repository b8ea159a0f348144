"""The ironing page: what a ball of one radius sees of a landscape, as a curve or as a surface.

view       everything that the page shows depends on, as one frozen record; as a link, and back
controls   the sidebar
ground     view -> the landscape on a grid, wide enough for the balls
surfaces   ... -> what balls of all radii make of it, cached
measures   raw and ironed surface, measured
picture    the records for the viewer and the figures, with numbers and text
stories    ready-made views, each with a claim that its own numbers must bear out
proofs     the numbers of the stories, and the lines that draw their inequalities
teller     the stories on the page
results    measures, small multiples and their table on the page
"""
