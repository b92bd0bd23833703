"""What is proven of a tournament's own networks, for the line below the worst case; a proof that a match refutes stops it all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arena.certify import certify
from arena.certify.brackets import agree
from arena.engine.arrays import Mask
from arena.engine.model import Model
from arena.errors import ArenaError
from arena.jobs.runner import OF_THE_MACHINE, Failure, Runner, Shared
from arena.match import Opening
from results import ResultsTable

_BEYOND = ("InvalidValue", *OF_THE_MACHINE)  # a network without bounds, or a proof that takes too long: no line, no bug


def certified_points(
    scenario: Any, openings: Mapping[tuple[str, int], Opening], table: ResultsTable, running: Runner
) -> dict[tuple[str, int], Mask]:
    """Which points (n,) CROWN certifies of each opening, by (defender, seed), where its network can be bounded at all.

    Raises Unsound where a match of the table breaks a certified point.
    """
    found: dict[tuple[str, int], Mask] = {}
    rules = Shared(scenario)
    for seat, opening in openings.items():
        running.submit(seat, _certified, rules, opening.move.model)
    for seat, ended in running.completed():
        if not isinstance(ended, Failure):
            found[seat] = ended
        elif ended.kind not in _BEYOND:
            raise ArenaError(f"{seat[0]} (seed {seat[1]}) could not be certified: {ended.kind}: {ended.text}")
    for record in table.records:
        if (record.defender, record.seed) in found and not record.forfeit:
            agree(f"CROWN on {record.defender}", found[record.defender, record.seed], record.attacker, ~record.attacked)
    return found


def _certified(rules: Shared[Any], model: Model) -> Mask:
    (field,) = rules.value.deal.fields
    return certify(model, field.x, field.y, rules.value.ball, method="crown").certified
