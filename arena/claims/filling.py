"""Balls around points of two classes, filled with noisy samples: which of them keep a hole, where the network misreads."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from arena import roster
from arena.batch import Batch
from arena.engine.arrays import Array, Mask
from arena.engine.model import Model
from arena.evaluation import evaluate
from arena.moves import Deployment
from arena.referee import hits
from arena.streams import stream
from arena.threat import Ball, ThreatModel
from arena.views import DefenderView

POINTS, UPDATES, DRAWS = 40, 1500, 1000


def with_hole(dimension: int, samples: int, seed: int, radius: float = 0.45) -> tuple[Mask, Mask]:
    """Which of the points have a hole (POINTS,), and which of the holes random draws do not find.

    The network was trained on `samples` draws from each point's ball, of that radius in least distances of two points; below
    a half the balls are disjoint: a network without holes exists.
    """
    from scipy.spatial.distance import pdist

    rng = stream("holes", dimension, samples, seed)
    points = Batch(spread(dimension, rng), np.arange(POINTS) % 2)
    ball = Ball(radius * float(pdist(points.x).min()), "l2", box=(-9.0, 9.0))
    model = trained(points, ball, samples, rng)
    attacker = roster.build("attackers", "pgd(steps=60, restarts=5)")
    judged = evaluate(model, points.x, points.y, attacker, ball, seed=seed)
    hole = judged.clean & ~judged.attacked
    unseen = hits(model, drawn(points, ball, DRAWS, rng)).reshape(DRAWS, POINTS).all(axis=0)
    return hole, hole & unseen


def drawn(points: Batch, ball: Ball, samples: int, rng: Generator) -> Batch:
    """So many draws from each point's ball, one set of all points after another; a call gives equal rows equal noise."""
    x = np.concatenate([ball.uniform(points.x, rng) for _ in range(samples)])
    return Batch(x, np.tile(points.y, samples))


def spread(dimension: int, rng: Generator) -> Array:
    """Points of the unit cube far from each other (POINTS, dimension): each next one is the farthest of many draws."""
    candidates = rng.random((50 * POINTS, dimension), dtype=np.float32)
    chosen = [0]
    nearest = np.full(len(candidates), np.inf)
    for _ in range(POINTS - 1):
        nearest = np.minimum(nearest, np.linalg.norm(candidates - candidates[chosen[-1]], axis=1))
        chosen.append(int(nearest.argmax()))
    return candidates[chosen][rng.permutation(POINTS)]


def trained(points: Batch, ball: Ball, samples: int, rng: Generator) -> Model:
    """A network trained on so many draws around each point, for about the same number of updates whatever their number."""
    rows = drawn(points, ball, samples, rng)
    epochs = -(-UPDATES // -(-len(rows) // 128))
    defender = roster.build("defenders", f"plain(hidden=(128, 128), epochs={epochs}, batch_size=128)")
    deployment: Deployment = defender.move(DefenderView(rows, 2, ThreatModel(ball=ball)), rng)
    return deployment.model
