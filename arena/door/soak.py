"""The soak from the command line: progress, a file to go on from, a table of what was attacked."""

from __future__ import annotations

from pathlib import Path

import typer
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from arena.certify.proofs import METHODS
from arena.certify.soak import soak_round
from arena.errors import ArenaError, InvalidValue

_BLOCK = 20  # rounds between two writings of the file


class Tally(BaseModel):
    """How far a soak came: the next round, and the points attacked so far by method and norm."""

    model_config = ConfigDict(extra="forbid")

    seed: int
    round: int = 0
    points: dict[str, dict[str, int]] = {}

    @property
    def total(self) -> int:
        """All points attacked."""
        return sum(sum(by_norm.values()) for by_norm in self.points.values())

    def __str__(self) -> str:
        norms = ("linf", "l2", "l1")
        rows = [f"{m:<12}" + "".join(f"{self.points.get(m, {}).get(n, 0):>10,}" for n in norms) for m in METHODS]
        return "\n".join([f"{'':12}" + "".join(f"{n:>10}" for n in norms), *rows])


def run(points: int, seed: int, out: Path | None) -> None:
    """Attack until so many certified points have stood; ArenaError names the first round in which one fell."""
    tally = _begun(seed, out)
    columns = (TextColumn("certified points attacked"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=points, completed=tally.total)
        while tally.total < points:
            for _ in range(_BLOCK):
                _round(tally)
            bar.update(task, completed=tally.total)
            if out is not None:
                out.write_text(tally.model_dump_json(indent=1) + "\n", encoding="utf-8")
    typer.echo(
        f"{tally}\n\n{tally.total:,} certified points attacked in {tally.round:,} rounds of seed {seed}: none fell"
    )


def _round(tally: Tally) -> None:
    soaked = soak_round(tally.seed, tally.round)
    if soaked.fell:
        raise ArenaError(
            f"unsound: {soaked.fell} of {soaked.certified} points that {soaked.method} certifies in {soaked.norm} fell,"
            f" in round {tally.round} of seed {tally.seed}; report this as a bug"
        )
    by_norm = tally.points.setdefault(soaked.method, {})
    by_norm[soaked.norm] = by_norm.get(soaked.norm, 0) + soaked.certified
    tally.round += 1


def _begun(seed: int, out: Path | None) -> Tally:
    if out is None or not out.exists():
        return Tally(seed=seed)
    try:
        tally = Tally.model_validate_json(out.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise InvalidValue(f"{out} is no soak to go on from: name another file with --out ({error})") from error
    if tally.seed != seed:
        raise InvalidValue(f"{out} is a soak of seed {tally.seed}, not {seed}: name another file with --out")
    return tally
