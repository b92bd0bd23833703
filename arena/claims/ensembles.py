"""Claim 5: ensembles are more robust, but not resistant."""

from __future__ import annotations

from arena.claims.bench import Bench, percent, shares
from arena.claims.claim import Claim, Evidence
from results import Chart, Criterion, Line, Lines, crossed, difference

FACTORS = (1 / 3, 2 / 3, 1, 4 / 3, 5 / 3)
DEFENDERS = ("plain", "ensemble", "adversarial-training")


def measure(bench: Bench) -> Evidence:
    """Accuracy under pgd through the average, against the radius; each defender trained for the default ball."""
    radii = [bench.scaled(k).radius for k in FACTORS]
    stand = {name: [bench.attacked("pgd", name, bench.scaled(k)) for k in FACTORS] for name in DEFENDERS}
    plain, ensemble, _ = (hits[FACTORS.index(1)] for hits in stand.values())
    curves = {name: shares(hits) for name, hits in stand.items()}
    lines = [Line.of(name, (0, *radii), [crossed(bench.clean(name)), *curve]) for name, curve in curves.items()]
    rows = [[f"{r:g}", *(percent(curve[k]) for curve in curves.values())] for k, r in enumerate(radii)]
    return Evidence(
        criteria=(
            Criterion(
                f"accuracy that an ensemble of five gains on plain, r = {bench.ball.radius}",
                difference(ensemble, plain),
                above=0.0,
            ),
            Criterion("accuracy of the ensemble there", crossed(ensemble), below=0.5),
        ),
        tables=[("accuracy in % under pgd", ("L∞ radius", *DEFENDERS), rows)],
        chart=Chart(
            "Ensembles are a little more robust, not resistant",
            [
                Lines(
                    title="five networks averaged, attacked through the average",
                    xlabel="L∞ radius",
                    ylabel="accuracy under pgd, %",
                    lines=lines,
                    percent=True,
                )
            ],
            widths=(1.35,),
        ),
    )


CLAIM = Claim(
    number=5,
    name="ensembles",
    statement="Ensembles are more robust, but not resistant.",
    measure=measure,
    otherwise="members that err in different places: trained against each other, or each on attacks of its own",
)
