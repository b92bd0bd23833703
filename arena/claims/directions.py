"""Claim 2: the right direction flips the label, a random one of the same size does not."""

from __future__ import annotations

import numpy as np

from arena.claims.bench import Bench, percent, shares
from arena.claims.claim import Claim, Evidence
from arena.engine import CrossEntropy
from arena.engine.arrays import Array
from results import Chart, Criterion, Line, Lines, Surface, crossed, difference

FACTORS = (1 / 6, 1 / 3, 2 / 3, 1, 4 / 3, 2)
DIRECTIONS = {"chosen: pgd": "pgd", "random: noise": "noise"}


def measure(bench: Bench) -> Evidence:
    """Accuracy of the plain network against the radius, for both; the loss surface around the test points."""
    radii = [bench.scaled(k).radius for k in FACTORS]
    stand = {name: [bench.attacked(a, "plain", bench.scaled(k)) for k in FACTORS] for name, a in DIRECTIONS.items()}
    chosen, random = (hits[FACTORS.index(1)] for hits in stand.values())
    clean = bench.clean("plain")
    curves = {name: shares(hits) for name, hits in stand.items()}
    criteria = (
        Criterion(
            f"accuracy lost to the chosen direction, r = {bench.ball.radius}",
            difference(clean, chosen),
            above=0.5,
        ),
        Criterion(f"accuracy lost to random noise, r = {bench.ball.radius}", difference(clean, random), below=0.05),
    )
    rows = [[f"{r:g}", *(percent(curve[k]) for curve in curves.values())] for k, r in enumerate(radii)]
    start = crossed(clean)
    lines = [Line.of(name, (0, *radii), [start, *curve]) for name, curve in curves.items()]
    return Evidence(
        criteria=criteria,
        tables=[("accuracy in % of the plain network", ("L∞ radius", *DIRECTIONS), rows)],
        chart=Chart(
            "A tiny change in the right direction flips the label, a random one does not",
            [
                Lines(
                    title="accuracy against the size of the change",
                    xlabel="L∞ radius",
                    ylabel="accuracy, %",
                    lines=lines,
                    percent=True,
                ),
                surface(bench),
            ],
        ),
    )


def surface(bench: Bench) -> Surface:
    """The mean loss over the test points, along each point's gradient sign and along a random sign vector."""
    field, model = bench.rules().deal.fields[0], bench.model("plain")
    logits, pull = model.vjp(field.x)
    along = np.sign(pull(CrossEntropy().value_and_grad(logits, field.y)[1]))
    random = np.random.default_rng(0).choice(np.array([-1, 1], np.float32), field.x.shape)
    steps = np.linspace(-0.3, 0.3, 25, dtype=np.float32)

    def loss(a: np.float32, b: np.float32) -> float:
        z: Array = model.logits(field.x + a * along + b * random)
        return float(CrossEntropy()(z, field.y).mean())

    return Surface(
        title="mean loss of the same network around its test points",
        xlabel="along the gradient's sign, change of a pixel",
        ylabel="along random signs, change of a pixel", zlabel="cross-entropy",
        x=steps, y=steps, z=np.array([[loss(a, b) for a in steps] for b in steps]),
    )  # fmt: skip


CLAIM = Claim(
    number=2,
    name="directions",
    statement="A tiny change in the right direction flips the label; a random one of the same size does not.",
    measure=measure,
    otherwise="a larger radius, or a network that is not already robust at this one",
)
