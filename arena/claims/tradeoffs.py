"""Claim 8: what adversarial training costs: clean accuracy, time, and norms and radii it was not trained for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from arena import roster
from arena.claims.bench import Bench, percent, shares
from arena.claims.claim import Claim, Evidence
from arena.engine import Model
from arena.engine.arrays import Array
from arena.streams import stream
from arena.threat import Ball
from arena.views import GradientView
from results import Bars, Chart, Criterion, Line, Lines, crossed, difference, exactly, mean

FACTORS = (1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2)
EPOCHS = 60
PARTNERS = {f"{s} step{'s' * (s > 1)}": f"pgd(steps={s}, stop_fooled=False)" for s in (1, 3, 7)}
DEFENDERS = {
    "plain": f"plain(epochs={EPOCHS})",
    **{name: f"adversarial-training(epochs={EPOCHS}, sparring='{partner}')" for name, partner in PARTNERS.items()},
}


def measure(bench: Bench) -> Evidence:
    """Clean accuracy, gradients an update, and accuracy at radii and in norms not trained for, by the partner's steps."""
    radii = [bench.scaled(k).radius for k in FACTORS]
    clean = {name: bench.clean(spec) for name, spec in DEFENDERS.items()}
    stand = {name: [bench.attacked("pgd", d, bench.scaled(k)) for k in FACTORS] for name, d in DEFENDERS.items()}
    at, twice = (stand["7 steps"][FACTORS.index(k)] for k in (1, 2))
    gains = {f"{ball.norm}, r = {ball.radius:.3g}": gain(bench, ball) for ball in balls(bench)}
    own, _, l1 = gains.values()
    cost = {"plain": 1.0, **{name: 1 + gradients(bench, partner) for name, partner in PARTNERS.items()}}
    rows = [[name, percent(crossed(clean[name])), *map(percent, shares(stand[name]))] for name in DEFENDERS]
    curves = [Line.of(name, (0, *radii), [crossed(clean[name]), *shares(hits)]) for name, hits in stand.items()]
    return Evidence(
        criteria=(
            Criterion("clean accuracy lost to plain, 7 steps", difference(clean["plain"], clean["7 steps"]), above=0.0),
            Criterion("gradients an update, 7 steps / plain", exactly(cost["7 steps"]), above=2.0, unit=""),
            Criterion("7 steps: accuracy lost from the trained radius to its double", difference(at, twice), above=0.2),
            Criterion("half of the gain on plain in L∞, less that in L1", mean(own / 2 - l1), above=0.0),
        ),
        tables=[
            ("accuracy in % under pgd, by L∞ radius", ("trained with", "clean", *(f"{r:g}" for r in radii)), rows),
            (
                "accuracy gained on plain, 7 steps, in %",
                ("under pgd in", "gain"),
                [[n, percent(mean(g))] for n, g in gains.items()],
            ),
            (
                "gradients for each update of the weights, the sparring partner's and the update's own: what time goes into",
                ("trained with", "gradients"),
                [[name, f"{count:g}"] for name, count in cost.items()],
            ),
        ],
        chart=Chart(
            "Adversarial training does not carry over to balls it was not trained for",
            [
                Lines(
                    title="other radii",
                    xlabel="L∞ radius",
                    ylabel="accuracy under pgd, %",
                    lines=curves,
                    percent=True,
                    mark=(bench.ball.radius, "trained for"),
                ),
                Bars(
                    title="other norms: gain on plain of training in L∞ (7 steps)",
                    ylabel="accuracy gained, %",
                    labels=list(gains),
                    series={"gain": [mean(g) for g in gains.values()]},
                ),
            ],
        ),
    )


def balls(bench: Bench) -> tuple[Ball, Ball, Ball]:
    """The trained ball, and one each in L2 and L1: of radius r sqrt(d) / 2 and r d / 6."""
    r, d = bench.ball.radius, bench.dataset.rows.x.shape[1]
    return bench.ball, Ball(r * d**0.5 / 2, "l2"), Ball(r * d / 6, "l1")


def gain(bench: Bench, ball: Ball) -> Array:
    """Where training with 7 steps stands and plain falls, less the other way round: (seeds, points) of -1, 0, 1."""
    robust, plain = (bench.attacked("pgd", DEFENDERS[name], ball) for name in ("7 steps", "plain"))
    return np.subtract(robust, plain, dtype=np.float64)


def gradients(bench: Bench, partner: str) -> float:
    """How many gradients a row the partner asks for, counted while it attacks a batch."""
    counting = Counting(bench.model("plain"))
    batch = bench.rules().deal.train[:64]
    roster.build("attackers", partner).move(GradientView(batch, bench.ball, counting), stream("gradients"))
    return counting.rows / len(batch)


class Counting:
    """A model that counts the rows it gives gradients of."""

    def __init__(self, model: Model) -> None:
        self._model, self.features, self.classes, self.rows = model, model.features, model.classes, 0

    def logits(self, x: Array) -> Array:
        """The model's logits."""
        return self._model.logits(x)

    def vjp(self, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """The model's, every row counted that is pulled back."""
        logits, pull = self._model.vjp(x)

        def counted(g: Array) -> Array:
            self.rows += len(g)
            return pull(g)

        return logits, counted


CLAIM = Claim(
    number=8,
    name="trade-offs",
    statement="Adversarial training costs clean accuracy and time, and does not carry over to other norms and radii.",
    measure=measure,
    otherwise="harder data, on which clean accuracy has more to lose; more seeds, to see a loss of a point",
)
