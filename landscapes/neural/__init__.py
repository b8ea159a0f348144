"""Slices of the loss of real networks: landscapes like any other, on a plane of weight space.

data        two moons, circles, spirals, digits; MNIST, Fashion-MNIST, CIFAR-10 by download; wrong labels
models      MLP, CNN, ResidualCNN, and `build`
training    `steps` with progress, `fit`, the whole path of weights
plane       what a plane is; RandomDirections, PathDirections, HessianDirections and ThreePoints make one
slice       `loss_slice`: a model, a loss, data and directions -> a landscape

    done = fit(Training(Data("moons"), MLP()))
    batch = (done.dataset.inputs, done.dataset.targets)
    f = loss_slice(done.model, torch.nn.functional.cross_entropy, batch, PathDirections(done.path))
"""

from landscapes.neural.corruption import corrupt_labels
from landscapes.neural.data import Data, Dataset
from landscapes.neural.hessian_directions import HessianDirections
from landscapes.neural.images import Unavailable
from landscapes.neural.models import CNN, MLP, ResidualCNN, build
from landscapes.neural.path_directions import PathDirections
from landscapes.neural.plane import Directions, Plane
from landscapes.neural.random_directions import RandomDirections
from landscapes.neural.slice import Slice, loss_slice
from landscapes.neural.three_points import ThreePoints
from landscapes.neural.training import Progress, Trained, Training, fit, steps
from landscapes.neural.weights import flat, unflat, weights_of

__all__ = [
    "CNN",
    "MLP",
    "Data",
    "Dataset",
    "Directions",
    "HessianDirections",
    "PathDirections",
    "Plane",
    "Progress",
    "RandomDirections",
    "ResidualCNN",
    "Slice",
    "ThreePoints",
    "Trained",
    "Training",
    "Unavailable",
    "build",
    "corrupt_labels",
    "fit",
    "flat",
    "loss_slice",
    "steps",
    "unflat",
    "weights_of",
]
