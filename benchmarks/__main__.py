"""python -m benchmarks: every figure that the project has set itself, as one table."""

from __future__ import annotations

from benchmarks import ironing_page, optimizers, playground, real_losses, rolling, slices, surfaces
from benchmarks.table import printed

print(printed("Rolling", rolling.rows()), flush=True)
print(printed("Playground", [*playground.rows(), playground.payload()]), flush=True)
print(printed("Ironing", ironing_page.rows()), flush=True)
print(printed("Real losses", real_losses.rows()), flush=True)
print(printed("Surfaces", surfaces.rows()), flush=True)
print(printed("Optimisers", optimizers.rows()), flush=True)
print(printed("Slices of neural networks", slices.rows()), flush=True)
