"""The page of real losses: a network is trained, its loss is cut by a plane, and the ball runs on the cut.

study      everything that the page depends on, as one frozen record; a link says it, and it says a link
uploads    weights that came in a file, kept by their digest
slicing    study -> course of the training -> slice and spline, shared by all sessions, bounded
run        what rolls on a slice: the playground's experiment, its landscape a slice
learning   the training as it comes, with a stop button
leaving    the ball and the point methods in the full weight space, projected on the plane
networks   the network under the ball: what it predicts, frame by frame
picture    study -> film, numbers, text
controls   the sidebar; results: what is below the player
"""
