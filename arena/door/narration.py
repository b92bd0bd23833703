"""One match, told turn by turn."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import typer

from arena.match import play
from arena.moves import Deployment, Move, Poison, Tampered
from arena.players import AnyAttacker, Defender
from arena.scenario import AttackerTurn, Turn
from arena.views import DefenderView


def narrate(scenario: Any, attacker: AnyAttacker, defender: Defender, seed: int) -> None:
    """Play the match and print a line for each turn, then the referee's scores."""
    ball = scenario.threat.ball
    typer.echo(f"{scenario.name} on {scenario.dataset.name}, {ball.norm} ball of radius {ball.radius:g}, seed {seed}")
    typer.echo(f"  attacker  {attacker}\n  defender  {defender}\n")
    started = time.perf_counter()

    def tell(turn: Turn, move: Move) -> None:
        nonlocal started
        seconds, started = time.perf_counter() - started, time.perf_counter()
        typer.echo(f"{_told(turn, move, ball)} ({seconds:.2f} s)")
        if isinstance(move, Deployment) and move.note:
            typer.echo(f"          {move.note}")

    outcome = play(scenario, attacker, defender, seed=seed, watch=tell)
    typer.echo("")
    for number, scored in enumerate(outcome.rounds):
        lost = int((scored.clean & ~scored.attacked).sum())
        typer.echo(
            f"referee   round {number}: clean {scored.clean_accuracy:.1%}, attacked {scored.attacked_accuracy:.1%};"
            f" {lost} of {len(scored.clean)} points fooled that were read right"
        )
        for name, value in scored.extras.items():
            typer.echo(f"          {name.replace('_', ' ')} {value:.4g}")


def _told(turn: Turn, move: Move, ball: Any) -> str:
    if isinstance(turn, AttackerTurn) and isinstance(move, Poison):
        added = 0 if move.added_x is None else len(move.added_x)
        return f"attacker  poisons {len(move.rows)} of {len(turn.view.train)} rows and inserts {added}"  # type: ignore[union-attr]  # a poisoner saw them
    if isinstance(move, Tampered):
        return "attacker  tampers with the weights"
    if isinstance(turn, AttackerTurn):
        d = np.asarray(move.x) - turn.view.field.x  # type: ignore[union-attr]  # an attacker's move, already judged by play
        moved = int((np.abs(d) > 0).any(axis=1).sum())
        return f"attacker  moves {moved} of {len(d)} points, by up to {float(ball.size(d).max()):.4g} in {ball.norm}"
    faced = sum(map(len, turn.view.faced)) if isinstance(turn.view, DefenderView) else 0
    again = f" and the {faced} attacked ones it has faced" if faced else ""
    return f"defender  trains on {len(turn.view.train)} rows{again}, and deploys"
