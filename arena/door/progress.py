"""Progress on stderr while a tournament runs: trainings and matches done, time left, the table as it fills; quiet when piped."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from arena.door.log import Log
from arena.match import Opening
from results import Record, Store


class Bars:
    """An observer of a tournament that fills a store: two bars, with `live` a table above them, and a line in the log each."""

    def __init__(self, store: Store, log: Log, *, live: bool) -> None:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bars = Progress(*columns, console=console)
        self._trainings, self._matches = (self._bars.add_task(name, total=None) for name in ("trainings", "matches"))
        self._quiet, self._wide = not console.is_terminal, live
        self._store, self._log, self._begun = store, log, False
        self._right: dict[tuple[str, str], list[float]] = {}
        self.openings: dict[tuple[str, int], Opening] = {}
        self._live = Live(console=console, transient=True, get_renderable=self._shown, refresh_per_second=4)

    def __enter__(self) -> Self:
        if not self._quiet:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def opened(self, defender: str, seed: int, opening: Opening | None) -> None:
        """One more training done, and kept."""
        self._begin()
        if opening is not None:
            self.openings[defender, seed] = opening
            if opening.move.note:
                self._log.write("note", defender=defender, seed=seed, note=opening.move.note)
                self._live.console.print(f"{defender}, seed {seed}: {opening.move.note}", markup=False, highlight=False)
        self._log.write("ready", defender=defender, seed=seed, seconds=opening and opening.seconds)
        self._bars.advance(self._trainings)

    def played(self, records: tuple[Record, ...]) -> None:
        """One more match done."""
        last = records[-1]
        if last.forfeit:
            self._log.write("forfeit", attacker=last.attacker, defender=last.defender, seed=last.seed, why=last.forfeit)
        else:
            self._right.setdefault((last.attacker, last.defender), []).append(last.attacked_accuracy)
            accuracy = last.attacked_accuracy
            self._log.write("played", attacker=last.attacker, defender=last.defender, seed=last.seed, accuracy=accuracy)
        self._bars.advance(self._matches)

    def _begin(self) -> None:
        """At the first sign of life the plan stands in the store: what there is to do, and what is done."""
        if self._begun:
            return
        self._begun, missing = True, self._store.missing()
        plan = self._store.plans()[0]
        self._bars.update(self._trainings, total=len({(seat.defender, seat.seed) for seat in missing}))
        self._bars.update(self._matches, total=plan.matches, completed=plan.matches - len(missing))
        self._log.write("begun", matches=plan.matches, stored=plan.stored)
        if plan.stored:
            typer.echo(f"continuing: {plan.stored} of {plan.matches} matches are stored and not played again", err=True)

    def _shown(self) -> Group:
        return Group(*([self._table()] if self._wide and self._right else []), self._bars)

    def _table(self) -> Table:
        """Mean accuracy in % over the seeds played so far."""
        defenders = list(dict.fromkeys(defender for _, defender in self._right))
        table = Table("accuracy %, so far", *defenders, box=None)
        for attacker in dict.fromkeys(attacker for attacker, _ in self._right):
            cells = (self._right.get((attacker, defender)) for defender in defenders)
            table.add_row(attacker, *(f"{100 * sum(cell) / len(cell):.1f}" if cell else "·" for cell in cells))
        return table
