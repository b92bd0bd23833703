"""A claim: a statement, the experiment that measures it, and the rule that turns intervals into a verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from arena.claims.bench import Bench
from arena.engine.threads import one_blas_thread
from arena.errors import InvalidValue
from results import Chart, Criterion, Verdict, columns_of, verdict_of


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """What an experiment found: criteria, tables (a title, a header and rows of text each) and one chart.

    `found` says in a sentence what the verdict alone does not.
    """

    criteria: Sequence[Criterion]
    tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]]
    chart: Chart
    found: str = ""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement of the lecture; `measure(bench)` runs its experiment, `otherwise` says what it would take where it fails.

    `model` names what is measured in place of a data set, by claims that read none; `pictures` says that the rows of any
    other data must be pictures.
    """

    number: int
    name: str
    statement: str
    measure: Callable[[Bench], Evidence]
    otherwise: str
    data: str = "digits"
    model: str | None = None
    pictures: bool = False

    def run(self, seeds: int = 3, data: str | None = None) -> Finding:
        """Measure with so many seeds, on the claim's own data unless told otherwise; the same on any number of cores.

        InvalidValue for data that the claim does not read, whose rows it needs as pictures and that are none, or of which the
        plain network learns nothing.
        """
        if data and self.model:
            raise InvalidValue(f"claim {self.name} measures a {self.model} and reads no data set: leave out --data")
        bench = Bench(data or self.data, seeds)
        if self.pictures and not bench.dataset.pictured:
            raise InvalidValue(
                f"claim {self.name} is about pictures, and the rows of {bench.data} are of shape {bench.dataset.shape}:"
                " save x as (n, h, w) or (n, h, w, 3), or leave out --data"
            )
        with one_blas_thread():
            if data:
                _must_learn(bench)
            return Finding(self, bench, self.measure(bench))


def _must_learn(bench: Bench) -> None:
    """What has learnt nothing loses nothing to an attack: no verdict."""
    clean = bench.clean("plain")
    if not clean.mean() > bench.commonest:
        raise InvalidValue(
            f"the plain network reads {100 * clean.mean():.1f} % of {bench.data}, no more than its commonest label's"
            f" {100 * bench.commonest:.1f} %: there is nothing to attack; give more rows, or features that tell the labels apart"
        )


@dataclass(frozen=True, eq=False)
class Finding:
    """A claim, the bench it was measured on, and the evidence."""

    claim: Claim
    bench: Bench
    evidence: Evidence

    @property
    def verdict(self) -> Verdict:
        """What the criteria come to."""
        return verdict_of(self.evidence.criteria)

    def __str__(self) -> str:
        claim, header = self.claim, ("criterion", "measured (95 % interval)", "wanted", "met")
        parts = [
            f"verdict: {self.verdict}",
            "\n".join([f"claim {claim.number}, {claim.name}: {claim.statement}", *self._remarks]),
            f"data {self._data}, seeds {self.bench.seeds}",
            columns_of(header, [criterion.cells for criterion in self.evidence.criteria]),
        ]
        if self.verdict != "holds":
            parts.append(f"what it would take: {claim.otherwise}")
        parts += [f"{title}\n{columns_of(head, rows)}" for title, head, rows in self.evidence.tables]
        return "\n\n".join(parts)

    @property
    def _remarks(self) -> list[str]:
        """What the verdict is to be read with."""
        idle = ", ".join(self.bench.unlearnt)
        warning = (
            f"Not better than the commonest label even without an attack, in one training or more: {idle}."
            if idle
            else ""
        )
        return [remark for remark in (self.evidence.found, warning) if remark]

    @property
    def _data(self) -> str:
        """What was measured; of data that are not the claim's own, with the number of test points and the radius."""
        bench = self.bench
        if self.claim.model or bench.data == self.claim.data:
            return self.claim.model or bench.data
        return f"{bench.data}, {len(bench.rules().deal.fields[0])} test points, radius {bench.ball.radius:g}"
