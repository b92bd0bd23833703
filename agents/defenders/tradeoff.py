"""Adversarial trainings beyond the min-max loop: TRADES, free, fast, and in the weights too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.attackers.pgd import PGD
from agents.defenders.descent import descended
from agents.defenders.recipe import Recipe, seen
from arena.batch import Batch
from arena.checks import not_negative, positive, whole
from arena.engine import Adam, CrossEntropy, Loss, Objective, Sequential, cosine, fit, mlp
from arena.engine.arrays import Array, Labels
from arena.engine.parameters import Flat, weight_gradients
from arena.errors import InvalidValue
from arena.moves import Deployment
from arena.views import DefenderView, GradientView

_COLLAPSE = (
    0.5  # of the best accuracy under PGD so far, and of that under single steps: below, they no longer find the maximum
)


@dataclass(frozen=True)
class Tradeoff(Loss):
    """CE(z) + beta KL(p || p') for logits stacked as [z; z'] (2n, classes), labels likewise; each half counts n times two."""

    beta: float

    def value_and_grad(self, z: Array, y: Labels) -> tuple[Array, Array]:
        """Values and gradients of both halves; the mean over 2n rows is the mean over n of the whole."""
        n, two = len(z) // 2, z.dtype.type(2)
        values, g = CrossEntropy().value_and_grad(z[:n], y[:n])
        log_p, log_q = (half - _log_sum(half) for half in (z[:n], z[n:]))
        p, q = np.exp(log_p), np.exp(log_q)
        divergence = (p * (log_p - log_q)).sum(axis=1)
        beta = z.dtype.type(self.beta)
        clean = g + beta * p * (log_p - log_q - divergence[:, None])
        return two * np.concatenate([values, beta * divergence]), two * np.concatenate([clean, beta * (q - p)])


@dataclass(frozen=True)
class Divergence(Loss):
    """KL(p || softmax(z)) from fixed probabilities p (n, classes), given as labels; up to a constant."""

    def value_and_grad(self, z: Array, y: Labels | Array) -> tuple[Array, Array]:
        """Cross-entropy to p, and softmax(z) - p."""
        log_q = z - _log_sum(z)
        p: Array = np.asarray(y, z.dtype)
        return -(p * log_q).sum(axis=1), np.exp(log_q) - p


@dataclass(frozen=True, kw_only=True)
class TRADES(Recipe):
    """Clean cross-entropy, plus `beta` times how far predictions move within the ball (Zhang et al., 2019, arXiv:1901.08573)."""

    epochs: int = 60
    beta: float = 6.0
    steps: int = 7

    def __post_init__(self) -> None:
        super().__post_init__()
        not_negative("beta", self.beta)
        whole("steps", self.steps)

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network that answers alike across the ball."""
        ball, loss = view.threat.ball, Tradeoff(self.beta)

        def gradient(model: Sequential, x: Array, y: Labels, own: Generator, progress: float, out: Flat) -> None:
            objective, z = Objective(model, Divergence()), model.logits(x)
            objective.at(np.exp(z - _log_sum(z)))
            near = ball.project(x + np.float32(1e-3) * own.standard_normal(x.shape, dtype=np.float32), x)
            for _ in range(self.steps):
                _, _, g = objective(near)
                near = ball.project(near + np.float32(2.5 * ball.radius / self.steps) * ball.direction(g), x)
            weight_gradients(model, np.concatenate([x, near]), np.concatenate([y, y]), loss, None, out)

        return Deployment(descended(self, view, rng, gradient))


@dataclass(frozen=True, kw_only=True)
class FreeAdversarialTraining(Recipe):
    """Every batch `replays` times, the perturbation kept and moved on each time (Shafahi et al., 2019, arXiv:1904.12843)."""

    epochs: int = 20
    replays: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("replays", self.replays)

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network trained on perturbations that come almost for free."""
        ball, shift = view.threat.ball, np.zeros((self.batch_size, view.train.x.shape[1]), np.float32)

        def gradient(model: Sequential, x: Array, y: Labels, own: Generator, progress: float, out: Flat) -> None:
            near = ball.project(x + shift[: len(x)], x)
            weight_gradients(model, near, y, CrossEntropy(), None, out)
            objective = Objective(model, CrossEntropy())
            objective.at(y)
            step = np.float32(ball.radius) * ball.direction(objective(near)[2])
            shift[: len(x)] = ball.project(near + step, x) - x

        return Deployment(descended(self, view, rng, gradient, self.replays))


@dataclass(frozen=True, kw_only=True)
class FastAdversarialTraining(Recipe):
    """One step of 1.25 radii from a random start (Wong et al., 2020, arXiv:2001.03994), with an alarm.

    After every epoch PGD attacks some training rows. Where their accuracy falls to half of the best so far, and to half of what
    single steps leave, the training has overfitted to those (arXiv:2001.03994, section 5): it stops, the best network so far
    is deployed, and the deployment's note says so.
    """

    epochs: int = 60

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network trained on single steps, as it was before they stopped helping."""
        rows, ball = seen(view), view.threat.ball
        network = mlp((rows.x.shape[1], *self.hidden, view.classes), rng=rng)
        watched = rows[rng.permutation(len(rows))[:256]]

        def stepped(model: Sequential, x: Array, y: Labels, own: Generator) -> Array:
            start = ball.uniform(x, own)
            g = GradientView(Batch(x, y), ball, model).gradient(start, y)
            return ball.project(start + np.float32(1.25 * ball.radius) * ball.direction(g), x)

        best, keep, note = -1.0, network, ""
        try:
            for progress in fit(
                network, rows.x, rows.y, rng=rng, epochs=self.epochs, batch_size=self.batch_size, schedule=cosine,
                optimiser=Adam(learning_rate=self.learning_rate, weight_decay=self.weight_decay), change=stepped,
            ):  # fmt: skip
                shown = GradientView(watched, ball, progress.model)
                accuracy = _accuracy(progress.model, PGD(steps=10).move(shown, rng).x, watched.y)
                single = _accuracy(progress.model, stepped(progress.model, watched.x, watched.y, rng), watched.y)
                if accuracy < _COLLAPSE * min(best, single):
                    note = f"catastrophic overfitting in epoch {progress.epoch}: the best network before it is deployed"
                    break
                if accuracy >= best:
                    best, keep = accuracy, progress.model
        except ValueError as error:
            raise InvalidValue(str(error)) from error
        return Deployment(keep, note=note)


@dataclass(frozen=True, kw_only=True)
class AdversarialWeightPerturbation(Recipe):
    """Adversarial training whose weights are attacked too (Wu et al., 2020, arXiv:2004.05884).

    The gradient is taken where every layer's weights have moved by `strength` of their norm, uphill.
    """

    epochs: int = 60
    steps: int = 7
    strength: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("steps", self.steps)
        positive("strength", self.strength)

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """A network in a flat place of its adversarial loss."""
        ball, partner = view.threat.ball, PGD(steps=self.steps, stop_fooled=False)

        def gradient(model: Sequential, x: Array, y: Labels, own: Generator, progress: float, out: Flat) -> None:
            near = partner.move(GradientView(Batch(x, y), ball, model), own).x
            weight_gradients(model, near, y, CrossEntropy(), None, out)
            weights = [p for layer in model.params for p in layer]
            before = [p.copy() for p in weights]
            for p, g in zip(weights, (g for layer in out.views for g in layer), strict=True):
                length = np.linalg.norm(g)
                p[...] += np.float32(self.strength * np.linalg.norm(p) / length if length > 0 else 0) * g
            weight_gradients(model, near, y, CrossEntropy(), None, out)
            for p, old in zip(weights, before, strict=True):
                p[...] = old

        return Deployment(descended(self, view, rng, gradient))


def _log_sum(z: Array) -> Array:
    top = z.max(axis=1, keepdims=True)
    return top + np.log(np.exp(z - top).sum(axis=1, keepdims=True))


def _accuracy(model: Sequential, x: Array, y: Labels) -> float:
    return float((model.logits(x).argmax(axis=1) == y).mean())
