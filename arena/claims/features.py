"""Claim 13: what was learned: input gradients of plain and robust networks; training on robust against brittle features.

The two data sets are those of Ilyas et al. (2019, arXiv:1905.02175). Brittle: every training picture is pushed within the ball
until the plain network reads a random label, and gets that label. Robust: another picture is moved until the robust network's
hidden layer sees in it what it sees in a training picture, and gets that one's label.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from arena import roster
from arena.batch import Batch
from arena.claims.bench import Bench, percent, shares
from arena.claims.claim import Claim, Evidence
from arena.engine import CrossEntropy, Model, Sequential
from arena.engine.arrays import Array, Labels, Mask
from arena.evaluation import evaluate
from arena.streams import stream
from arena.threat import ThreatModel
from arena.views import DefenderView
from results import Bars, Chart, Criterion, Pictures, crossed, difference, mean

NETS = {"plain": "plain", "robust": "adversarial-training(epochs=60)"}
SETS = ("as they are", "robust features", "brittle features")
SHOWN, STEPS = 6, 60


def measure(bench: Bench) -> Evidence:
    """Pictures of both networks' gradients; accuracy, clean and attacked, of plain training on each of three data sets."""
    found = {name: [learned(bench, name, seed) for seed in range(bench.seeds)] for name in SETS}
    clean, attacked = ({name: np.stack([pair[k] for pair in pairs]) for name, pairs in found.items()} for k in (0, 1))
    usual, robust, brittle = SETS
    learns = learnt(bench)
    series = {"clean": shares(list(clean.values())), f"under pgd, r = {weak(bench):g}": shares(list(attacked.values()))}
    ways = {name: np.stack([towards(bench, spec, seed) for seed in range(bench.seeds)]) for name, spec in NETS.items()}
    rows = [[name, *(percent(curve[k]) for curve in series.values())] for k, name in enumerate(SETS)]
    return Evidence(
        criteria=(
            Criterion("clean accuracy from brittle features alone", crossed(clean[brittle]), above=learns),
            Criterion("clean accuracy from robust features alone", crossed(clean[robust]), above=learns),
            Criterion("attacked: gained by robust features", difference(attacked[robust], attacked[usual]), above=0.0),
            Criterion(
                "gradient's cosine: robust, less plain", mean(ways["robust"] - ways["plain"]), above=0.0, unit=""
            ),
        ),
        tables=[
            ("plain training on each set, tested on real points, in %", ("trained on", *series), rows),
            (
                "cosine of the input gradient with the way from the mean of the point's class to that of the runner-up",
                ("network", "cosine"),
                [[name, f"{mean(way).estimate:.3f}"] for name, way in ways.items()],
            ),
        ],
        chart=Chart(
            "What was learned: the gradient of a robust network shows what it reads, that of a plain one less",
            [
                pictures(bench),
                Bars(
                    title="plain training on one kind of features",
                    ylabel="accuracy on real points, %",
                    labels=SETS,
                    series=series,
                ),
            ],
            widths=(1.3, 1.0),
        ),
    )


def learnt(bench: Bench) -> float:
    """What counts as learnt: twice what naming the commonest label gets right, or half of what that leaves if it is less."""
    return min(2 * bench.commonest, (1 + bench.commonest) / 2)


def weak(bench: Bench) -> float:
    """The radius at which plain trainings are compared, a third of the usual one."""
    return bench.scaled(1 / 3).radius


def learned(bench: Bench, name: str, seed: int) -> tuple[Mask, Mask]:
    """Which test points (points,) a plain network reads right, clean and attacked, that was trained on one of the SETS."""
    rng, rules = stream("features", name, seed), bench.rules()
    train = rules.deal.train
    if name == SETS[1]:
        train = with_robust(train, bench.model(NETS["robust"], seed), rng)
    elif name == SETS[2]:
        train = with_brittle(train, bench, bench.model(NETS["plain"], seed), rng)
    view = DefenderView(train, bench.dataset.classes, ThreatModel(ball=bench.ball))
    model = roster.build("defenders", "plain").move(view, rng).model
    field = rules.deal.fields[0]
    judged = evaluate(model, field.x, field.y, roster.build("attackers", "pgd"), bench.scaled(1 / 3), seed=seed)
    return judged.clean, judged.attacked


def with_brittle(train: Batch, bench: Bench, model: Model, rng: Generator) -> Batch:
    """The rows pushed within the ball towards a random label each, under that label."""
    wanted, x = rng.integers(0, bench.dataset.classes, len(train)), train.x
    for k in range(STEPS):
        g = loss_gradient(model, x, wanted)
        step = np.float32(bench.ball.radius * (1 - k / STEPS) / 4)
        x = bench.ball.project(x - step * bench.ball.direction(g), train.x)
    return Batch(x, wanted)


def with_robust(train: Batch, model: Model, rng: Generator) -> Batch:
    """Other rows of the set, moved until the network's last hidden layer sees in them what it sees in the rows; their labels."""
    assert isinstance(model, Sequential)
    hidden = Sequential(model.layers[:-1])
    target, x = hidden.logits(train.x), train.x[rng.permutation(len(train))]
    for k in range(STEPS):
        seen, pull = hidden.vjp(x)
        g = pull(seen - target)
        length = np.maximum(np.linalg.norm(g, axis=1, keepdims=True), 1e-12)
        x = np.clip(x - np.float32(0.3 * (1 - k / STEPS)) * g / length, 0, 1).astype(np.float32)
    return Batch(x, train.y)


def loss_gradient(model: Model, x: Array, y: Labels) -> Array:
    """The gradient of the cross-entropy in the input."""
    logits, pull = model.vjp(x)
    return pull(CrossEntropy().value_and_grad(logits, y)[1])


def towards(bench: Bench, spec: str, seed: int) -> Array:
    """At each test point, the cosine of its gradient and the way from its class's mean to the runner-up's: (points,)."""
    rules, model = bench.rules(), bench.model(spec, seed)
    train, field = rules.deal.train, rules.deal.fields[0]
    each = np.eye(bench.dataset.classes, dtype=np.float32)[train.y].T  # (classes, rows)
    means = each @ train.x / np.maximum(each.sum(axis=1, keepdims=True), 1)
    z = model.logits(field.x).copy()
    z[np.arange(len(z)), field.y] = -np.inf
    way, g = means[z.argmax(axis=1)] - means[field.y], loss_gradient(model, field.x, field.y)
    lengths = np.linalg.norm(way, axis=1) * np.linalg.norm(g, axis=1)
    return (way * g).sum(axis=1).astype(np.float64) / np.maximum(lengths, 1e-30)


def pictures(bench: Bench) -> Pictures:
    """Some test points, and what would raise the loss of each network there: grey is nothing."""
    field, data = bench.rules().deal.fields[0], bench.dataset
    rows = np.unique(field.y, return_index=True)[1][:SHOWN]
    x, shape = field.x[rows], data.shape if data.pictured else (1, field.x.shape[1])
    shown = [x.reshape(-1, *shape)]
    for spec in NETS.values():
        g = loss_gradient(bench.model(spec), x, field.y[rows])
        most = np.maximum(np.abs(g).max(axis=1, keepdims=True), 1e-30)
        shown.append((0.5 + 0.5 * g / most).reshape(-1, *shape))
    return Pictures(
        title="what raises the loss: white adds, black takes away",
        images=shown,
        rows=("test point", *NETS),
        columns=[data.label(int(field.y[row])) for row in rows],
    )


CLAIM = Claim(
    number=13,
    name="features",
    statement="Robust networks learn other features, which their gradients show; brittle features alone suffice to learn.",
    measure=measure,
    otherwise="data with more pixels than these, where plain gradients are noisier; a robust network of more capacity",
)
