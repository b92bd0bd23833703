"""Claim 1: dropout's next layer gets too much at test time by 1 / keep; both solutions repair it; no neuron is relied on."""

from __future__ import annotations

import numpy as np

from arena.claims.bench import Bench, percent, shares
from arena.claims.claim import Claim, Evidence
from arena.engine import Adam, Dense, Dropout, ReLU, Sequential, cosine, fit, fitted
from arena.engine.arrays import Array, Mask
from arena.streams import stream
from results import Bars, Chart, Criterion, Interval, Line, Lines, difference, mean

RATE, WIDTH, MASKS, DRAWS = 0.5, 128, 300, 10
REMOVED = (0.0, 0.2, 0.4, 0.5, 0.6, 0.8)
NETS = {"plain": f"plain(hidden=({WIDTH},))", "dropout": f"dropout(hidden=({WIDTH},), rate={RATE})"}


def measure(bench: Bench) -> Evidence:
    """What the layer after dropout is fed at test time, in units of training; accuracy as hidden neurons are removed."""
    fed = too_much(bench)
    stand = {name: [without(bench, net, share) for share in REMOVED] for name, net in NETS.items()}
    half, vital = REMOVED.index(0.5), difference(stand["dropout"][0], without_the_worst(bench, NETS["dropout"]))
    curves = {name: shares(found) for name, found in stand.items()}
    rows = [[name, *map(percent, curve)] for name, curve in curves.items()]
    bounds = {"nothing done": 1 / (1 - RATE), "times keep at test": 1.0, "divided by keep in training": 1.0}
    return Evidence(
        criteria=(
            *(
                Criterion(f"fed at test / in training: {name}", fed[name], above=0.95 * b, below=1.05 * b, unit="")
                for name, b in bounds.items()
            ),
            Criterion(
                "half of the neurons removed: accuracy gained by dropout",
                difference(stand["dropout"][half], stand["plain"][half]),
                above=0.0,
            ),
            Criterion("the worst neuron removed: accuracy lost with dropout", vital, below=0.05),
        ),
        tables=[
            (
                "accuracy in % with a share of the hidden neurons removed at random",
                ("net", *(f"{100 * share:g} %" for share in REMOVED)),
                rows,
            )
        ],
        chart=Chart(
            "Dropout needs its rescaling, and no neuron can be relied on",
            [
                Bars(
                    title=f"input of the next layer at test time, training = 1 (keep = {1 - RATE:g})",
                    ylabel="ratio",
                    labels=list(fed),
                    series={"ratio": list(fed.values())},
                    scale=1,
                ),
                Lines(
                    title="hidden neurons removed at random",
                    xlabel="neurons removed, %",
                    ylabel="accuracy, %",
                    percent=True,
                    lines=[Line.of(name, [100 * share for share in REMOVED], curve) for name, curve in curves.items()],
                ),
            ],
        ),
    )


def too_much(bench: Bench) -> dict[str, Interval]:
    """For each of three ways: what the last layer is fed at test time, over its mean in training, at each test point."""
    late, early = (
        [trained(bench, s, Dropout(RATE, inverted=way)) for s in range(bench.seeds)] for way in (False, True)
    )
    ways = {
        "nothing done": (late, False),
        "times keep at test": (late, True),
        "divided by keep in training": (early, True),
    }
    return {
        name: mean(np.stack([ratio(bench, net, repaired) for net in nets])) for name, (nets, repaired) in ways.items()
    }


def trained(bench: Bench, seed: int, drop: Dropout) -> Sequential:
    """A network of one hidden layer and that dropout behind it."""
    rng, train = stream("dropout", seed, drop), bench.rules().deal.train
    layers = Dense.he(train.x.shape[1], WIDTH, rng), ReLU(), drop, Dense.he(WIDTH, bench.dataset.classes, rng)
    return fitted(
        fit(
            Sequential(layers),
            train.x,
            train.y,
            rng=rng,
            epochs=30,
            optimiser=Adam(learning_rate=2e-3),
            schedule=cosine,
        )
    )


def ratio(bench: Bench, net: Sequential, repaired: bool) -> Array:
    """The projection of the last layer's input at test time on its mean over training masks, as a multiple of it: (points,)."""
    drop, last = net.layers[2], net.layers[3]
    h = hidden(net, bench.rules().deal.fields[0].x)
    W, rng = last.params[0], stream("masks")
    training = sum(drop.forward((), h, rng) for _ in range(MASKS)) @ W / MASKS
    test = (drop.forward((), h) if repaired else h) @ W
    return np.asarray((test * training).sum(axis=1) / np.square(training).sum(axis=1))


def hidden(net: Sequential, x: Array) -> Array:
    """The hidden neurons' values at rows x: (n, WIDTH)."""
    return Sequential(net.layers[:2]).logits(x)


def without(bench: Bench, net: str, share: float) -> Array:
    """How often each point is read right with that share of the hidden neurons removed: (seeds, points) means over draws."""
    field, right = bench.rules().deal.fields[0], []
    for seed in range(bench.seeds):
        model, rng = bench.model(net, seed), stream("removed", seed, share)
        assert isinstance(model, Sequential)
        h, (W, b) = hidden(model, field.x), model.layers[-1].params
        kept = [rng.permutation(WIDTH) >= round(share * WIDTH) for _ in range(DRAWS)]
        right.append(np.mean([((h * keep) @ W + b).argmax(axis=1) == field.y for keep in kept], axis=0))
    return np.stack(right)


def without_the_worst(bench: Bench, net: str) -> Mask:
    """Which points are right without the one hidden neuron whose removal costs the network most: (seeds, points)."""
    field, right = bench.rules().deal.fields[0], []
    for seed in range(bench.seeds):
        model = bench.model(net, seed)
        assert isinstance(model, Sequential)
        h, (W, b) = hidden(model, field.x), model.layers[-1].params
        z = h @ W + b
        each = [(z - np.outer(h[:, j], W[j])).argmax(axis=1) == field.y for j in range(WIDTH)]
        right.append(min(each, key=np.count_nonzero))
    return np.stack(right)


CLAIM = Claim(
    number=1,
    name="dropout",
    statement="Without rescaling, dropout's next layer gets too much by 1/keep; both solutions repair it; no neuron is vital.",
    measure=measure,
    otherwise="a narrower network: one of many neurons has spare ones without dropout too",
)
