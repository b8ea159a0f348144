"""What holds for every test."""

import torch

# Balls are many small operations: a second thread only gets in the way of the browser and the server.
torch.set_num_threads(1)
