"""Table 1 of arXiv 2505.19527: by epochs, as the paper has it, and at equal gradients and equal wall time.

The rate of each method is the one with the best mean validation accuracy; what is reported is the accuracy on
images that neither trained nor chose. Equal gradients: all have spent what the ball spends in its epochs.
Equal wall time: the least of the methods' times for those gradients, each the mean over its rates and seeds.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from rbo.experiments.methods import METHODS
from rbo.experiments.training import Run, steps_per_epoch

Result = dict[str, Any]
Point = dict[str, float]
EQUALS = ("epochs", "gradients", "seconds")  # what is made equal
COLUMNS = (
    *("data", "model", "method", "equal", "at", "lr", "seeds", "diverged"),
    *("accuracy_mean", "accuracy_sd", "epochs_mean", "gradients_mean", "seconds_mean"),
)


def runs(
    data: str, models: Sequence[str], methods: Sequence[str], seeds: int, epochs: int, batch: int = 64
) -> list[Run]:
    """All runs of the table."""
    budget = epochs * steps_per_epoch(data, batch) * METHODS["rbo"].cost
    return [
        Run(data, model, method, lr, seed, epochs, budget, batch)
        for seed in range(seeds)
        for model in models
        for method in methods
        for lr in METHODS[method].rates
    ]


def table(results: Sequence[Result]) -> list[dict[str, Any]]:
    """One row for each model, method and kind of equality."""
    by_model: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        by_model[result["run"]["data"], result["run"]["model"]].append(result)
    rows = []
    for (data, model), some in by_model.items():
        by_method: dict[str, list[Result]] = defaultdict(list)
        for result in some:
            by_method[result["run"]["method"]].append(result)
        for equal, at in limits(by_method).items():
            for method, own in by_method.items():
                row = best(own, equal, at)
                rows.append({"data": data, "model": model, "method": METHODS[method].title, **row})
    return rows


def limits(by_method: dict[str, list[Result]]) -> dict[str, float]:
    """Where the methods of one model are compared."""
    any_run = next(iter(by_method.values()))[0]["run"]
    times = [
        statistics.mean(r["curve"][-1]["seconds"] for r in own if not r["diverged"])
        for own in by_method.values()
        if not all(r["diverged"] for r in own)
    ]
    return {"epochs": any_run["epochs"], "gradients": any_run["budget"], "seconds": min(times, default=0.0)}


def best(results: Sequence[Result], equal: str, at: float) -> dict[str, Any]:
    """The row of a method, at its best rate there."""
    by_rate: dict[float, list[Result]] = defaultdict(list)
    for result in results:
        by_rate[result["run"]["lr"]].append(result)
    reached = {lr: [reach(r, equal, at) for r in own] for lr, own in by_rate.items()}
    lr = max(reached, key=lambda rate: statistics.mean(p["valid"] for p in reached[rate]))
    points, own = reached[lr], by_rate[lr]
    tested = [p["test"] for p in points]
    return {
        "equal": equal,
        "at": round(at, 3),
        "lr": lr,
        "seeds": len(own),
        "diverged": sum(r["diverged"] for r in own),
        "accuracy_mean": round(statistics.mean(tested), 2),
        "accuracy_sd": round(statistics.stdev(tested), 2) if len(tested) > 1 else math.nan,
        **{f"{key}_mean": round(statistics.mean(p[name] for p in points), 3) for key, name in FIELDS.items()},
    }


FIELDS = {"epochs": "epoch", "gradients": "gradients", "seconds": "seconds"}


def reach(result: Result, equal: str, at: float) -> Point:
    """The last point of a curve that has spent no more than `at`; its first point if even that spent more."""
    within = [point for point in result["curve"] if point[FIELDS[equal]] <= at]
    return within[-1] if within else result["curve"][0]


def printed(rows: Sequence[dict[str, Any]]) -> str:
    """The table in text: methods down, what is made equal across."""
    cells: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for row in rows:
        spread = f" ± {row['accuracy_sd']:.2f}" if row["seeds"] > 1 else ""
        text = f"{row['accuracy_mean']:.2f}{spread} (lr {row['lr']:g})"
        cells[row["data"], row["model"], row["method"]][row["equal"]] = text
    lines = [f"{'':<44}" + "".join(f"{'equal ' + kind:<28}" for kind in EQUALS)]
    for (data, model, method), kinds in cells.items():
        lines.append(
            f"{data} {model} {method:<28}"[:44].ljust(44) + "".join(f"{kinds[k]:<28}" for k in EQUALS)
        )
    return "\n".join(line.rstrip() for line in lines)
