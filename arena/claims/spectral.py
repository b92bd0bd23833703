"""Claim 10: spectral normalisation makes networks slightly more robust, and is restrictive."""

from __future__ import annotations

from arena.claims.bench import Bench, percent, shares
from arena.claims.claim import Claim, Evidence
from results import Chart, Criterion, Line, Lines, difference

KAPPAS = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
JUDGED = 1.0  # both halves of the claim at the constant that Miyato et al. (2018, arXiv:1802.05957) give every layer


def measure(bench: Bench) -> Evidence:
    """Clean and attacked accuracy over kappa, the constant of every layer, beside the plain network's."""
    nets = [f"spectral-normalisation(kappa={kappa})" for kappa in KAPPAS]
    clean, stand = ([of(net) for net in nets] for of in (bench.clean, lambda net: bench.attacked("strongest", net)))
    plain, plain_stands = bench.clean("plain"), bench.attacked("strongest", "plain")
    at = KAPPAS.index(JUDGED)
    gain = difference(stand[at], plain_stands)
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
            Criterion(f"accuracy under strongest gained on plain, κ = {JUDGED:g}", gain, above=0.0),
            Criterion("… slightly", gain, below=0.3),
            Criterion(f"clean accuracy lost to plain, κ = {JUDGED:g}", difference(plain, clean[at]), above=0.05),
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
    otherwise="another κ for each half: the larger it is the less it restricts and the less it gains, until it gains nothing",
)
