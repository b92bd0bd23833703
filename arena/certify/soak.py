"""A soak of the certificates: random networks, certified points, and attacks inside the certified balls; not one may succeed.

python -m arena.certify.soak --points 1000000 --seed 0
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from numpy.random import Generator, default_rng

from arena.certify.proofs import Method, certify
from arena.engine import CrossEntropy, Sequential, mlp
from arena.engine.arrays import Array, Labels
from arena.threat import Ball, Norm

_METHODS: tuple[Method, ...] = ("crown", "intervals", "lipschitz")
_NORMS: tuple[Norm, ...] = ("linf", "l2", "l1")


def round_of(rng: Generator, rows: int = 400, steps: int = 15) -> tuple[int, int]:
    """One random network, norm, method and radius: (points certified, attacks that succeeded on them)."""
    sizes = (int(rng.integers(2, 30)), *rng.integers(2, 40, int(rng.integers(1, 4))).tolist(), int(rng.integers(2, 8)))
    model, x = mlp(sizes, rng=rng), rng.random((rows, sizes[0]), dtype=np.float32)
    y = model.logits(x).argmax(axis=1)
    norm, method = _NORMS[int(rng.integers(3))], _METHODS[int(rng.integers(3))]
    scale = {"linf": 0.1, "l2": 0.3, "l1": 0.8}[norm]
    ball = Ball(float(scale * rng.exponential()) + 1e-4, norm)
    kept = certify(model, x, y, ball, method=method).certified
    return int(kept.sum()), attacked(model, x[kept], y[kept], ball, rng, steps) if kept.any() else 0


def attacked(model: Sequential, x: Array, y: Labels, ball: Ball, rng: Generator, steps: int) -> int:
    """How many rows are misread at some point of an ascent, or at the farthest points along its gradients."""
    fooled, point = np.zeros(len(x), bool), ball.uniform(x, rng)
    for step in range(steps):
        z, pull = model.vjp(point)
        fooled |= z.argmax(axis=1) != y
        g = np.asarray(pull(CrossEntropy().value_and_grad(z, y)[1]), np.float32)
        far = ball.farthest(g, x)
        fooled |= model.logits(far).argmax(axis=1) != y
        point = ball.project(point + np.float32(2 / (step + 2)) * (far - point), x)
    return int(fooled.sum())


def main() -> None:
    """Run until so many certified points were attacked; exit with 1 at the first success."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    done, at = 0, 0
    while done < given.points:
        certified, broken = round_of(default_rng([given.seed, at]))
        if broken:
            sys.exit(f"unsound: round {at} of seed {given.seed}, {broken} of {certified} certified points fell")
        done, at = done + certified, at + 1
        if at % 100 == 0:
            sys.stderr.write(f"\r{done} certified points attacked in {at} rounds")
    sys.stdout.write(f"{done} certified points attacked in {at} rounds of seed {given.seed}: none fell\n")


if __name__ == "__main__":
    main()
