"""Claim 8: what adversarial training costs: clean accuracy, time, and norms and radii that it was not trained for."""

from __future__ import annotations

from collections.abc import Callable

from arena import roster
from arena.claims.bench import Bench, percent, shares
from arena.claims.claim import Claim, Evidence
from arena.engine import Model
from arena.engine.arrays import Array, Mask
from arena.streams import stream
from arena.threat import Ball
from arena.views import GradientView
from results import Bars, Chart, Criterion, Line, Lines, crossed, difference, exactly

NORMS = {"linf": "L∞", "l2": "L2", "l1": "L1"}
FACTORS = (1 / 3, 1 / 2, 2 / 3, 1, 4 / 3, 5 / 3, 2)
ELSEWHERE = (1 / 2, 4 / 3, 2)  # radii that networks are trained for too: half, a third more, double
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
    elsewhere = {label(ball): ball for ball in balls(bench)}
    trained = DEFENDERS["7 steps"]
    own = {name: bench.attacked("pgd", trained, ball, ball) for name, ball in elsewhere.items()}
    other = {name: bench.attacked("pgd", trained, ball) for name, ball in elsewhere.items()}
    plain = {name: bench.attacked("pgd", DEFENDERS["plain"], ball) for name, ball in elsewhere.items()}
    cost = {"plain": 1.0, **{name: 1 + gradients(bench, partner) for name, partner in PARTNERS.items()}}
    rows = [[name, percent(crossed(clean[name])), *map(percent, shares(stand[name]))] for name in DEFENDERS]
    curves = [Line.of(name, (0, *radii), [crossed(clean[name]), *shares(hits)]) for name, hits in stand.items()]
    return Evidence(
        criteria=(
            Criterion("clean accuracy lost to plain, 7 steps", difference(clean["plain"], clean["7 steps"]), above=0.0),
            Criterion("counted: gradients an update, 7 steps / plain", exactly(cost["7 steps"]), above=2.0, unit=""),
            *(gained(name, own[name], other[name]) for name in elsewhere),
        ),
        tables=[
            ("accuracy in % under pgd, by L∞ radius", ("trained with", "clean", *(f"{r:g}" for r in radii)), rows),
            (
                f"accuracy in % under pgd in other balls, 7 steps, trained for {label(bench.ball)} or for the ball of the attack",
                ("attacked in", "plain", f"trained for {label(bench.ball)}", "trained for it"),
                [[name, *(percent(crossed(by[name])) for by in (plain, other, own))] for name in elsewhere],
            ),
            (
                "gradients for each update of the weights, the sparring partner's and the update's own: what time goes into",
                ("trained with", "gradients"),
                [[name, f"{count:g}"] for name, count in cost.items()],
            ),
        ],
        chart=Chart(
            "What adversarial training costs, and what it guards that it was not trained for",
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
                    title="smaller and larger balls, other norms; 7 steps",
                    ylabel="accuracy under pgd, %",
                    labels=list(elsewhere),
                    series={
                        "plain": shares(list(plain.values())),
                        f"trained for {label(bench.ball)}": shares(list(other.values())),
                        "trained for the attack's ball": shares(list(own.values())),
                    },
                ),
            ],
            widths=(1.0, 1.3),
        ),
    )


def gained(ball: str, own: Mask, other: Mask) -> Criterion:
    """Do networks trained for the ball of the attack stand (seeds, points) where those trained for another do not."""
    return Criterion(f"{ball}: accuracy that training for it gains", difference(own, other), above=0.0)


def balls(bench: Bench) -> tuple[Ball, ...]:
    """Balls not trained for: smaller and larger than the radius r in L∞, r sqrt(d) / 2 in L2, r d / 6 in L1."""
    r, d = bench.ball.radius, bench.dataset.rows.x.shape[1]
    return *(bench.scaled(factor) for factor in ELSEWHERE), Ball(r * d**0.5 / 2, "l2"), Ball(r * d / 6, "l1")


def label(ball: Ball) -> str:
    """The ball's name in tables and figures."""
    return f"{NORMS[ball.norm]} {ball.radius:.3g}"


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
    statement="Adversarial training costs clean accuracy and time, and guards other norms and radii less than training for them.",
    measure=measure,
    otherwise="harder data, on which clean accuracy has more to lose; more seeds, to see a loss of a point; smaller radii need no"
    " training of their own where that for a larger one covers them",
)
