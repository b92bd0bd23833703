"""The transfer matrix: what examples made on one network take from another, beside what white-box attackers take."""

from __future__ import annotations

from dataclasses import dataclass

from results.statistics.intervals import crossed_among
from results.tables.columns import heading, lined_up, numbered, paragraph, sample, split_name, stacked
from results.tables.grid import Cell, absence
from results.tables.rounds import Round, round_of
from results.tables.table import ResultsTable

Cells = tuple[Cell, ...]

NOISE, WHITE_BOX = "noise", "white box"
NEVER_RIGHT = Cell(None, "–")
UNMET = Cell(None, "missing", "no white-box attacker has a result")


@dataclass(frozen=True)
class TransferMatrix:
    """Fooling rates: the share of the points read right when clean that are misread under attack, mean over seeds.

    `rates[i][j]` is what examples made on surrogate i take from target j; `noise[j]` is the control's, None where no
    noise was played. `white_box[j]` is the rate of the white-box attacker that fools target j most often, and
    `strongest[j]` its name, empty where there is none. `str(matrix)` is a table for the terminal.
    """

    title: str
    surrogates: tuple[str, ...]
    targets: tuple[str, ...]
    rates: tuple[Cells, ...]
    white_box: Cells
    strongest: tuple[str, ...]
    noise: Cells | None = None

    @property
    def rows(self) -> tuple[tuple[str, Cells], ...]:
        """All rows from the top, each with its label: the control if there is one, the surrogates, white box."""
        control = () if self.noise is None else ((NOISE, self.noise),)
        return (*control, *zip(self.surrogates, self.rates, strict=True), (WHITE_BOX, self.white_box))

    def __str__(self) -> str:
        notes = numbered(cell for _, cells in self.rows for cell in cells)
        rows = [[(label,), *(stacked(cell, notes) for cell in cells)] for label, cells in self.rows]
        after = (0, *([1] if self.noise else []), len(rows) - 1)
        table = lined_up([(), *map(split_name, self.targets)], rows, after)
        labelled = [(WHITE_BOX, self._who()), *((f"[{number}]", reason) for reason, number in notes.items())]
        return "\n".join([self.title, "", *table, "", *(paragraph(label, text) for label, text in labelled)])

    def _who(self) -> str:
        names = tuple(dict.fromkeys(filter(None, self.strongest)))
        met = list(zip(self.strongest, self.targets, strict=True))
        who = (f"{name} against {', '.join(target for best, target in met if best == name)}" for name in names)
        return f"the attacker with the highest rate: {'; '.join(who) or 'none'}"


def transfer_matrix(transfer: ResultsTable, white_box: ResultsTable) -> TransferMatrix:
    """Tabulate the attackers of a transfer tournament, a surrogate each, against its defenders, in the last round.

    `white_box` was played with the same points under the same ball; an attacker that is in `transfer` too counts as
    one that saw nothing, not as a white-box attacker. The control is the attacker called noise, of either table. Raises
    ValueError as `ResultsTable.grid` does, and where the two tables have different numbers of points.
    """
    unseen, seen = round_of(transfer.records), round_of(white_box.records)
    if unseen.points != seen.points and unseen.points * seen.points:
        raise ValueError(f"points: the tables share them, not {unseen.points} and {seen.points}; play the same points")
    targets = unseen.defenders
    surrogates = tuple(name for name in unseen.attackers if not _is_noise(name))
    best = [_strongest(seen, target, set(unseen.attackers)) for target in targets]
    where, size = heading(unseen.scenario, unseen.number), sample(unseen.seeds, unseen.points)
    return TransferMatrix(
        title=f"{where}: points read right that got fooled, in % with 95 % interval, {size}",
        surrogates=surrogates,
        targets=targets,
        rates=tuple(tuple(_rate(unseen, name, target) for target in targets) for name in surrogates),
        white_box=tuple(cell for _, cell in best),
        strongest=tuple(name for name, _ in best),
        noise=_control(unseen, targets) or _control(seen, targets),
    )


def _strongest(seen: Round, target: str, blind: set[str]) -> tuple[str, Cell]:
    """The white-box attacker with the highest rate, the first of several, and its cell."""
    cells = {name: _rate(seen, name, target) for name in seen.opponents(target) if name not in blind}
    rates = {name: cell.interval.estimate for name, cell in cells.items() if cell.interval}
    if not rates:
        return "", next(iter(cells.values()), UNMET)
    name = max(rates, key=lambda name: rates[name])
    return name, cells[name]


def _control(played: Round, targets: tuple[str, ...]) -> Cells | None:
    names = [name for name in played.attackers if _is_noise(name)]
    return tuple(_rate(played, names[0], target) for target in targets) if names else None


def _rate(played: Round, attacker: str, target: str) -> Cell:
    absent = absence(played, attacker, target)
    if absent:
        return absent
    right = played.right(attacker, target)
    fooled = right & ~played.attacked(attacker, target)
    return Cell(crossed_among(fooled, right)) if right.any() else NEVER_RIGHT


def _is_noise(name: str) -> bool:
    return name.split("(")[0] == NOISE
