"""What data, networks and planes are called."""

from __future__ import annotations

from interface.neural.study import Study
from interface.wording import percent

DATA = {
    "moons": "Two moons",
    "circles": "Circles",
    "spirals": "Spirals",
    "digits": "Digits, 8×8",
    "mnist": "MNIST (download)",
    "fashion_mnist": "Fashion-MNIST (download)",
    "cifar10": "CIFAR-10 (download)",
}
MODELS = {
    "mlp": "MLP",
    "cnn": "CNN",
    "residual": "Residual CNN",
    "plain": "Residual CNN without its skips",
}
PLANES = {
    "path": "Main directions of the training path",
    "random": "Random, filter-normalised",
    "hessian": "Most curved (Hessian)",
    "three": "Through three weight vectors",
}
PLANE_WORDS = {
    "path": "The principal components of the training path: of all planes, the one that holds most of it.",
    "random": "Two random directions, each filter as long as the network's own (Li et al. 2018).",
    "hessian": "The eigenvectors of the two largest eigenvalues of the Hessian at the trained weights.",
    "three": "The plane through the network as it was at three steps of its training.",
}
UNDER = {"ball": "the ball", "descent": "gradient descent", "training": "training"}


def network(study: Study) -> str:
    """The network in a few words."""
    if study.model == "mlp":
        layers = f"{study.depth} hidden layer{'s' if study.depth > 1 else ''}"
        return f"an MLP ({layers} of {study.width}, {study.activation})"
    if study.model == "cnn":
        return f"a CNN ({study.channels} and {2 * study.channels} channels)"
    skips = "with" if study.model == "residual" else "without"
    return f"a residual CNN {skips} skips ({2 * study.blocks} blocks of {study.channels} channels)"


def data(study: Study) -> str:
    """The data in a few words."""
    name = {"moons": "two-moons points", "circles": "points on circles", "spirals": "points on spirals"}.get(
        study.data, f"images of {DATA[study.data].split(',')[0].split(' (')[0]}"
    )
    wrong = f", {percent(study.corrupted)} of their labels wrong" if study.corrupted else ""
    return f"{study.samples} {name}{wrong}"
