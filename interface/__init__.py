"""The Streamlit side that the pages share: no science here.

experiment   everything that a picture depends on, as one frozen record
address      that record as the query of a link, and back
state        the experiment of a session: what links, widgets, clicks and scrubs have made of it
controls     the sidebar
compute      experiment -> balls, points and grid, cached
report       the numbers of a film
picture      film, numbers and text of the experiment, or the last good ones and a sentence
results      the numbers on the page
stories      ready-made experiments, each with a claim that its own numbers must bear out
teller       the stories on the page
frame        what every page begins with; navigation: the links between them
wording      numbers and foreign text as a reader sees them
"""
