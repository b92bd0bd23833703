"""Claim 4: adversarial examples transfer between architectures; a surrogate breaks a network nobody can see into."""

from __future__ import annotations

import numpy as np

from arena.claims.bench import Bench, percent
from arena.claims.claim import Claim, Evidence
from arena.engine.arrays import Mask
from results import Bars, Chart, Criterion, crossed, crossed_among, difference

TARGETS = {"64": "plain(hidden=(64,))", "128-64": "plain", "256-256-128": "plain(hidden=(256, 256, 128))"}
HARDENED = "adversarial-training"


def measure(bench: Bench) -> Evidence:
    """The share of right points fooled, surrogate by target, and by noise of the same size."""
    sources = {f"from {name}": f"surrogate-transfer(surrogates=['{spec}'])" for name, spec in TARGETS.items()}
    sources |= {"from a mixture": "surrogate-transfer", "noise": "noise"}
    targets = {**TARGETS, HARDENED: HARDENED}
    fooled = {s: {t: both(bench, sources[s], targets[t]) for t in targets} for s in sources}
    rates = {s: {t: crossed_among(lost, right) for t, (lost, right) in row.items()} for s, row in fooled.items()}
    across = np.mean([fooled[f"from {s}"][t][0] for s in TARGETS for t in TARGETS if s != t], axis=0)
    noise = np.mean([fooled["noise"][t][0] for t in TARGETS], axis=0)
    unseen = bench.attacked(sources["from a mixture"], "plain", scenario="transfer")
    return Evidence(
        criteria=(
            Criterion("fooled by another architecture, less by noise", difference(across, noise), above=0.25),
            Criterion("accuracy of the plain network that nobody sees into", crossed(unseen), below=0.5),
        ),
        tables=[
            (
                "points read right and then fooled, in %, surrogate by target",
                ("", *targets),
                [[s, *(percent(rates[s][t]) for t in targets)] for s in sources],
            )
        ],
        chart=Chart(
            "Examples made on one network fool another, of another architecture too",
            [
                Bars(
                    title="what nobody saw into: the target",
                    ylabel="right points that are fooled, %",
                    labels=list(targets),
                    series={s: [rates[s][t] for t in targets] for s in sources},
                )
            ],
            widths=(1.9,),
        ),
    )


def both(bench: Bench, attacker: str, target: str) -> tuple[Mask, Mask]:
    """Which points were right and then fooled, and which were right: (seeds, points) each."""
    played = bench.rounds(attacker, target, scenario="transfer")
    clean, attacked = (np.stack([getattr(p, name) for p in played]) for name in ("clean", "attacked"))
    return clean & ~attacked, clean


CLAIM = Claim(
    number=4,
    name="transfer",
    statement="Adversarial examples transfer between architectures; a surrogate breaks a network nobody can see into.",
    measure=measure,
    otherwise="surrogates closer to the target, a larger radius, or queries to learn from",
)
