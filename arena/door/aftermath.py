"""What follows the last match of a tournament: probes and proofs of the deployed models, the table in print, the pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from arena.door.certified import certified_points
from arena.door.example import draw_example
from arena.door.poisoning import draw_poisoning
from arena.door.reporting import remember
from arena.door.sections import draw, draw_probes, sections
from arena.engine.arrays import Mask
from arena.information import information
from arena.jobs.runner import Runner
from arena.keeping.book import Row
from arena.keeping.shelf import keep, kept
from arena.match import Opening, open_match
from arena.players import AnyAttacker, Defender
from arena.poisoning.view import PoisonView
from arena.probing import Probes, Probing
from arena.views import GradientView
from results import ResultsTable, Store

Openings = dict[Row, Opening]


def told(scenario: Any) -> str:
    """The game's rules in a line."""
    train, fields = scenario.deal.train, scenario.deal.fields
    if hasattr(scenario, "summary"):
        return f"{scenario.name} on {scenario.dataset.name}: {scenario.summary}"
    ball = scenario.threat.ball
    return (
        f"{scenario.name} on {scenario.dataset.name}: {len(train)} rows to train on, {sum(map(len, fields))} to be judged by;"
        f" {ball.norm} ball of radius {ball.radius:g} in the box [{ball.box[0]:g}, {ball.box[1]:g}]"
    )


def deployed(scenario: Any, defenders: Mapping[str, Defender], store: Store, known: Openings) -> Openings:
    """Every opening that a match was played against; one of an earlier day is loaded, or made again."""
    if not _has_twin(scenario):
        return {}
    found: Openings = {}
    keys = {(seat.defender, seat.seed): seat.training for seat in store.seats()}
    for name, seed in dict.fromkeys((r.defender, r.seed) for r in store.table().records if not r.forfeit):
        opening = known.get((name, seed)) or _again(scenario, defenders[name], seed, store.network(keys[name, seed]))
        if opening:
            found[name, seed] = opening
    return found


def _again(scenario: Any, defender: Defender, seed: int, network: Path) -> Opening | None:
    move = kept(network, defender)
    if move:
        return Opening(move, 0.0)
    opening = open_match(scenario, defender, seed)
    if opening:
        keep(opening.move, network, defender)
    return opening


def _has_twin(scenario: Any) -> bool:
    """Whether its deployed models can be probed in plain sight: one round, on points moved within the ball."""
    return hasattr(scenario, "in_sight") and scenario.rounds == 1


def _bounded(scenario: Any) -> bool:
    return scenario.rounds == 1 and issubclass(scenario.shows, GradientView)


def report(
    folder: Path,
    scenario: Any,
    table: ResultsTable,
    attackers: Mapping[str, AnyAttacker],
    defenders: Mapping[str, Defender],
    openings: Openings,
    running: Runner,
) -> list[str]:
    """Print and keep the table with all that stands below it, draw the pictures; the names of what was written."""
    if openings:
        typer.echo("probing the deployed models for hidden gradients …", err=True)
    probing = Probing(scenario, defenders, openings, running) if openings else None
    pictures = draw(folder, scenario, table)  # while the probes are on their way
    poisoned = issubclass(scenario.shows, PoisonView)
    if not poisoned and draw_example(folder / "example.png", table, scenario, attackers, defenders, openings):
        pictures.append("example.png")
    probes = probing.result() if probing else None
    certified = certified_points(scenario, openings, table, running) if _bounded(scenario) else {}
    _print(folder, scenario, table, probes, certified)
    if probes:
        pictures += draw_probes(folder, scenario, table, probes)
    if poisoned:
        pictures += draw_poisoning(folder, scenario, table, attackers, defenders, running)
    return ["table.txt", *pictures]


def _print(
    folder: Path, scenario: Any, table: ResultsTable, probes: Probes | None, certified: Mapping[Row, Mask]
) -> None:
    grid = table.grid(timings=True, information=information(scenario.shows))
    grid = grid.with_certified(certified) if certified else grid
    text = "\n\n".join([str(grid), *sections(scenario, table, probes)])
    remember(folder, told(scenario), certified)
    (folder / "table.txt").write_text(text + "\n", encoding="utf-8")
    typer.echo(text)
