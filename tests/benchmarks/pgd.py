"""How fast PGD is: against the same matrix products bare, with fooled rows dropped, and against a PyTorch loop.

python -m tests.benchmarks.pgd [--data digits-of-yours.npz]

An .npz gives `x` (n, 784) pixels and `y`; without one, 784-dimensional clusters stand in. All ratios are medians over
interleaved rounds of one run.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.random import default_rng
from threadpoolctl import threadpool_info

from agents.attackers import PGD
from arena.batch import Batch
from arena.data import Dataset, read_npz
from arena.engine import Dense, Sequential, fit, fitted, mlp
from arena.engine.threads import cores, one_blas_thread, over_chunks
from arena.threat import Ball
from arena.views import GradientView
from tests.benchmarks.bare_loop import bare_pgd
from tests.benchmarks.timing import ratio, repeated, report, rounds
from tests.benchmarks.torch_loop import torch_pgd

RADIUS, STEPS, CALLS = 0.3, 40, 100


def clusters(n: int = 3000, features: int = 784) -> Dataset:
    """Ten overlapping clusters in the box."""
    rng = default_rng(0)
    y = rng.integers(0, 10, n)
    centres = np.where(rng.random((10, features)) < 0.2, rng.random((10, features)), 0)
    return Dataset.of("clusters", np.clip(centres[y] + 0.2 * rng.standard_normal((n, features)), 0, 1), y)


def bare_products(model: Sequential, x: np.ndarray, steps: int) -> Callable[[], None]:
    """The matrix products of a PGD run and nothing else, in the same chunks and threads."""
    weights = [layer.W for layer in model.layers if isinstance(layer, Dense)]
    backward = [np.ascontiguousarray(W.T) for W in weights]

    def chunk(part: slice) -> None:
        rows = x[part]
        up = [np.empty((len(rows), W.shape[1]), np.float32) for W in weights]
        down = [np.empty((len(rows), W.shape[0]), np.float32) for W in weights]
        for step in range(steps + 1):
            h = rows
            for W, out in zip(weights, up, strict=True):
                h = np.dot(h, W, out)
            for W, out in zip(backward[::-1] if step < steps else (), down[::-1], strict=False):
                h = np.dot(h, W, out)

    return lambda: over_chunks(len(x), chunk)


def big(data: Dataset) -> None:
    """784-256-256-10, batch 1000, all cores."""
    rows = data.rows[:2000]
    rng = default_rng(0)
    model = fitted(fit(mlp((rows.x.shape[1], 256, 256, 10), rng=rng), rows.x, rows.y, rng=rng, epochs=8))
    view = GradientView(data.rows[-1000:], Ball(RADIUS), model)
    every = PGD(steps=STEPS, stop_fooled=False)
    contenders: dict[str, Callable[[], object]] = {
        "matrix products alone": bare_products(model, view.field.x, STEPS),
        "PGD-40, all steps": lambda: every.move(view, default_rng(0)),
        "PGD-40, fooled rows dropped": lambda: PGD(steps=STEPS).move(view, default_rng(0)),
    }
    torch = torch_pgd(model, view.field.x, view.field.y, RADIUS, STEPS, cores())
    if torch:
        contenders["PGD-40 in PyTorch"] = torch
    seconds = rounds(contenders)
    report(f"784-256-256-10, batch 1000, {cores()} threads, L∞ {RADIUS}, data {data.name}", seconds)
    every_step, dropped = "PGD-40, all steps", "PGD-40, fooled rows dropped"
    print(
        f"  products / PGD                {ratio(seconds, 'matrix products alone', every_step):9.2f}  (at least 0.75)"
    )
    print(f"  all steps / dropped           {ratio(seconds, every_step, dropped):9.2f}  (at least 4)")
    if torch:
        print(f"  PyTorch / PGD                 {ratio(seconds, 'PGD-40 in PyTorch', every_step):9.2f}  (at least 1.2)")


def small() -> None:
    """PGD-20 on 64-32-10 at batch 1 and 32, one thread: overhead decides, so each turn is many calls, caches warm."""
    model, rng = mlp((64, 32, 10), rng=default_rng(0)), default_rng(3)
    attack = PGD(steps=20, stop_fooled=False)
    for n in (1, 32):
        field = Batch(default_rng(1).random((n, 64), dtype=np.float32), default_rng(2).integers(0, 10, n))
        view = GradientView(field, Ball(0.1), model)
        contenders: dict[str, Callable[[], object]] = {
            "PGD-20": lambda view=view: attack.move(view, rng),
            "bare NumPy calls": bare_pgd(model, field.x, field.y, 0.1, 20),
        }
        torch = torch_pgd(model, field.x, field.y, 0.1, 20, 1)
        if torch:
            contenders["PGD-20 in PyTorch"] = torch
        with one_blas_thread():
            seconds = rounds({name: repeated(run, CALLS) for name, run in contenders.items()}, n=31)
        report(f"64-32-10, batch {n}, one thread, {CALLS} calls", seconds)
        for name in list(contenders)[:2] if torch else ():
            print(f"  PyTorch / {name:<19} {ratio(seconds, 'PGD-20 in PyTorch', name):9.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="an .npz with x (n, 784) and y")
    given = parser.parse_args().data
    kernels = {library["architecture"] for library in threadpool_info() if library["internal_api"] == "openblas"}
    print(f"{os.cpu_count()} processors, NumPy {np.__version__}, kernels {', '.join(sorted(kernels)) or 'unknown'}")
    big(read_npz(given) if given else clusters())
    small()
