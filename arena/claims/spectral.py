"""Claim 10: spectral normalisation makes networks slightly more robust, and is restrictive."""

from __future__ import annotations

from arena.claims.bench import Bench, percent, shares
from arena.claims.claim import Claim, Evidence
from results import Chart, Criterion, Line, Lines, difference

KAPPAS = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)


def measure(bench: Bench) -> Evidence:
    """Clean and attacked accuracy over kappa, the constant of every layer, beside the plain network's."""
    nets = [f"spectral-normalisation(kappa={kappa})" for kappa in KAPPAS]
    clean, stand = ([of(net) for net in nets] for of in (bench.clean, lambda net: bench.attacked("strongest", net)))
    plain, plain_stands = bench.clean("plain"), bench.attacked("strongest", "plain")
    default, narrow = KAPPAS.index(2.0), KAPPAS.index(0.5)
    gain = difference(stand[default], plain_stands)
    curves = {
        "clean": shares(clean), "under strongest": shares(stand),
        "plain, clean": shares([plain] * len(nets)), "plain, under strongest": shares([plain_stands] * len(nets)),
    }  # fmt: skip
    rows = [
        [f"{kappa:g}", percent(curves["clean"][k]), percent(curves["under strongest"][k])]
        for k, kappa in enumerate(KAPPAS)
    ]
    rows.append(["plain", percent(curves["plain, clean"][0]), percent(curves["plain, under strongest"][0])])
    return Evidence(
        criteria=(
            Criterion("accuracy under strongest gained on plain, κ = 2 (default)", gain, above=0.0, below=0.3),
            Criterion("clean accuracy lost to plain, κ = 0.5", difference(plain, clean[narrow]), above=0.05),
        ),
        tables=[("accuracy in %", ("κ", "clean", "under strongest"), rows)],
        chart=Chart(
            "Spectral normalisation: a little more robust, and restrictive where κ is small",
            [
                Lines(
                    title="every layer W divided by σ / κ",
                    xlabel="κ, the Lipschitz constant of a layer",
                    ylabel="accuracy, %",
                    lines=[Line.of(name, KAPPAS, curve) for name, curve in curves.items()],
                    logx=True,
                    percent=True,
                )
            ],
            widths=(1.5,),
        ),
    )


CLAIM = Claim(
    number=10,
    name="spectral",
    statement="Spectral normalisation makes networks slightly more robust and is restrictive.",
    measure=measure,
    otherwise="a smaller κ, or a loss that asks for margins; at κ = ½ a restriction shows on harder data first",
)
