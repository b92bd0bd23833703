"""The pictures of a poisoning run: accuracy over the share of rows, and rows before and after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import typer

from arena.contest import tournament
from arena.jobs.runner import Runner
from arena.match import play
from arena.moves import Move, Poison
from arena.scenario import Turn
from results import ResultsTable, draw_fractions, draw_poisoned

SCALES = (0.5, 2.0)
ROWS = 10


def draw_poisoning(
    folder: Path,
    scenario: Any,
    table: ResultsTable,
    attackers: Mapping[str, Any],
    defenders: Mapping[str, Any],
    running: Runner,
) -> list[str]:
    """Play the other shares at one seed, draw the curve, and some rows of the attack that cost the first defender most."""
    typer.echo("playing other shares of rows …", err=True)
    here = scenario.contamination.fraction
    shares = [scale * here for scale in SCALES if scale * here < 1]
    seed = table.seeds[0]
    tables = {f: tournament(scenario.at(f), attackers, defenders, seeds=[seed], running=running) for f in shares}
    draw_fractions({here: table.where(seed=seed), **tables}, folder / "fractions.png")
    drawn = ["fractions.png"]
    payoff = table.payoff()
    if payoff.matrix.size and _picture(scenario.dataset.shape):
        worst = payoff.attackers[int(payoff.matrix[:, 0].argmax())]
        drawn += _rows(folder, scenario, (worst, attackers[worst]), defenders[payoff.defenders[0]], seed)
    return drawn


def _rows(folder: Path, scenario: Any, attacker: tuple[str, Any], defender: Any, seed: int) -> list[str]:
    moves: list[Poison] = []

    def keep(turn: Turn, move: Move) -> None:
        if isinstance(move, Poison):
            moves.append(move)

    play(scenario, attacker[1], defender, seed=seed, watch=keep)
    poison, n = moves[0], len(moves[0].rows)
    if not n:
        return []
    spread = np.unique(np.linspace(0, n - 1, min(ROWS, n)).astype(np.intp))
    train = scenario.deal.train[poison.rows[spread]]
    x = train.x if poison.x is None else poison.x[spread]
    y = train.y if poison.y is None else poison.y[spread]
    title = f"{n} of {len(scenario.deal.train)} training rows by {attacker[0]}: {len(spread)} of them"
    draw_poisoned(folder / "poisoned.png", train.x, x, train.y, y, scenario.dataset.shape, title)
    return ["poisoned.png"]


def _picture(shape: tuple[int, ...]) -> bool:
    return len(shape) in (2, 3) and shape[2:] in ((), (3,))
