"""python -m rbo.experiments table1 --data digits, and the maps: `rates` and `basins`."""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor
from pathlib import Path
from typing import Any

from rbo.experiments import chart, forgetting, picture, rates, table1, tasks
from rbo.experiments.methods import METHODS
from rbo.experiments.networks import NETWORKS
from rbo.experiments.sweep import UNREACHED, NoScheduler, executor, sweep


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rbo.experiments", description=__doc__)
    kinds = parser.add_subparsers(dest="experiment", required=True)
    table = kinds.add_parser("table1", help="the paper's table: methods by epochs and at equal cost")
    table.add_argument("--data", choices=tasks.NAMES, default="digits")
    table.add_argument("--models", nargs="+", choices=NETWORKS, default=["mlp"])
    table.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    table.add_argument("--seeds", type=int, default=5)
    table.add_argument("--epochs", type=int, default=10)
    grid = kinds.add_parser("rates", help="radius × learning rate, on a landscape or on a network")
    where = grid.add_mutually_exclusive_group()
    where.add_argument("--landscape", default="wrinkled_bowl")
    where.add_argument("--data", choices=tasks.NAMES, help="on a network that learns these")
    grid.add_argument("--model", choices=NETWORKS, default="mlp")
    grid.add_argument("--cells", type=int, default=16, help="a side of the map")
    grid.add_argument("--epochs", type=int, default=3, help="of a network")
    grid.add_argument("--steps", type=int, help="on a landscape; its own where left out")
    starts = kinds.add_parser("basins", help="distinct ends of a grid of starts, against the radius")
    starts.add_argument("--landscape", default="wrinkled_bowl")
    starts.add_argument("--starts", type=int, default=31, help="a side of the grid")
    starts.add_argument("--radii", type=int, default=8)
    starts.add_argument("--steps", type=int, help="of a run; the landscape's own where left out")
    for kind in (table, grid, starts):
        everywhere(kind)
    chosen = parser.parse_args(argv)
    for name in ("seeds", "epochs", "workers", "cells", "steps", "starts", "radii"):
        value = getattr(chosen, name, None)
        least = 2 if name in ("cells", "radii") else 1
        if value is not None and value < least:
            raise ValueError(f"--{name} must be >= {least}, got {value}")
    return chosen


def everywhere(parser: argparse.ArgumentParser) -> None:
    """Where it is computed and where the results go."""
    parser.add_argument("--out", type=Path, default=Path("results"), help="where results are kept")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes here")
    parser.add_argument("--scheduler", help="tcp://... of an existing Dask cluster")
    parser.add_argument(
        "--no-shared-folder",
        action="store_true",
        help="the cluster's workers do not see the folder of results",
    )


def main(argv: list[str] | None = None) -> int:
    chosen = arguments(argv)
    with executor(chosen.scheduler, chosen.workers) as pool:
        EXPERIMENTS[chosen.experiment](chosen, pool)
    return 0


def table(chosen: argparse.Namespace, pool: Executor) -> None:
    """Table 1 as a CSV file and a chart for each model."""
    folder = chosen.out / f"table1-{chosen.data}"
    runs = table1.runs(chosen.data, chosen.models, chosen.methods, chosen.seeds, chosen.epochs)
    results = sweep(runs, folder / "runs", pool, shared=not chosen.no_shared_folder)
    rows = table1.table(results)
    write_csv(table1.COLUMNS, rows, folder / "table1.csv")
    for model in chosen.models:
        own = [r for r in results if r["run"]["model"] == model]
        (folder / f"{model}.svg").write_text(chart.curves(own, rows), encoding="utf-8")
    print(table1.printed(rows))
    print(f"\n{folder / 'table1.csv'}, " + ", ".join(str(folder / f"{m}.svg") for m in chosen.models))


def grid(chosen: argparse.Namespace, pool: Executor) -> None:
    """A map of radius × rate as a CSV file and a picture."""
    name = f"{chosen.data}-{chosen.model}" if chosen.data else chosen.landscape
    folder, shared = chosen.out / f"rates-{name}", not chosen.no_shared_folder
    if chosen.data:
        runs = rates.network_runs(chosen.data, chosen.model, chosen.cells, chosen.epochs)
        rows = rates.on_network(sweep(runs, folder / "runs", pool, shared=shared))
    else:
        strips = rates.landscape_runs(name, chosen.cells, chosen.steps)
        rows = rates.on_landscape(sweep(strips, folder / "runs", pool, rates.roll_strip, shared))
    save(folder / "rates", rates.COLUMNS, rows, picture.cells(rows, f"{name}: where runs end"))
    print(rates.told(rows))
    print(f"\n{folder / 'rates.csv'}, {folder / 'rates.svg'}")


def starts(chosen: argparse.Namespace, pool: Executor) -> None:
    """The number of distinct ends as a CSV file and a picture."""
    folder, shared = chosen.out / f"basins-{chosen.landscape}", not chosen.no_shared_folder
    runs = forgetting.runs(chosen.landscape, chosen.starts, chosen.radii, chosen.steps)
    rows = sweep(runs, folder / "runs", pool, forgetting.ends, shared)
    title = f"{chosen.landscape}: what is left of {chosen.starts}² starts"
    save(folder / "basins", forgetting.COLUMNS, rows, picture.counts(rows, title))
    for row in rows:
        print("  ".join(f"{name} {row[name]}" for name in forgetting.COLUMNS))
    print(f"\n{folder / 'basins.csv'}, {folder / 'basins.svg'}")


EXPERIMENTS = {"table1": table, "rates": grid, "basins": starts}


def save(file: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]], drawn: str) -> None:
    """The rows and their picture, files of one name."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_csv(columns, rows, file.with_suffix(".csv"))
    file.with_suffix(".svg").write_text(drawn, encoding="utf-8")


def write_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]], file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NoScheduler as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(UNREACHED)
    except ValueError as error:
        sys.exit(f"error: {error}")
    except BrokenExecutor as error:
        sys.exit(f"stopped, {error} What is done is kept; the same command goes on from there")
    except KeyboardInterrupt:
        sys.exit("stopped: what is done is kept; the same command goes on from there")
