"""Six lessons, one idea each: read, be surprised, move one control, see the answer, read one formula.

lesson     what a lesson is, as data
gradient, size, bottom, limit, losing, network     one lesson each
course     all of them, in their order
sitting    a lesson with the reader's value of its control, as a link, and back
picture    the film of a sitting and its numbers
judging    whether a value answers the question, by the film
progress   what was answered, kept in the browser, and the way from lesson to lesson
desk       the page's own parts: the control, the answer, the formula
"""
