"""The page 'Train': what radius, rate and start decide, and the optimisers on a network.

view       everything that the page depends on, as one frozen record; as a link, and back
controls   the sidebar and the choice of what is shown
jobs       parts of a sweep on an executor: progress, a stop, and what is done is kept
sweeps     view -> parts of a sweep -> the records that the figures draw
rates      radius × rate on the page; network_rates: of a network
basins     where starts lead
networks   the table
command    the table as a process of its own
wording    what the numbers bear out, in sentences
"""
