"""Attacks made for randomised ensembles: the expected loss, and one member after another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.draws import Draws, expected_loss_ascent
from agents.attackers.walks import walk
from arena.checks import whole
from arena.engine import CrossEntropy, Loss, Margin, Model, cosine
from arena.engine.arrays import Array, Indices, Labels, Mask, finite
from arena.engine.model import logits_of, vjp_of
from arena.moves import Perturbation
from arena.views import GradientView


@dataclass(frozen=True, kw_only=True)
class AdaptivePGD:
    """Ascent of the expected cross-entropy over a randomised model's draws (Pinot et al., 2020, arXiv:2002.11565).

    The usual evaluation of randomised ensembles, and a misleading one: members' gradients cancel where each alone is easy.
    On a single network it is PGD that is never content.
    """

    steps: int = 40
    restarts: int = 1

    def __post_init__(self) -> None:
        whole("steps", self.steps)
        whole("restarts", self.restarts)

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """Each restart's point of the greatest expected cross-entropy; of those the one with the greatest 0-1 loss."""
        draws, best = Draws(view), view.field.x
        for _ in range(self.restarts):
            found = expected_loss_ascent(draws, view.ball.uniform(view.field.x, rng), self.steps)
            best = np.where((draws.lost(found) >= draws.lost(best))[:, None], found, best)
        return Perturbation(best)


@dataclass(frozen=True, kw_only=True)
class Greedy:
    """One member after another, heaviest first, each added to those fooled already; kept where the expected 0-1 loss rises.

    After ARC (Dbouk & Shanbhag, 2022, arXiv:2206.06737), with an ascent of `steps` steps in place of its linear step, in turn
    along the wanted members' gradients, each of length one so that none drowns another, and along the smallest wanted
    margin. `sweeps` times over the members, from the clean point and then from `restarts` random ones.
    """

    steps: int = 20
    sweeps: int = 2
    restarts: int = 1

    def __post_init__(self) -> None:
        whole("steps", self.steps)
        whole("sweeps", self.sweeps)
        whole("restarts", self.restarts, least=0)

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """Each row's point with the greatest expected 0-1 loss."""
        draws = Draws(view)
        best = self.extended(draws, view.field.x)
        for _ in range(self.restarts):
            found = self.extended(draws, view.ball.uniform(view.field.x, rng))
            best = np.where((draws.lost(found) > draws.lost(best))[:, None], found, best)
        return Perturbation(best)

    def extended(self, draws: Draws, start: Array) -> Array:
        """The points that `start` (n, d) becomes, none of them worse for the attacker."""
        x = start.copy()
        for _ in range(self.sweeps):
            for k in range(len(draws.models)):
                fooled = draws.fooled(x)
                rows = np.flatnonzero(~fooled[k])
                if rows.size:
                    wanted = fooled[:, rows]
                    wanted[k] = True
                    x[rows] = self._climbed(draws, x[rows], rows, wanted)
        return x

    def _climbed(self, draws: Draws, x: Array, rows: Indices, wanted: Mask) -> Array:
        """Climb what every row's wanted members lose; the point of the greatest expected 0-1 loss, the start on a tie."""
        field, ball = draws.field[rows], draws.view.ball
        pace = walk(ball, field.x, [ball.radius * cosine(t / self.steps) for t in range(self.steps)])
        best, top = x.copy(), draws.lost(x, field)
        for step in range(pace.steps):
            g = _hardest(draws, x, field.y, wanted) if step % 2 else _together(draws, x, field.y, wanted)
            pace.step(step, x, g, out=x)
            value = draws.lost(x, field)
            better = value > top
            best[better], top[better] = x[better], value[better]
        return best


def _together(draws: Draws, x: Array, y: Labels, wanted: Mask) -> Array:
    """The sum of the wanted members' gradients of the cross-entropy, each divided by its L1 norm."""
    total = np.zeros_like(x)
    for model, rows in zip(draws.models, map(np.flatnonzero, wanted), strict=True):
        g = _slope(model, CrossEntropy(), x[rows], y[rows])
        length = np.abs(g).sum(axis=1, keepdims=True)
        total[rows] += g / np.where(length > 0, length, 1)
    return total


def _hardest(draws: Draws, x: Array, y: Labels, wanted: Mask) -> Array:
    """The gradient of each row's smallest wanted margin."""
    margins = [Margin().value_and_grad(logits_of(model, x), y)[0] for model in draws.models]
    hardest = np.where(wanted, np.stack(margins), np.inf).argmin(axis=0)
    g = np.zeros_like(x)
    for k, model in enumerate(draws.models):
        rows = np.flatnonzero(hardest == k)
        g[rows] = _slope(model, Margin(), x[rows], y[rows])
    return g


def _slope(model: Model, loss: Loss, x: Array, y: Labels) -> Array:
    if not len(x):
        return np.zeros_like(x)
    z, pull = vjp_of(model, x)
    return np.asarray(finite(np.asarray(pull(loss.value_and_grad(z, y)[1]))), np.float32)
