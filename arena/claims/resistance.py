"""Claim 12: networks that resist attacks also resist other disturbances."""

from __future__ import annotations

import numpy as np

from arena import roster
from arena.claims.bench import Bench
from arena.claims.claim import Claim, Evidence
from arena.errors import ArenaError, Mismatch
from results import Chart, Criterion, Points, rank_correlation

ATTACKS = "pgd", "square(queries=300)"  # by gradients, and by scores: not every defender's gradients are to be trusted
DRAWN = "mixture", "regret-matching", "exp3", "fictitious-play"  # of the networks of other rows: no further evidence
NATURE = ("gaussian-noise", "salt-and-pepper", "blur", "contrast", "brightness", "occlusion", "shift", "rotation")
SEVERITY = 3


def measure(bench: Bench) -> Evidence:
    """Over the roster's defenders: the worst case of two attacks against the mean accuracy under disturbances."""
    attacked, disturbed, sat_out = {}, {}, dict.fromkeys(DRAWN, "it draws among the networks of other rows")
    for name in (n for n in roster.names("defenders") if n not in DRAWN):
        try:
            attacked[name] = float(np.logical_and.reduce([bench.attacked(a, name) for a in ATTACKS]).mean())
            disturbed[name] = [
                float(bench.attacked(f"{n}(severity={SEVERITY})", name, scenario="disturbance").mean()) for n in NATURE
            ]
        except Mismatch:
            continue  # it plays another game
        except ArenaError as error:
            sat_out[name] = str(error)
    names = [name for name in attacked if name in disturbed]
    under_attack, means = [attacked[n] for n in names], [float(np.mean(disturbed[n])) for n in names]
    each = {n: rank_correlation(under_attack, [disturbed[d][k] for d in names]) for k, n in enumerate(NATURE)}
    noise = [float(np.mean(disturbed[n][:2])) for n in names]
    rest = [float(np.mean(disturbed[n][2:])) for n in names]
    rows = [
        [n, f"{100 * a:.1f}", *(f"{100 * v:.1f}" for v in disturbed[n])]
        for n, a in zip(names, under_attack, strict=True)
    ]
    tables = [
        (f"accuracy in %; attacked: worst case of {' and '.join(ATTACKS)}; severity {SEVERITY}",
         ("defender", "attacked", *NATURE), rows),
        ("rank correlation with accuracy under attack, by disturbance; intervals over defenders, as if a sample",
         ("disturbance", "correlation"),
         [[n, f"{i.estimate:.2f} ({i.low:.2f} to {i.high:.2f})"] for n, i in each.items()]),
        ("who does not stand in the table", ("defender", "reason"), [list(item) for item in sat_out.items()]),
    ]  # fmt: skip
    return Evidence(
        criteria=(
            Criterion("rank correlation, attack and all disturbances", rank_correlation(under_attack, means), above=0.0, unit=""),
            Criterion("… and noise", rank_correlation(under_attack, noise), above=0.0, unit=""),
            Criterion("… and the others", rank_correlation(under_attack, rest), above=0.0, unit=""),
        ),
        tables=tables,
        chart=Chart(
            "Do networks that resist attacks resist other disturbances too?",
            [Points(title=title, xlabel="accuracy under attack, %", ylabel="accuracy when disturbed, %",
                    points={n: (100 * a, 100 * m) for n, a, m in zip(names, under_attack, found, strict=True)})
             for title, found in (("noise: Gaussian, salt and pepper", noise), ("blur, light, occlusion, camera", rest))],
            widths=(1.2, 1.2),
        ),
    )  # fmt: skip


CLAIM = Claim(
    number=12,
    name="resistance",
    statement="Networks that resist attacks also resist other disturbances.",
    measure=measure,
    otherwise="disturbances that are small in the norm of the attack; a shift or a shadow is far away in it",
    pictures=True,
)
