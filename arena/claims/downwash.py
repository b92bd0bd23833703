"""Claim 14: a physical phenomenon: Lipschitz regression extrapolates and bounds the error under a disturbed state.

The force between two multirotors, one in the other's wake, as in Neural-Swarm (Shi et al., 2020, arXiv:2003.02992): a ReLU
network whose layers are projected to sigma <= kappa after every step. The claim's own experiment: no scenario plays regression.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.random import Generator

from arena.claims.bench import Bench
from arena.claims.claim import Claim, Evidence
from arena.claims.wake import force
from arena.engine import Adam, Dense, MeanSquaredError, Sequential, cosine, mlp, sigma
from arena.engine.arrays import Array
from arena.engine.parameters import flatten, weight_gradients
from arena.streams import stream
from arena.threat import Ball
from results import Bars, Chart, Criterion, Line, Lines, exactly, mean

KAPPAS = {"free": np.inf, "κ = 3": 3.0, "κ = 2": 2.0, "κ = 1.5": 1.5}
NEAR, FAR, ASIDE = (0.3, 1.0), (1.0, 2.0), 0.15  # metres below, trained on and extrapolated to; metres to the side
ROWS, POINTS, EPOCHS, NOISE = 4000, 400, 60, 0.05
BALL = Ball(0.02, "l2", box=(-3.0, 3.0))  # two centimetres
UNIT = 0.1  # metres to a unit of the network's input


def measure(bench: Bench) -> Evidence:
    """Errors of a free and of projected networks: where they were trained, farther below, and when the state is disturbed."""
    nets = {name: [trained(kappa, seed) for seed in range(bench.seeds)] for name, kappa in KAPPAS.items()}
    places = {"trained on": NEAR, "extrapolated to": FAR}
    errors = {
        (name, where): np.stack([error(net, states(span, stream("test", where))) for net in nets[name]])
        for name, (where, span) in product(nets, places.items())
    }
    moved = {name: np.stack([disturbed(net) for net in found]) for name, found in nets.items()}
    bounds = {name: [net.lipschitz() / UNIT * BALL.radius for net in found] for name, found in nets.items()}
    attained = max(float((moved[name] / np.array(bounds[name])[:, None]).max()) for name in nets)
    kept = "κ = 3"
    criteria = (
        Criterion(
            "extrapolated: error of the free network, less that of κ = 3",
            mean(errors["free", "extrapolated to"] - errors[kept, "extrapolated to"]),
            above=0.0,
            unit="",
        ),
        Criterion(
            "2 cm off: change of the free network, less that of κ = 3",
            mean(moved["free"] - moved[kept]),
            above=0.0,
            unit="",
        ),
        Criterion("largest change attained / bound L r, all networks", exactly(attained), below=1.0, unit=""),
    )
    found = {
        "error, trained on": {name: mean(errors[name, "trained on"]) for name in nets},
        "error, extrapolated": {name: mean(errors[name, "extrapolated to"]) for name in nets},
        "change, state 2 cm off": {name: mean(moved[name]) for name in nets},
    }
    rows = [
        [
            name,
            *(f"{f[name].estimate:.3f}" for f in found.values()),
            f"{moved[name].max():.3f}",
            f"{max(bounds[name]):.3g}",
        ]
        for name in nets
    ]
    span = "trained 0.3 to 1 m below, extrapolated to 1 to 2 m"
    bars = Bars(
        title="mean absolute error, mean change when disturbed",
        ylabel="multiples of the weight",
        labels=list(nets),
        series={what: list(intervals.values()) for what, intervals in found.items()},
        scale=1,
    )
    return Evidence(
        criteria=criteria,
        tables=[(f"in multiples of the vehicle's weight; {span}", ("network", *found, "largest", "bound"), rows)],
        chart=Chart("The wake of a multirotor, learned with a bounded slope and without", [profile(nets), bars]),
    )


def profile(nets: dict[str, list[Sequential]]) -> Lines:
    """The force straight below, as it is and as the first network of each kind has it."""
    z = np.linspace(NEAR[0], FAR[1], 35)
    state = np.stack([np.zeros_like(z), np.zeros_like(z), z], axis=1)
    lines = [
        Line("truth", z, force(state)),
        *(Line(name, z, predicted(found[0], state)) for name, found in nets.items()),
    ]
    return Lines(
        title="force straight below",
        xlabel="metres below",
        ylabel="force / weight",
        lines=lines,
        mark=(NEAR[1], "extrapolated"),
    )


def states(span: tuple[float, float], rng: Generator) -> Array:
    """Places (POINTS, 3) in metres: anywhere to the side, at heights in the span."""
    return np.concatenate([rng.uniform(-ASIDE, ASIDE, (POINTS, 2)), rng.uniform(*span, (POINTS, 1))], axis=1)


def trained(kappa: float, seed: int) -> Sequential:
    """A network on noisy measurements, each weight matrix scaled back to sigma <= kappa after every step."""
    rng = stream("downwash", seed)
    state = np.concatenate([states(NEAR, rng) for _ in range(ROWS // POINTS)])
    x, y = inputs(state), (force(state) + NOISE * rng.standard_normal(len(state))).astype(np.float32)[:, None]
    model, theta, gradient = flatten(mlp((3, 40, 40, 40, 1), rng=rng))
    step, starts = Adam(learning_rate=3e-3).start(theta), range(0, len(x), 64)
    for k, start in enumerate(list(starts) * EPOCHS):
        if start == 0:
            order = rng.permutation(len(x))
        rows = order[start : start + 64]
        weight_gradients(model, x[rows], y[rows], MeanSquaredError(), None, gradient)  # type: ignore[arg-type]  # targets, not labels
        step(gradient.theta, cosine(k / (EPOCHS * len(starts))))
        project(model, kappa)
    return model


def project(model: Sequential, kappa: float) -> None:
    """Scale every weight matrix with sigma > kappa back to it, in place."""
    for layer in model.layers:
        if isinstance(layer, Dense) and np.isfinite(kappa):
            layer.W[...] *= np.float32(min(1.0, kappa / sigma(layer.W)))


def inputs(state: Array) -> Array:
    """The network's input rows for places in metres."""
    return (state / UNIT).astype(np.float32)


def predicted(model: Sequential, state: Array) -> Array:
    """The force (n,) at places (n, 3)."""
    return model.logits(inputs(state))[:, 0].astype(np.float64)


def error(model: Sequential, state: Array) -> Array:
    """The absolute error (n,) at places (n, 3)."""
    return np.abs(predicted(model, state) - force(state))


def disturbed(model: Sequential) -> Array:
    """How far a measured state within the ball can push the prediction, by ascent in both directions: (POINTS,)."""
    state = states(NEAR, stream("test", "disturbed"))
    before, most = predicted(model, state), np.zeros(len(state))
    for sign in (-1, 1):
        x = state
        for k in range(20):
            _, pull = model.vjp(inputs(x))
            g = pull(np.full((len(x), 1), sign, np.float32)).astype(np.float64)
            x = BALL.project(x + BALL.radius * (1 - k / 20) * BALL.direction(g), state)
            most = np.maximum(most, np.abs(predicted(model, x) - before))
    return most


CLAIM = Claim(
    number=14,
    name="downwash",
    statement="A physical phenomenon: Lipschitz regression extrapolates, and bounds the error under a disturbed state.",
    measure=measure,
    data="wake model",
    otherwise="a smaller κ, or more trainings than these: the free networks extrapolate each in its own way",
)
