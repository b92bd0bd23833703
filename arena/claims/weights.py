"""Claim 15: "Our model? Uh oh": what weight tampering of size r does, against input perturbation of size r."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy

import numpy as np

from arena import roster
from arena.claims.bench import Bench, percent, shares
from arena.claims.claim import Claim, Evidence
from arena.engine.arrays import Array, Mask
from arena.engine.model import Model
from arena.match import play
from arena.threat import Ball
from results import Chart, Criterion, Line, Lines, crossed, difference

SIZES = (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08)
JUDGED = 0.02
BITS = (1, 2, 4, 8)
DRAWS = 50  # of random bits: one flip in 32 strikes the first bit of an exponent, and it is fatal
DEFENDERS = ("plain", "adversarial-training", "adversarial-weight-perturbation")


def measure(bench: Bench) -> Evidence:
    """Accuracy over the size of the change, in shares of the norm of the weights or of the input; and over flipped bits."""
    curves = {f"weights, {name}": [tampered(bench, "weight-ascent", name, r) for r in SIZES] for name in DEFENDERS}
    curves["weights at random, plain"] = [tampered(bench, "weight-noise", "plain", r) for r in SIZES]
    length = float(np.linalg.norm(bench.rules().deal.train.x, axis=1).mean())
    curves["input, plain"] = [bench.attacked("pgd", "plain", Ball(r * length, "l2")) for r in SIZES]
    at = {name: hits[SIZES.index(JUDGED)] for name, hits in curves.items()}
    bits = {name: [flipped(bench, "bit-flips", name, k) for k in BITS] for name in DEFENDERS}
    chance = f"bits at random, plain: mean of {DRAWS} draws"
    flips: dict[str, Sequence[Array | Mask]] = {**bits, chance: [at_random(bench, k) for k in BITS]}
    found = {name: shares(hits) for name, hits in curves.items()}
    few = {name: shares(hits) for name, hits in flips.items()}
    return Evidence(
        criteria=judged(bench, at, bits),
        tables=[
            (
                "accuracy in %, by size of the change in shares of the norm",
                ("changed", *(f"{100 * r:g} %" for r in SIZES)),
                [[name, *map(percent, curve)] for name, curve in found.items()],
            ),
            (
                "accuracy in %, by flipped bits",
                ("network", *(f"{k}" for k in BITS)),
                [[name, *map(percent, curve)] for name, curve in few.items()],
            ),
        ],
        chart=Chart(
            "Our model? Uh oh: weights give way sooner than inputs, each moved by a share of its own norm",
            [
                Lines(
                    title="weights or inputs moved by a share of their own norm",
                    xlabel="size of the change, % of the norm",
                    ylabel="accuracy, %",
                    logx=True,
                    percent=True,
                    lines=[Line.of(name, [100 * r for r in SIZES], curve) for name, curve in found.items()],
                ),
                Lines(
                    title="bits flipped in the deployed network",
                    xlabel="bits",
                    ylabel="accuracy, %",
                    logx=True,
                    percent=True,
                    lines=[Line.of(name, BITS, curve) for name, curve in few.items()],
                ),
            ],
        ),
    )


def judged(bench: Bench, at: Mapping[str, Mask], bits: Mapping[str, Sequence[Mask]]) -> tuple[Criterion, ...]:
    """Weights against inputs moved by as much, in shares of their norms and in L2; one bit; training with perturbed weights."""
    weights, inputs, random = (at[name] for name in ("weights, plain", "input, plain", "weights at random, plain"))
    moved = round(JUDGED * float(np.mean([length_of(bench.model("plain", seed)) for seed in range(bench.seeds)])), 4)
    flat, usual = (at[f"weights, {name}"] for name in (DEFENDERS[2], DEFENDERS[1]))
    return (
        Criterion(
            "r = 2 %: accuracy left by the input's change, less by the weights'",
            difference(inputs, weights),
            above=0.05,
        ),
        Criterion(
            f"the same length in L2, {moved:.2g}: left by the input's change, less by the weights'",
            difference(bench.attacked("pgd", "plain", Ball(moved, "l2")), weights),
            above=0.05,
        ),
        Criterion("r = 2 %: accuracy lost to random weights", difference(bench.clean("plain"), random), below=0.05),
        Criterion("1 bit: accuracy of plain", crossed(bits["plain"][BITS.index(1)]), below=(1 + bench.commonest) / 2),
        Criterion("r = 2 %: gained by training with perturbed weights", difference(flat, usual), above=0.0),
    )


def length_of(model: Model) -> float:
    """The L2 length of all weights."""
    params = model.params  # type: ignore[attr-defined]  # a Sequential
    return float(np.sqrt(sum(np.square(p.astype(np.float64)).sum() for layer in params for p in layer)))


def tampered(bench: Bench, attacker: str, defender: str, radius: float) -> Mask:
    """Which points stay right when the weights have moved: (seeds, points)."""
    return bench.attacked(attacker, defender, scenario=f"tampering(radius={radius})")


def flipped(bench: Bench, attacker: str, defender: str, bits: int) -> Mask:
    """Which points stay right when bits have flipped: (seeds, points)."""
    return bench.attacked(attacker, defender, scenario=f"tampering(bits={bits})")


def at_random(bench: Bench, bits: int) -> Array:
    """How often each point stays right when so many random bits have flipped in the plain network: (seeds, points)."""
    rules = bench.rules(scenario=f"tampering(bits={bits})")
    players = roster.build("attackers", "weight-noise"), roster.build("defenders", "plain")
    return np.stack([
        np.mean([
            play(rules, *players, seed=DRAWS * seed + k, opening=deepcopy(bench.opening("plain", seed))).rounds[0].attacked
            for k in range(DRAWS)
        ], axis=0)
        for seed in range(bench.seeds)
    ])  # fmt: skip


CLAIM = Claim(
    number=15,
    name="weights",
    statement="Our model? Uh oh: tampering with the weights does more than perturbing the input by as much.",
    measure=measure,
    otherwise="a size that both share: all weights together are longer than an input, so that equal lengths favour who moves the"
    " input; an integrity check of the deployed file stops tampering altogether",
)
