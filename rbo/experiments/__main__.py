"""python -m rbo.experiments table1 --data digits"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import BrokenExecutor
from pathlib import Path

from rbo.experiments import chart, table1, tasks
from rbo.experiments.methods import METHODS
from rbo.experiments.networks import NETWORKS
from rbo.experiments.sweep import executor, sweep


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rbo.experiments", description=__doc__)
    parser.add_argument("experiment", choices=["table1"])
    parser.add_argument("--data", choices=tasks.NAMES, default="digits")
    parser.add_argument("--models", nargs="+", choices=NETWORKS, default=["mlp"])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("results"), help="where results are kept")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes here")
    parser.add_argument("--scheduler", help="tcp://... of an existing Dask cluster")
    parser.add_argument(
        "--no-shared-folder",
        action="store_true",
        help="the cluster's workers do not see the folder of results",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    chosen = arguments(argv)
    for name in ("seeds", "epochs", "workers"):
        if getattr(chosen, name) < 1:
            raise ValueError(f"--{name} must be >= 1, got {getattr(chosen, name)}")
    folder = chosen.out / f"table1-{chosen.data}"
    runs = table1.runs(chosen.data, chosen.models, chosen.methods, chosen.seeds, chosen.epochs)
    with executor(chosen.scheduler, chosen.workers) as pool:
        results = sweep(runs, folder / "runs", pool, shared=not chosen.no_shared_folder)
    rows = table1.table(results)
    table1.write_csv(rows, folder / "table1.csv")
    for model in chosen.models:
        own = [r for r in results if r["run"]["model"] == model]
        (folder / f"{model}.svg").write_text(chart.curves(own, rows), encoding="utf-8")
    print(table1.printed(rows))
    print(f"\n{folder / 'table1.csv'}, " + ", ".join(str(folder / f"{m}.svg") for m in chosen.models))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ValueError as error:
        sys.exit(f"error: {error}")
    except BrokenExecutor as error:
        sys.exit(f"stopped, {error} What is done is kept; the same command goes on from there")
    except KeyboardInterrupt:
        sys.exit("stopped: what is done is kept; the same command goes on from there")
