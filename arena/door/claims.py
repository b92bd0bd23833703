"""The lecture's claims from the command line: the list, one measured anew, or all of them and their gallery."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import typer

import results
from arena.claims import CLAIMS, Claim, Finding
from arena.engine.threads import cores
from arena.errors import ArenaError, InvalidValue, RosterError, did_you_mean
from arena.running import Failure, runner
from results import draw_chart

REFERENCE = Path(results.__file__).parent / "reference" / "claims"
RUNS = Path("runs") / "claims"


def catalogue() -> str:
    """Every claim with its last verdict: of this folder's own runs, else of the committed tables."""
    name, verdict = (max(map(len, cells)) for cells in zip(*((c.name, _last_verdict(c)) for c in CLAIMS), strict=True))
    return "\n".join(f"{c.number:>2}  {c.name:<{name}}  {_last_verdict(c):<{verdict}}  {c.statement}" for c in CLAIMS)


def measure(name: str, seeds: int, data: str | None, out: Path | None) -> None:
    """Run one claim, print what was found, and leave its table and figure."""
    folder = _folder(out or RUNS)
    finding = _claim(name).run(seeds, data)
    typer.echo(str(finding))
    _keep(finding, folder)
    typer.echo(f"\nwritten to {folder}: {name}.txt, {name}.png")


def measure_all(seeds: int, data: str | None, out: Path | None, workers: int | None) -> None:
    """Run every claim, and write the gallery."""
    folder, found = _folder(out or REFERENCE), {}
    failures: list[str] = []
    with runner(workers or cores()) as running:
        for claim in CLAIMS:
            running.submit(claim.name, _finding, claim.name, seeds, data)
        for name, ended in running.completed():
            if isinstance(ended, Failure):
                failures.append(f"{name}: {ended.kind}: {ended.text}")
                typer.echo(f"{name}: failed", err=True)
                continue
            found[name] = ended
            _keep(ended, folder)
            page = gallery(found[claim.name] for claim in CLAIMS if claim.name in found)
            (folder / "README.md").write_text(page, encoding="utf-8")
            typer.echo(f"{len(found):>2}/{len(CLAIMS)}  {name}: {ended.verdict}", err=True)
    typer.echo(f"written to {folder}: README.md and a table and a figure a claim")
    if failures:
        raise ArenaError("claims that could not be measured: " + "; ".join(failures))


def gallery(findings: Iterable[Finding]) -> str:
    """The gallery page, in Markdown: every statement, its verdict, its figure and its criteria."""
    found = list(findings)
    head = [
        "# The lecture, claim by claim",
        "Each statement as measured here, made by `python -m arena claims --all`. The verdict follows from the intervals"
        " alone: *holds* where every criterion is met by its whole 95 % interval, *holds in part* where some are, else"
        " *does not hold here*.",
        "\n".join(["| | claim | verdict |", "|---|---|---|", *(_row(finding) for finding in found)]),
    ]
    return "\n\n".join([*head, *(_section(finding) for finding in found)]) + "\n"


def _row(finding: Finding) -> str:
    claim = finding.claim
    return f"| {claim.number} | [{claim.statement}](#{claim.number}-{claim.name}) | {finding.verdict} |"


def _section(finding: Finding) -> str:
    claim = finding.claim
    criteria = "\n".join(
        ["| criterion | measured (95 % interval) | wanted | met |", "|---|---|---|---|"]
        + [f"| {' | '.join(criterion.cells)} |" for criterion in finding.evidence.criteria]
    )
    parts = [
        f"## {claim.number} {claim.name}",
        f"{claim.statement} **{finding.verdict}** on {finding.bench.data}, {finding.bench.seeds} seeds.",
        f"![{claim.statement}]({claim.name}.png)",
        criteria,
    ]
    if finding.verdict != "holds":
        parts.append(f"What it would take: {claim.otherwise}.")
    return "\n\n".join([*parts, f"[All figures]({claim.name}.txt) · `python -m arena claims {claim.name}`"])


def _claim(name: str) -> Claim:
    for claim in CLAIMS:
        if name in (claim.name, str(claim.number)):
            return claim
    raise RosterError(f"no claim is called '{name}'; {did_you_mean(name, [claim.name for claim in CLAIMS])}")


def _finding(name: str, seeds: int, data: str | None) -> Finding:
    return _claim(name).run(seeds, data)


def _keep(finding: Finding, folder: Path) -> None:
    name = finding.claim.name
    (folder / f"{name}.txt").write_text(f"{finding}\n", encoding="utf-8")
    draw_chart(finding.evidence.chart, folder / f"{name}.png")


def _last_verdict(claim: Claim) -> str:
    for folder in (RUNS, REFERENCE):
        path = folder / f"{claim.name}.txt"
        if path.is_file():
            return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("verdict: ")
    return "not measured"


def _folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidValue(f"the folder {folder} cannot be written ({error}): choose another with --out DIR") from error
    return folder
