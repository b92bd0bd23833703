"""Claim 7: adding adversarial examples once helps less than training on the attack of the moment."""

from __future__ import annotations

from arena.claims.bench import Bench, percent, shares
from arena.claims.claim import Claim, Evidence
from results import Bars, Chart, Criterion, crossed, difference

DEFENDERS = ("plain", "adversarial-augmentation", "adversarial-training")
ATTACKERS = ("noise", "fgsm", "pgd", "strongest")


def measure(bench: Bench) -> Evidence:
    """Accuracy of plain, once and min-max under four attackers."""
    plain, once, minmax = (bench.attacked("strongest", name) for name in DEFENDERS)
    stand = {name: shares([bench.attacked(a, name) for a in ATTACKERS]) for name in DEFENDERS}
    clean = {name: crossed(bench.clean(name)) for name in DEFENDERS}
    rows = [[name, percent(clean[name]), *map(percent, stand[name])] for name in DEFENDERS]
    return Evidence(
        criteria=(
            Criterion("accuracy under strongest that min-max gains on once", difference(minmax, once), above=0.1),
            Criterion("… that once gains on plain", difference(once, plain), below=0.1),
        ),
        tables=[("accuracy in %", ("defender", "clean", *ATTACKERS), rows)],
        chart=Chart(
            "Adversarial examples added once are not the attack of the moment",
            [
                Bars(
                    title="",
                    ylabel="accuracy, %",
                    labels=("clean", *ATTACKERS),
                    series={name: [clean[name], *stand[name]] for name in DEFENDERS},
                )
            ],
            widths=(1.6,),
        ),
    )


CLAIM = Claim(
    number=7,
    name="min-max",
    statement="Adding adversarial examples once helps less than training on the attack of the moment.",
    measure=measure,
    otherwise="a sparring partner in the loop that is too weak to be of the moment",
)
