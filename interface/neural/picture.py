"""What the page of real losses shows: the film on the slice with the projected paths, numbers, and text."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch

import rbo
from figures import Film, PointPath
from interface import compute, results
from interface.attempt import Work
from interface.neural import leaving, seeds
from interface.neural.leaving import Leaving, Shadow
from interface.neural.run import Run, run
from interface.neural.slicing import Cut, has_cut, slicing
from interface.neural.stories import STORIES
from interface.neural.study import Study
from interface.neural.wording import data, network
from interface.report import Report, report
from interface.stories import told_by
from interface.wording import number, percent


@dataclass(frozen=True)
class Picture:
    """A study and all that is shown of it.

    Args:
        experiment: the study.
        run: what rolls on its slice.
        film: with the projected paths.
        report: the numbers of the run.
        shadows: the paths that are projected: the training, and those in all weights where they are there.
        leaving: what the latter depend on.
        text: what there is to see.
        brief, caption: how true it is, in short and in full.
        notes: what was not done as asked.
    """

    experiment: Study
    run: Run
    film: Film
    report: Report
    shadows: tuple[Shadow, ...]
    leaving: Leaving
    text: str
    brief: str
    caption: str
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        """What is shown."""
        return self.film.title


def compose(study: Study, whole: bool) -> Picture:
    """The picture of a study."""
    found, notes = run(study)
    film, balls = compute.film(found, whole)
    free = leaving.leaving(study, found)
    shadows = () if study.weights else (leaving.training(found.slicing),)
    if study.free and leaving.has_shadows(free):
        shadows += leaving.shadows(free)
    paths = [projected(shadow, film) for shadow in shadows]
    film = replace(film, points=(*film.points, *(path for path in paths if path is not None)))
    numbers = in_own_steps(report(found, film, balls), shadows, film.frame_count)
    film = marked(study, film)
    cut = found.cut()
    learned, sentence = trained(study, cut), results.sentence(numbers)
    return Picture(
        experiment=study,
        run=found,
        film=film,
        report=numbers,
        shadows=shadows,
        leaving=free,
        text=f"{told(study)}\n\n{learned}" if told(study) else f"{learned} {dips(film)} {sentence}",
        brief=f"{brief(cut, shadows, film.frame_count - 1)}{at_ends(cut, numbers)}",
        caption=caption(cut, None if study.weights else shadows[0]),
        notes=notes + unseen(shadows, paths),
    )


def projected(shadow: Shadow, film: Film) -> PointPath | None:
    """A path as its shadow on the surface, with its true losses, as far as the picture reaches; None where it
    begins outside of it."""
    rows = records(shadow, film.frame_count)
    x, y = shadow.places[rows].T
    inside = (x >= film.x[0]) & (x <= film.x[-1]) & (y >= film.y[0]) & (y <= film.y[-1])
    inside &= np.isfinite(shadow.plane[rows]) & np.isfinite(shadow.losses[rows])
    if not inside[0]:
        return None
    end = len(rows) - 1 if inside.all() else int(inside.argmin()) - 1
    end = min(end, int(np.searchsorted(rows, shadow.end)))
    held = rows[np.minimum(np.arange(len(rows)), end)]
    left = "" if inside.all() else f" Its shadow leaves the picture at step {shadow.steps[rows[end]]}."
    contacts = np.column_stack([shadow.places[held], film.loss_scale * shadow.plane[held]])
    return PointPath(
        projection(shadow),
        contacts,
        shadow.losses[held],
        shadow.evaluations[held],
        end,
        f"{shadow.outcome}{left}",
    )


def records(shadow: Shadow, frames: int) -> np.ndarray:
    """Which record of a path each frame (frames,) shows: a training has as many as it likes, spread over the
    film."""
    return np.linspace(0, len(shadow.steps) - 1, frames).round().astype(int)


def projection(shadow: Shadow) -> str:
    """What a projected path is called."""
    return f"{shadow.name}, projected"


def in_own_steps(numbers: Report, shadows: tuple[Shadow, ...], frames: int) -> Report:
    """The numbers of a film of so many frames, each projected path counted in steps of its own."""
    own = {projection(shadow): shadow.steps[records(shadow, frames)] for shadow in shadows}
    points = (
        replace(run, end=int(own[run.name][run.end])) if run.name in own else run for run in numbers.points
    )
    return replace(numbers, points=tuple(points))


def unseen(shadows: tuple[Shadow, ...], paths: list[PointPath | None]) -> tuple[str, ...]:
    """A sentence for each path that the picture cannot show."""
    return tuple(
        f"The projection of '{shadow.name}' begins outside of this picture: it is not drawn."
        for shadow, path in zip(shadows, paths, strict=True)
        if path is None
    )


def trained(study: Study, cut: Cut) -> str:
    """A sentence on the training."""
    done, who = cut.trained, network(study)
    if study.weights:
        return (
            f"{who[0].upper()}{who[1:]} with weights from a file has a loss of "
            f"{number(float(done.losses[-1]))} on {data(study)}, and "
            f"{percent(float(done.held_accuracies[-1]))} of the samples held out are right."
        )
    return (
        f"{who[0].upper()}{who[1:]} learned {data(study)}: {done.outcome}, the loss went "
        f"from {number(float(done.losses[0]))} to {number(float(done.losses[-1]))}, and "
        f"{percent(float(done.held_accuracies[-1]))} of the samples held out are right."
    )


def marked(study: Study, film: Film) -> Film:
    """With the clean valley, a point that does not move, where the story of the study speaks of it."""
    name = told_by(study, STORIES)
    if name is None or not STORIES[name].marked:
        return film
    place, surface = seeds.valley(study), run(study)[0].surface()
    loss = float(surface(torch.tensor(place)))
    contacts = np.tile([*place, film.loss_scale * loss], (film.frame_count, 1))
    still = np.zeros(film.frame_count)
    where = "The lowest point of the loss with the true labels in this picture."
    point = PointPath(STORIES[name].marked, contacts, still + loss, still, 0, where)
    return replace(film, points=(*film.points, point))


def told(study: Study) -> str:
    """What the story says that this study tells, or ''."""
    name = told_by(study, STORIES)
    return STORIES[name].text(seeds.measure(study)) if name else ""


def dips(film: Film) -> str:
    """A sentence on how wrinkled the slice is."""
    count = rbo.local_minima(film.heights)
    if count == 0:
        return "In this picture its slice has no valley of its own: it falls to the edge."
    return f"In this picture its slice has {count} local {'minima' if count > 1 else 'minimum'}."


def brief(cut: Cut, shadows: tuple[Shadow, ...], steps: int) -> str:
    """What the plane is, and how far its projected paths can be trusted, in a film of so many steps."""
    held = ", ".join(f"{percent(s.whole)} of '{s.name}'" for s in shadows)
    if not held:
        return f"The plane is spanned by {cut.exact.plane.title}, and goes through the weights of the file."
    return (
        f"The plane is spanned by {cut.exact.plane.title}. It holds {held}; what is projected on it keeps "
        f"its true loss in the curves and the table. The {shadows[0].steps[-1]} steps of the training are "
        f"spread over the {steps} of the film. How far all this is from the plane is shown below."
    )


def at_ends(cut: Cut, numbers: Report) -> str:
    """Where ball and gradient descent end, the loss of the network beside that of the spline, or '' where no
    digit that is shown tells them apart."""
    runs = numbers.ball, numbers.descent
    places = torch.tensor([run.place for run in runs], dtype=torch.float64)
    true = [number(loss) for loss in cut.exact(places).tolist()]
    drawn = [number(run.loss) for run in runs]
    if drawn == true:
        return ""
    return (
        f" Ball and gradient descent run on a spline: where they end it is {' and '.join(drawn)}, the "
        f"network's own loss {' and '.join(true)}."
    )


def caption(cut: Cut, path: Shadow | None) -> str:
    """How true the picture is: the plane, the spline, and the shadow of the training, where there is one."""
    plane = cut.exact.plane
    lengths = (
        "so lengths in the picture are lengths in weight space"
        if plane.orthonormal
        else "so lengths in the picture are not lengths in weight space"
    )
    surface = (
        f"The plane is spanned by {plane.title}. {plane.note.rstrip('.')}, {lengths}. {cut.exact.evaluates} "
        f"Ball and gradient descent run on a spline through the loss at {len_of(cut)} points; wherever "
        f"it was tried, it is less than {at_most(cut.departure)} of the picture's height away from the loss."
    )
    if path is None:
        return surface
    k = int(np.abs(path.losses - path.plane).argmax())
    return (
        f"{surface} Of the squared distances of the training path from its start the plane holds "
        f"{percent(path.whole)}; drawn on it, the path seems to have a loss of "
        f"{number(float(path.plane[k]))} at step {path.steps[k]}, where the true one is "
        f"{number(float(path.losses[k]))}: that is the largest gap."
    )


def at_most(share: float) -> str:
    """A bound on a share, to one digit upwards, not finer than anybody sees."""
    hundredths = max(100 * share, 0.01)
    digit = 10.0 ** math.floor(math.log10(hundredths))
    return f"{math.ceil(hundredths / digit - 1e-9) * digit:g} %"


def len_of(cut: Cut) -> str:
    """The points of the spline."""
    n, m = (int(cells) + 1 for cells in cut.spline.formula.cells)
    return f"{n}×{m}"


def ready(study: Study) -> bool:
    """Whether all radii cost no time."""
    return has_cut(slicing(study)) and compute.has_family(run(study)[0])


WORK = Work(
    compose,
    ready=ready,
    prepare=lambda study: compute.balls(run(study)[0]),
    alone="the one ball that was asked for",
)
