"""Optimisers for networks that ask for several gradients a step (`closure`): the rolling ball and the two
methods it is compared with."""

from rbo.optim.closure import ClosureOptimizer, LossNotFinite
from rbo.optim.entropy_sgd import EntropySGD
from rbo.optim.rolling_ball import RollingBall
from rbo.optim.sam import SAM
from rbo.optim.schedule import Shrink

__all__ = ["SAM", "ClosureOptimizer", "EntropySGD", "LossNotFinite", "RollingBall", "Shrink"]
