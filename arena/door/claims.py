"""The lecture's claims from the command line: the list, one measured anew, or all of them and their gallery."""

from __future__ import annotations

from pathlib import Path

import typer

import results
from arena.claims import CLAIMS, Claim, Finding
from arena.door.folders import made
from arena.engine.threads import cores
from arena.errors import ArenaError, RosterError, did_you_mean
from arena.jobs.runner import Failure, runner
from results import draw_chart

REFERENCE = Path(results.__file__).parent / "reference" / "claims"
RUNS = Path("runs") / "claims"


def catalogue() -> str:
    """Every claim with its last verdict: of this folder's own runs, else of the committed tables."""
    name, verdict = (max(map(len, cells)) for cells in zip(*((c.name, _last_verdict(c)) for c in CLAIMS), strict=True))
    return "\n".join(f"{c.number:>2}  {c.name:<{name}}  {_last_verdict(c):<{verdict}}  {c.statement}" for c in CLAIMS)


def measure(name: str, seeds: int, data: str | None, out: Path | None) -> None:
    """Run one claim, print what was found, and leave its table and figure, and the gallery of all that are there."""
    claim, folder = _claim(name), made(out or RUNS)
    finding = claim.run(seeds, data)
    typer.echo(str(finding))
    _keep(finding, folder)
    typer.echo(f"\nwritten to {folder}: {finding.claim.name}.txt, {finding.claim.name}.png, README.md")


def measure_all(seeds: int, data: str | None, out: Path | None, workers: int | None) -> None:
    """Run every claim; table, figure and gallery stand as soon as a claim is measured; other data go to this folder's runs."""
    folder, failures, done = made(out or (RUNS if data else REFERENCE)), [], 0
    for claim in CLAIMS:
        if data and claim.model:
            typer.echo(f"{claim.name} keeps to its {claim.model}: it reads no data set", err=True)
    with runner(workers or cores()) as running:
        for claim in CLAIMS:
            running.submit(claim.name, _finding, claim.name, seeds, None if claim.model else data)
        for name, ended in running.completed():
            done += 1
            if isinstance(ended, Failure):
                failures.append(f"{name}: {ended.kind}: {ended.text}")
            else:
                _keep(ended, folder)
            said = "not measured" if isinstance(ended, Failure) else ended.verdict
            typer.echo(f"{done:>2}/{len(CLAIMS)}  {name}: {said}", err=True)
    typer.echo(f"written to {folder}: README.md, and a table and a figure a claim")
    if failures:
        raise ArenaError("claims that could not be measured: " + "; ".join(failures))


def gallery(folder: Path) -> str:
    """The gallery page of a folder, in Markdown: every claim that was measured there, its verdict, figure and criteria."""
    texts = {
        c: (folder / f"{c.name}.txt").read_text(encoding="utf-8")
        for c in CLAIMS
        if (folder / f"{c.name}.txt").is_file()
    }
    rows = [f"| {c.number} | [{c.statement}](#{c.number}-{c.name}) | {_verdict(text)} |" for c, text in texts.items()]
    head = [
        "# The lecture, claim by claim",
        "Each statement as measured here, by `python -m arena claims --all`. The verdict follows from the intervals alone:\n"
        "*holds* where every criterion is met by its whole 95 % interval, *holds in part* where some are, *undecided here*\n"
        "where the intervals tell of none, else *does not hold here*.",
        "\n".join(["| | claim | verdict |", "|---|---|---|", *rows]),
    ]
    return "\n\n".join([*head, *(_section(c, text) for c, text in texts.items())]) + "\n"


def _section(claim: Claim, text: str) -> str:
    _, stated, measured, criteria, further, *_ = text.split("\n\n")
    taken = [f"{further[0].upper()}{further[1:]}."] if further.startswith("what it would take") else []
    return "\n\n".join([
        f"## {claim.number} {claim.name}",
        " ".join([f"{claim.statement} **{_verdict(text)}** ({measured}).", *stated.splitlines()[1:]]),
        f"![{claim.statement}]({claim.name}.png)",
        f"```\n{criteria}\n```",
        *taken,
        f"[All numbers]({claim.name}.txt) · `python -m arena claims {claim.name}`",
    ])  # fmt: skip


def _claim(name: str) -> Claim:
    for claim in CLAIMS:
        if name in (claim.name, str(claim.number)):
            return claim
    numbers = f"1 to {CLAIMS[-1].number}"
    raise RosterError(
        f"no claim is called '{name}'; {did_you_mean(name, [claim.name for claim in CLAIMS])}, or a number, {numbers}"
    )


def _finding(name: str, seeds: int, data: str | None) -> Finding:
    return _claim(name).run(seeds, data)


def _keep(finding: Finding, folder: Path) -> None:
    name = finding.claim.name
    (folder / f"{name}.txt").write_text(f"{finding}\n", encoding="utf-8")
    draw_chart(finding.evidence.chart, folder / f"{name}.png")
    (folder / "README.md").write_text(gallery(folder), encoding="utf-8")


def _last_verdict(claim: Claim, *folders: Path) -> str:
    for folder in folders or (RUNS, REFERENCE):
        path = folder / f"{claim.name}.txt"
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            measured = next((line for line in text.splitlines() if line.startswith("data ")), "")
            own = measured.startswith(f"data {claim.model or claim.data}, ")
            return _verdict(text) if own else f"{_verdict(text)} ({measured})"
    return "not measured"


def _verdict(text: str) -> str:
    return text.partition("\n")[0].removeprefix("verdict: ")
