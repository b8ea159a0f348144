"""A study: data, a network, its training, a plane and a run, as one frozen record. A link says it, and back.

    Study()                                     the default
    replace(Study(), data="digits", model="cnn")

What is None is found from the slice: where to start, which radius, lr and loss scale suit it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from interface import address
from interface.address import Reading, text_of
from interface.experiment import METHODS, Limit
from landscapes.neural import CNN, MLP, Data, ResidualCNN, Training
from landscapes.neural.data import NAMES, PLANAR
from landscapes.neural.models import ACTIVATIONS

MODELS = ("mlp", "cnn", "residual", "plain")
PLANES = ("path", "random", "hessian", "three")
ALONG_TRAINING = ("path", "three")  # planes that a training spans
WALKERS = ("ball", "descent", "training")
OPTIMISERS = ("sgd", "adam")
WORDS = {
    "data": NAMES,
    "model": MODELS,
    "activation": tuple(ACTIVATIONS),
    "optimiser": OPTIMISERS,
    "plane": PLANES,
    "under": WALKERS,
}
LIMITS = {
    "samples": Limit(20, 1000, whole=True),
    "noise": Limit(0.0, 1.0),
    "corrupted": Limit(0.0, 0.8),
    "depth": Limit(1, 8, whole=True),
    "width": Limit(2, 128, whole=True),
    "channels": Limit(2, 16, whole=True),
    "blocks": Limit(1, 4, whole=True),
    "rate": Limit(1e-5, 10.0),
    "batch": Limit(1, 1000, whole=True),
    "train_steps": Limit(10, 2000, whole=True),
    "seed": Limit(0, 9999, whole=True),
    "plane_seed": Limit(0, 9999, whole=True),
    "span": Limit(0.05, 4.0),
    "side": Limit(17, 129, whole=True),
    "steps": Limit(1, 1000, whole=True),
    "free_radius": Limit(1e-3, 100.0),
    "free_lr": Limit(1e-6, 100.0),
    "inner_steps": Limit(1, 100, whole=True),
    "inner_lr": Limit(1e-6, 1.0),
}
FOUND = {  # None: found from the slice
    "x": Limit(-1e4, 1e4),
    "y": Limit(-1e4, 1e4),
    "radius": Limit(1e-6, 1e4),
    "lr": Limit(1e-8, 1e5),
    "scale": Limit(1e-4, 1e3),
    **dict.fromkeys(("stopped", "first", "middle", "last"), Limit(0, 2000, whole=True)),
}
RATES = {"mlp": 0.1, "cnn": 0.05, "residual": 0.02, "plain": 0.02}  # that suit a model with SGD
DIGEST = re.compile("([0-9a-f]{16})?")
FRAME = 100  # records of a training at most, beside that of its first weights
NETWORK = (  # what the slice depends on: with another one, start, radius, lr and scale are found anew
    *("data", "samples", "noise", "corrupted", "model", "depth", "width", "activation", "channels", "blocks"),
    *("optimiser", "rate", "batch", "train_steps", "seed", "stopped", "plane", "plane_seed", "span", "side"),
    *("weights", "first", "middle", "last"),
)
CORNERS = ("first", "middle", "last")
ARCHITECTURE = ("data", "model", "depth", "width", "activation", "channels", "blocks")
PLANE_ONLY = ("stopped", "plane", "plane_seed", "span", "side", *CORNERS)  # no part of the training


@dataclass(frozen=True)
class Study:
    """A page of real losses.

    Args:
        data, samples, noise, corrupted: what is learned, and the share of wrong labels.
        model, depth, width, activation, channels, blocks: 'mlp' has depth, width and activation, 'cnn'
            channels, 'residual' and 'plain' (the same without skips) channels and blocks.
        optimiser, rate, batch, train_steps, seed: how it is trained; the seed is also that of the data.
        stopped: the step at which the training was stopped, or None.
        plane, plane_seed, span, side: the directions, their seed, the size of the picture in units of the
            plane's own domain, the points across it.
        first, middle, last: the steps of the training whose weights span the plane 'three', or None.
        x, y, radius, lr, steps, scale: the run on the slice.
        free: whether ball and points run in the full weight space as well, with these settings of their own:
        free_radius, free_lr, inner_steps, inner_lr, methods.
        under: whose network is shown below, one of WALKERS.
        weights: the digest of weights that were sent in a file, used instead of trained ones, or ''.

    Raises:
        ValueError: a setting is not admissible; the message names it and says what it may be.
    """

    data: str = "moons"
    samples: int = 200
    noise: float = 0.2
    corrupted: float = 0.2
    model: str = "mlp"
    depth: int = 2
    width: int = 16
    activation: str = "tanh"
    channels: int = 4
    blocks: int = 1
    optimiser: str = "sgd"
    rate: float = 0.1
    batch: int = 64
    train_steps: int = 400
    seed: int = 0
    stopped: int | None = None
    plane: str = "path"
    plane_seed: int = 0
    span: float = 1.0
    side: int = 51
    first: int | None = None
    middle: int | None = None
    last: int | None = None
    x: float | None = None
    y: float | None = None
    radius: float | None = None
    lr: float | None = None
    steps: int = 250
    scale: float | None = None
    free: bool = False
    free_radius: float = 1.0
    free_lr: float = 0.1
    inner_steps: int = 20
    inner_lr: float = 0.02
    methods: tuple[str, ...] = ()
    under: str = "ball"
    weights: str = ""

    def __post_init__(self) -> None:
        for name, choices in WORDS.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}, got {getattr(self, name)}")
        for name, limit in (LIMITS | FOUND).items():
            value = getattr(self, name)
            if not ((value is None and name in FOUND) or limit.holds(value)):
                raise ValueError(f"{name} must be {limit}, got {value}")
        if self.methods != tuple(name for name in METHODS if name in self.methods):
            raise ValueError(f"methods must be among {', '.join(METHODS)}, each once and in this order")
        if self.data in PLANAR and self.model != "mlp":
            raise ValueError(f"a CNN takes images, and {self.data} are points of the plane: choose an MLP")
        if not DIGEST.fullmatch(self.weights):
            raise ValueError(f"weights must be 16 hexadecimal digits or nothing, got {self.weights[:20]!r}")
        if self.weights and self.plane in ALONG_TRAINING:
            raise ValueError("weights from a file have no training path to span a plane: choose another one")

    landscape = "study"  # in the keys of its widgets

    @property
    def planar(self) -> bool:
        """Whether the data are points of the plane."""
        return self.data in PLANAR

    @property
    def end(self) -> int:
        """The last step that is trained, if it gets there."""
        return self.train_steps if self.stopped is None else min(self.stopped, self.train_steps)

    @property
    def corners(self) -> tuple[int, int, int]:
        """The steps whose weights span the plane 'three': by default the first, the middle, the last one."""
        usual = {"first": 0, "middle": self.end // 2, "last": self.end}
        asked = {name: getattr(self, name) for name in CORNERS}
        return tuple(usual[name] if step is None else min(step, self.end) for name, step in asked.items())

    def training(self) -> Training:
        """Its training, recorded up to a hundred times."""
        network = {
            "mlp": MLP(self.depth, self.width, self.activation),
            "cnn": CNN(self.channels),
            "residual": ResidualCNN(self.blocks, self.channels),
            "plain": ResidualCNN(self.blocks, self.channels, skips=False),
        }[self.model]
        noise = self.noise if self.planar else 0.0
        return Training(
            data=Data(self.data, self.samples, noise, self.seed, self.corrupted),
            network=network,
            seed=self.seed,
            optimiser=self.optimiser,
            lr=self.rate,
            batch=self.batch,
            steps=self.train_steps,
            record=-(-self.train_steps // FRAME),
        )

    def radii(self) -> Limit:
        """What a radius may be before the slice is known."""
        return FOUND["radius"]


def changed(study: Study, **settings: object) -> Study:
    """The study with other settings. What was chosen for one slice is not kept for another, nor a step at
    which one training was stopped for another; points of the plane get an MLP, another model
    the training rate that suits it, and weights from a file are for one network and have no path."""
    if settings.get("data") in PLANAR:
        settings["model"] = "mlp"
    model = settings.get("model", study.model)
    if model != study.model:
        settings = {"rate": RATES[model], "optimiser": "sgd"} | settings
    if any(settings.get(name, getattr(study, name)) != getattr(study, name) for name in ARCHITECTURE):
        settings = {"weights": ""} | settings
    if settings.get("weights"):
        settings = {"plane": "random", "under": "ball"} | settings
    names = [name for name, value in settings.items() if value != getattr(study, name)]
    if any(name in NETWORK for name in names):
        settings = dict.fromkeys(("x", "y", "radius", "lr", "scale")) | settings
    if any(name in NETWORK and name not in PLANE_ONLY for name in names):
        settings = dict.fromkeys(("stopped", *CORNERS)) | settings
    return replace(study, **settings)


def read(query: Mapping[str, str]) -> tuple[Study, tuple[str, ...]]:
    """The study of a link, and a sentence for each thing that the link says wrongly."""
    reading = Reading({name: text for name, text in query.items() if name not in address.FRAMES})
    plain = Study()
    found = {name: reading.word(name, getattr(plain, name), choices) for name, choices in WORDS.items()}
    found |= {name: reading.number(name, getattr(plain, name), limit) for name, limit in LIMITS.items()}
    found |= {name: reading.sought(name, limit) for name, limit in FOUND.items()}
    found["free"] = reading.word("free", "no", ("no", "yes")) == "yes"
    found["methods"] = reading.methods()
    if found["data"] in PLANAR and found["model"] != "mlp":
        reading.note("model", found["model"], "for images", "mlp")
        found["model"] = "mlp"
    found["weights"] = reading.query.pop("weights", "")
    if not DIGEST.fullmatch(found["weights"]):
        reading.note("weights", found["weights"], "not 16 hexadecimal digits", "a training")
        found["weights"] = ""
    if found["weights"] and found["plane"] in ALONG_TRAINING:
        if "plane" in query:
            reading.note("plane", found["plane"], "for trained weights", "random")
        found["plane"] = "random"
    reading.nothing_else()
    return Study(**found), tuple(reading.notes)


def write(study: Study) -> dict[str, str]:
    """The query of a link to a study; what is usual is left out."""
    plain, query = Study(), {}
    for field in fields(Study):
        value = getattr(study, field.name)
        if value == getattr(plain, field.name):
            continue
        if field.name == "methods":
            query["methods"] = ",".join(value)
        else:
            query[field.name] = "yes" if value is True else text_of(value)
    return query


def frames(study: Study) -> dict[str, Limit]:
    """What the player writes into the address."""
    return {address.STEP: Limit(0, study.steps, whole=True)}
