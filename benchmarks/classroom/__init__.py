"""Thirty readers at once: what a class does to one server.

python -m benchmarks.classroom --readers 30 --minutes 10
"""
