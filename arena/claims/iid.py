"""Claim 11: breaking i.i.d.: the training distribution, corruption, shift and attack, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from arena.claims.bench import Bench, percent, shares
from arena.claims.claim import Claim, Evidence
from arena.engine.arrays import Array
from results import Bars, Chart, Criterion, Interval, crossed, difference

CORRUPTIONS = ("gaussian-noise", "salt-and-pepper", "blur", "contrast", "brightness", "occlusion")
SHIFTS = {"signs": "dusk(severity=4)"}  # what the test distribution moves to; for all other data:
TURNED = "rotation(severity=5)"
ROBUST = (
    "adversarial-training(epochs=20, steps=3, learning_rate=5e-4)"  # faster rates may end at chance on 3,072 pixels
)
DEFENDERS = ("plain", ROBUST)


def measure(bench: Bench) -> Evidence:
    """Accuracy of a plain and of a robust network: fresh i.i.d. points, corrupted, shifted, attacked."""
    found = {name: under(bench, name) for name in DEFENDERS}
    plain = found["plain"]
    clean, kinds = plain["i.i.d."], ("corrupted", "shifted", "attacked")
    curves: dict[str, Sequence[Interval]] = {
        name.partition("(")[0]: shares(list(settings.values())) for name, settings in found.items()
    }
    single = {c: disturbed(bench, "plain", f"{c}(severity=3)") for c in CORRUPTIONS}
    shift = SHIFTS.get(bench.data, TURNED)
    return Evidence(
        criteria=(
            Criterion("accuracy of plain on fresh i.i.d. points", crossed(bench.clean("plain")), above=0.9),
            *(
                Criterion(f"accuracy of plain lost when {kind}", difference(clean, plain[kind]), above=0.05)
                for kind in kinds
            ),
            *(
                Criterion(f"attacked, less than {kind}", difference(plain[kind], plain["attacked"]), above=0.0)
                for kind in kinds[:2]
            ),
        ),
        tables=[
            (
                f"accuracy in %; corrupted: mean of {len(CORRUPTIONS)} at severity 3; shifted: {shift}; attacked: pgd, "
                f"{bench.ball.norm} ball of radius {bench.ball.radius:g}",
                ("defender", *plain),
                [[name, *map(percent, curve)] for name, curve in curves.items()],
            ),
            ("plain, by corruption", tuple(CORRUPTIONS), [[percent(i) for i in shares(list(single.values()))]]),
        ],
        chart=Chart(
            f"Accuracy is a promise about the training distribution alone ({bench.data})",
            [Bars(title=f"shifted: {shift}", ylabel="accuracy, %", labels=list(plain), series=curves)],
            widths=(1.5,),
        ),
    )


def under(bench: Bench, defender: str) -> dict[str, Array]:
    """Which points stay right (seeds, points) in each setting; for corruptions the share of them."""
    corrupted = np.mean([disturbed(bench, defender, f"{name}(severity=3)") for name in CORRUPTIONS], axis=0)
    return {
        "i.i.d.": bench.clean(defender).astype(np.float64),
        "corrupted": corrupted,
        "shifted": disturbed(bench, defender, SHIFTS.get(bench.data, TURNED)),
        "attacked": bench.attacked("pgd", defender).astype(np.float64),
    }


def disturbed(bench: Bench, defender: str, nature: str) -> Array:
    """Which points are read right after nature has moved: (seeds, points)."""
    return bench.attacked(nature, defender, scenario="disturbance").astype(np.float64)


CLAIM = Claim(
    number=11,
    name="iid",
    statement="Accuracy holds under the training distribution; corruption, shift and attack break it, attack the most.",
    measure=measure,
    otherwise="a farther shift, stronger corruptions, a network less used to them; an attack is the worst case of its ball alone",
    data="signs",
    pictures=True,
)
