"""Poisoning in numbers: the figures beside the accuracies, and the ranking."""

from __future__ import annotations

import textwrap
from statistics import fmean

from results.tables.columns import WIDTH
from results.tables.rounds import Round, round_of
from results.tables.table import ResultsTable

SHOWN = {
    "share_touched": "touched",
    "reference_accuracy": "clean",
    "poisoned_accuracy": "poisoned",
    "attack_success": "success",
    "attack_success_clean": "on clean",
    "true_positive_rate": "caught",
    "false_positive_rate": "blamed",
    "certified_accuracy_1": "b = 1",
    "certified_accuracy_5": "b = 5",
    "certified_accuracy_10": "b = 10",
    "certified_accuracy": "all b",
}
MEANING = (
    "touched: share of all training rows; clean, poisoned: accuracy on all test points without and with the poison; success:"
    " read as the target, over points of other classes or over chosen points, a trial each, beside the same for the clean model;"
    " caught, blamed: the sanitiser's true and false positive rates; b: certified accuracy, right and not to be changed by any"
    " b poisoned rows, or by as many as are allowed. In %."
)


def poison_report(table: ResultsTable) -> str:
    """Tabulate what was measured beside the hits in the last round, a line a pair, means over the seeds."""
    played = round_of(table.records)
    columns = [name for name in SHOWN if name in table.extras]
    lines = [["attacker", "defender", *(SHOWN[name] for name in columns)]]
    for attacker in played.attackers:
        for defender in played.defenders:
            if not played.lacking(attacker, defender):
                lines.append([attacker, defender, *(_cell(played, attacker, defender, name) for name in columns)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [
        "  ".join(
            cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    return "\n".join([f"{played.scenario}: what the poison did", "", *text, "", *textwrap.wrap(MEANING, WIDTH)])


def ranking(table: ResultsTable) -> str:
    """Rank defenders by accuracy under the attacker that is best against each, and under the first attacker, the control."""
    played = round_of(table.records)
    control = played.attackers[0]
    shown = [name for name in played.defenders if control in played.opponents(name)]
    under = {name: played.attacked(control, name).mean() for name in shown}
    best = {name: min((played.attacked(a, name).mean(), a) for a in played.opponents(name)) for name in shown}
    by_control = sorted(shown, key=lambda name: -under[name])
    by_best = sorted(shown, key=lambda name: -best[name][0])
    lines = [
        f"{place}. {name}: {100 * best[name][0]:.1f} under {best[name][1]}; place {by_control.index(name) + 1} with"
        f" {100 * under[name]:.1f} under {control}"
        for place, name in enumerate(by_best, start=1)
    ]
    moved = sum(a != b for a, b in zip(by_best, by_control, strict=True))
    title = f"{played.scenario}: defenders by accuracy in % under the best attacker of each; {moved} places differ from"
    return "\n".join([f"{title} the ranking under {control}", "", *lines])


def _cell(played: Round, attacker: str, defender: str, name: str) -> str:
    values = [dict(played.met[attacker, defender, seed].extras).get(name) for seed in played.seeds]
    known = [value for value in values if value is not None]
    return f"{100 * fmean(known):.1f}" if known else "–"
