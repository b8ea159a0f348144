"""What holds for every test."""

import os

# One thread in each process, also of the servers and workers that tests start: threads that share a core with
# other processes' wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

# What is computed for a page is computed in this process, where a test can watch it; tests/test_load.py has
# the processes of a server.
os.environ.setdefault("RBO_WORKERS", "0")

# Balls are many small operations: a second thread only gets in the way of the browser and the server.
torch.set_num_threads(1)
