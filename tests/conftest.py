"""What holds for every test."""

import os

import torch

# What is computed for a page is computed in this process, where a test can watch it; tests/test_load.py has
# the processes of a server.
os.environ.setdefault("RBO_WORKERS", "0")

# Balls are many small operations: a second thread only gets in the way of the browser and the server.
torch.set_num_threads(1)
