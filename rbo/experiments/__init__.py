"""The paper's experiments on one's own machine: python -m rbo.experiments table1 --data digits.

tasks      data sets, split for training, choosing and reporting; cifar100: the one that its author keeps
networks   MLP, ResNet-6/8 and VGG-9, small
methods    what is compared, and what a step of each costs
training   one run: a specification in, its curve out, with checkpoints
sweep      many runs on a `concurrent.futures.Executor`; what is done is kept and not done again
table1     Table 1 by epochs, at equal gradient evaluations and at equal wall time
maps       radius × rate and where starts lead: many runs in one batch
rates      radius × rate as an experiment, on a landscape and on a network
forgetting distinct ends of a grid of starts against the radius
chart      the curves of the table as an SVG file; picture: the maps
"""
