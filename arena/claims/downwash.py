"""Claim 14: a physical phenomenon: Lipschitz regression extrapolates and bounds the error under a disturbed state.

The force between two multirotors, one in the other's wake, as in Neural-Swarm (Shi et al., 2020, arXiv:2003.02992): a ReLU
network whose layers are projected to sigma <= kappa after every step. The claim's own experiment: no scenario plays regression.
"""

from __future__ import annotations

from dataclasses import replace

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
from results import Bars, Chart, Criterion, Interval, Line, Lines, exactly, mean

KAPPAS = {"free": np.inf, "κ = 3": 3.0, "κ = 2": 2.0, "κ = 1.5": 1.5}
NEAR, FAR, ASIDE = (0.3, 1.0), (1.0, 2.0), 0.15  # metres below, trained on and extrapolated to; metres to the side
ROWS, POINTS, EPOCHS, NOISE = 4000, 400, 60, 0.05
TRAININGS = 3  # a seed
FARTHER, OFF = "extrapolated", "state 2 cm off"
BALL = Ball(0.02, "l2", box=(-3.0, 3.0))  # two centimetres
UNIT = 0.1  # metres to a unit of the network's input


def measure(bench: Bench) -> Evidence:
    """Errors of a free and of projected networks: where they were trained, farther below, and when the state is disturbed."""
    seeds = range(TRAININGS * bench.seeds)
    nets = {name: [trained(kappa, seed) for seed in seeds] for name, kappa in KAPPAS.items()}
    near, far = (states(span, stream("test", span)) for span in (NEAR, FAR))
    places = {"trained on": near, FARTHER: far}
    errors = {
        name: {w: np.stack([error(n, s) for n in found]) for w, s in places.items()} for name, found in nets.items()
    }
    for name in nets:
        errors[name][OFF] = np.stack([worst(net, near, force(near)) for net in nets[name]])
    bounds = {name: max(net.lipschitz() for net in found) / UNIT * BALL.radius for name, found in nets.items()}
    kept = chosen(nets)
    free, ours, none = errors["free"], errors[kept], np.tile(np.abs(force(far)), (len(seeds), 1))
    criteria = (
        Criterion(f"extrapolated: error of free, less that of {kept}", mean(free[FARTHER] - ours[FARTHER]), above=0.0, unit=""),
        Criterion(f"extrapolated: error of no wake, less that of {kept}", mean(none - ours[FARTHER]), above=0.0, unit=""),
        Criterion(f"2 cm off: error of free, less that of {kept}", mean(free[OFF] - ours[OFF]), above=0.0, unit=""),
        Criterion(
            f"2 cm off: bound L r of {kept} on the change / largest force", exactly(bounds[kept] / np.abs(force(near)).max()),
            below=1.0, unit="",
        ),
    )  # fmt: skip
    means = {name: {where: positive(values) for where, values in by.items()} for name, by in errors.items()}
    rows = [[n, *(f"{i.estimate:.3f}" for i in by.values()), f"{bounds[n]:.3g}"] for n, by in means.items()]
    rows.append(["no wake", *(f"{np.abs(force(s)).mean():.3f}" for s in (near, far, near)), "0"])
    title = f"mean absolute error in multiples of the vehicle's weight; trained 0.3 to 1 m below; {kept} had the least there"
    bars = Bars(
        title="mean absolute error",
        ylabel="multiples of the weight",
        labels=list(nets),
        series={where: [by[where] for by in means.values()] for where in (*places, OFF)},
        scale=1,
    )
    return Evidence(
        criteria=criteria,
        tables=[(title, ("network", "trained on", FARTHER, OFF, "bound L r"), rows)],
        chart=Chart("The wake of a multirotor, learned with a bounded slope and without", [profile(nets), bars]),
    )


def chosen(nets: dict[str, list[Sequential]]) -> str:
    """The κ whose networks err least where they were trained, on states of that region that nothing else sees."""
    state = states(NEAR, stream("chosen"))
    return min((n for n in nets if n != "free"), key=lambda n: float(np.mean([error(net, state) for net in nets[n]])))


def positive(values: Array) -> Interval:
    """The mean of errors (trainings, points), its interval cut at 0."""
    found = mean(values)
    return replace(found, low=max(found.low, 0.0))


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
    """Places (POINTS, 3) in metres, at heights in the span; as many near the axis, where the wake is, as far from it."""
    angle, aside = rng.uniform(0, 2 * np.pi, POINTS), rng.uniform(0, ASIDE, POINTS)
    return np.stack([aside * np.cos(angle), aside * np.sin(angle), rng.uniform(*span, POINTS)], axis=1)


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


def worst(model: Sequential, state: Array, truth: Array) -> Array:
    """The largest distance (n,) of the prediction from the truth (n,) that ascent finds for states within the ball."""
    most = np.abs(predicted(model, state) - truth)
    for sign in (-1, 1):
        x = state
        for k in range(20):
            _, pull = model.vjp(inputs(x))
            g = pull(np.full((len(x), 1), sign, np.float32)).astype(np.float64)
            x = BALL.project(x + BALL.radius * (1 - k / 20) * BALL.direction(g), state)
            most = np.maximum(most, np.abs(predicted(model, x) - truth))
    return most


CLAIM = Claim(
    number=14,
    name="downwash",
    statement="A physical phenomenon: Lipschitz regression extrapolates, and bounds the error under a disturbed state.",
    measure=measure,
    model="wake model",
    otherwise="a tighter bound than the product of the layers' constants, or a smaller κ and more layers",
)
