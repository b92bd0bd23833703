"""What is proven of a tournament's own networks, for the line below the worst case; a proof that a match refutes stops it all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arena.certify import certify
from arena.certify.brackets import agree
from arena.engine.arrays import Mask
from arena.errors import InvalidValue
from arena.match import Opening
from results import ResultsTable


def certified_points(
    scenario: Any, openings: Mapping[tuple[str, int], Opening], table: ResultsTable
) -> dict[tuple[str, int], Mask]:
    """Which points (n,) CROWN certifies of each opening, by (defender, seed), where its network can be bounded at all.

    Raises Unsound where a match of the table breaks a certified point.
    """
    (field,), found = scenario.deal.fields, {}
    for seat, opening in openings.items():
        try:
            found[seat] = certify(opening.move.model, field.x, field.y, scenario.ball, method="crown").certified
        except InvalidValue:
            continue
    for record in table.records:
        if (record.defender, record.seed) in found and not record.forfeit:
            agree(f"CROWN on {record.defender}", found[record.defender, record.seed], record.attacker, ~record.attacked)
    return found
