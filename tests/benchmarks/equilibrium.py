"""How fast games are solved: the most even equilibrium of large and of many games, and the doubt about a small one.

python -m tests.benchmarks.equilibrium [--rounds 5]

Gaussian games and degenerate ones of payoffs -1, 0, 1. Times are medians over interleaved rounds of one run.
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np

from results import Payoff, doubt, solve
from tests.benchmarks.timing import report, rounds


def main() -> None:
    """Solve, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    rng = np.random.default_rng(0)
    many = [rng.normal(size=rng.integers(1, 15, size=2)) for _ in range(500)]
    losses = rng.random((9, 9, 3, 500)) < rng.random((9, 9, 1, 1))
    names = tuple(map(str, range(9)))
    unsure = Payoff(losses.mean(axis=(2, 3)), names, names, losses=losses)
    contenders = {
        "200 × 200, gaussian": partial(solve, rng.normal(size=(200, 200))),
        "200 × 200, degenerate": partial(solve, rng.integers(-1, 2, size=(200, 200))),
        "500 games up to 14 × 14": lambda: [solve(game) for game in many],
        "doubt, 9 × 9, 1000 draws": partial(doubt, unsure),
    }
    report("equilibria", rounds(contenders, options.parse_args().rounds))
    print(f"  largest gap of the 500: {max(solve(game).gap for game in many):.1e}")


if __name__ == "__main__":
    main()
