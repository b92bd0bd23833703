"""A run made into a report: which sections, in which order, from the table and what was kept beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from results.game.minimax import NoEquilibriumError
from results.game.payoffs import Information
from results.masking.flags import Findings
from results.rankings.methods import DRAWS
from results.records.packing import Hits
from results.report.blocks import Block, Entry, Facts, Picture, Report, Section, Sheet, Verbatim, Words
from results.report.game import equilibrium, game_of, in_short, learning, rankings
from results.report.numbers import of_cell
from results.tables.columns import sample
from results.tables.curves import counted
from results.tables.errors import MEASURED as ERRORS
from results.tables.errors import error_table
from results.tables.expectation import MEASURED, expectation_table
from results.tables.grid import Grid
from results.tables.medians import query_table
from results.tables.poisoning import poison_report, ranking
from results.tables.rounds import round_of
from results.tables.table import ResultsTable

FLAG = ("name", "defender", "evidence", "meaning", "remedy")
METHOD = (
    "Accuracies carry Wilson's interval for the number of independent outcomes that would be as uncertain, over test points and"
    " training seeds. What is computed from the whole table is computed again on resampled tables: Dirichlet weights for the"
    " points, Student's for the few seeds, one draw for all cells, so that differences are paired. Every interval is at 95 %."
)


def report_of(
    table: ResultsTable,
    *,
    information: Information | None = None,
    findings: Findings | None = None,
    pictures: Mapping[str, tuple[str, bytes]] | None = None,
    texts: Mapping[str, str] | None = None,
    certified: Mapping[tuple[str, int], Hits] | None = None,
    commands: Sequence[str] = (),
    rules: str = "",
    draws: int = DRAWS,
) -> Report:
    """Tell a run: the table, the game behind it, rankings, flags, pictures and the commands that make it again.

    `pictures` maps a file's name to a caption and the bytes of a PNG, `texts` a title to lines that are already laid out;
    `certified` says which points (n,) are proven to stand, by defender and seed; `rules` is a line on the game played. Of
    several rounds the last is told. Raises ValueError as `ResultsTable.grid` does.
    """
    grid = table.grid(timings=bool(table.training_seconds), information=information)
    grid = grid.with_certified(certified) if certified else grid
    short, *game = _game(grid, draws)
    drawn = tuple(Picture(name, caption, png) for name, (caption, png) in (pictures or {}).items())
    shown = [Section("Pictures", drawn)] if drawn else []
    told = [Section(title, (Verbatim(text),)) for title, text in (texts or {}).items()]
    sections = [short, _accuracies(grid), *game, *told, *_beside(table), _flags(findings), *shown, _again(commands)]
    return Report(grid.heading, " · ".join(filter(None, [sample(grid.seeds, grid.points), rules])), tuple(sections))


def _accuracies(grid: Grid) -> Section:
    rows = [(label, tuple(map(of_cell, cells))) for label, cells in grid.rows]
    if grid.certified is not None:
        rows.append(("certified", tuple(map(of_cell, grid.certified))))
    if grid.training is not None:
        seconds = ("–" if np.isnan(mean) else f"{mean:.1f}" for mean in grid.training)
        rows.append(("training s", tuple(map(Entry, seconds))))
    caption, rules = "accuracy, % of test points, with 95 % interval", (0, len(grid.attackers))
    sheet = Sheet(caption, grid.defenders, tuple(rows), rules)
    words = "Attackers down, defenders across; a worst-case point counts only where it is right under every attacker."
    absent = dict.fromkeys(cell.reason for row in grid.attacked for cell in row if cell.reason)
    reasons = [Facts(tuple(("no result", reason) for reason in absent))] if absent else []
    return Section("Who beats whom", (sheet, Words(words), *reasons))


def _game(grid: Grid, draws: int) -> list[Section]:
    """What stands first, and the sections on the game."""
    if not grid.payoff.matrix.size:
        return [
            Section("No game", (Words("No attacker has a result against any defender: there is no game to solve."),))
        ]
    try:
        game = game_of(grid.payoff, draws)
    except NoEquilibriumError as error:
        return [Section("No game", (Words(f"No equilibrium: {error}"),))]
    return [in_short(game), equilibrium(game), rankings(game, draws), learning(game)]


def _beside(table: ResultsTable) -> list[Section]:
    """Queries and poison, where the table holds any."""
    played, found = round_of(table.records), []
    if any(counted(played, attacker, name) for attacker in played.attackers for name in played.defenders):
        found.append(Section("Queries", (Verbatim(query_table(table)),)))
    if MEASURED in table.extras:
        found.append(Section("Randomised defenders", (Verbatim(expectation_table(table)),)))
    if ERRORS in table.extras:
        found.append(Section("Errors", (Verbatim(error_table(table)),)))
    if "share_touched" in table.extras:
        found.append(Section("Poison", (Verbatim(poison_report(table)), Verbatim(ranking(table)))))
    return found


def _flags(findings: Findings | None) -> Section:
    if findings is None:
        return Section("Masking flags", (Words("Not judged: this run keeps no findings that can be read."),))
    checks = f"Checked: {', '.join(findings.checks)}." if findings.checks else "Nothing could be checked."
    blocks: list[Block] = [Words(f"{len(findings) or 'No'} flag{'s' * (len(findings) != 1)} raised. {checks}")]
    blocks += [Facts(tuple((label, getattr(flag, label)) for label in FLAG)) for flag in findings]
    if findings.unjudged:
        blocks.append(Facts(tuple(("not judged", reason) for reason in findings.unjudged)))
    return Section("Masking flags", tuple(blocks))


def _again(commands: Sequence[str]) -> Section:
    blocks = [Verbatim("\n".join(commands))] if commands else []
    return Section("How to get these numbers again", (*blocks, Words(METHOD)))
