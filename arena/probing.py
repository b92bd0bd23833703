"""Probes beside a tournament: the same deployed models attacked in plain sight, at other radii, and asked for gradients.

They say whether an accuracy under attack is the defence's strength or the attack's weakness.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from arena import roster
from arena.engine import CrossEntropy
from arena.engine.arrays import finite
from arena.engine.model import vjp_of
from arena.jobs.runner import Failure, Runner, Shared
from arena.keeping.book import Row
from arena.match import Opening, play
from arena.players import Defender
from arena.schedule import records_of
from arena.threat import Ball
from results import Findings, Record, ResultsTable, masking_flags

SEEN = {"pgd": "pgd(steps=100)", "strongest": "strongest"}
SCALES = (0.5, 1.0, 2.0)
_SEEN = 0.0  # the key of the scenario's own radius, under every white-box probe


@dataclass(frozen=True)
class Probes:
    """White-box results at the scenario's radius, PGD's at each probed radius, and the share of zero gradients."""

    white_box: ResultsTable
    radii: Mapping[float, ResultsTable]
    zero_gradients: Mapping[str, float]
    covering: float

    def findings(self, table: ResultsTable, kind: str, classes: int) -> Findings:
        """The masking flags of a scenario's own table, `kind` being "transfer", "query" or anything else."""
        beside: dict[str, Any] = {{"transfer": "transfer", "query": "queries"}.get(kind, ""): table}
        beside.pop("", None)
        inside = {radius: t for radius, t in self.radii.items() if radius < self.covering}
        return masking_flags(
            self.white_box,
            **beside,
            radii=inside if len(inside) > 1 else None,
            covering=self.radii[self.covering],
            classes=classes,
            zero_gradients=self.zero_gradients,
        )


class Probing:
    """Each opening's model attacked in the scenario's white-box twin, `scenario.in_sight(ball)`, from now on.

    A scenario without that method, whose attacker moves no point within a ball, has nothing to probe.
    """

    def __init__(
        self, scenario: Any, defenders: Mapping[str, Defender], openings: Mapping[Row, Opening], running: Runner
    ) -> None:
        ball = scenario.threat.ball
        self._covering, self._running = _covering(ball, scenario.dataset.rows.x.shape[1]), running
        radii = [scale * ball.radius for scale in SCALES if scale * ball.radius < self._covering]
        balls = [replace(ball, radius=radius) for radius in (*radii, self._covering)]
        rules = Shared(scenario)
        for (name, seed), opening in openings.items():
            running.submit(name, _probe, rules, (name, defenders[name]), seed, opening, balls)

    def result(self) -> Probes | None:
        """Wait for all of it; None where no probe ended well."""
        records: dict[float, list[Record]] = {}
        flat: dict[str, list[float]] = {}
        for name, ended in self._running.completed():
            if not isinstance(ended, Failure):
                for key, played in ended[0].items():
                    records.setdefault(key, []).extend(played)
                flat.setdefault(name, []).append(ended[1])
        if not flat:
            return None
        tables = {key: ResultsTable(tuple(sorted(found, key=_order))) for key, found in records.items()}
        seen = tables.pop(_SEEN)
        return Probes(seen, tables, {name: float(np.mean(shares)) for name, shares in flat.items()}, self._covering)


def _order(record: Record) -> tuple[str, str, int]:
    return record.attacker, record.defender, record.seed


def _covering(ball: Ball, features: int) -> float:
    """The radius at which a ball around any point holds the whole box."""
    width = ball.box[1] - ball.box[0]
    return float(width * {"linf": 1.0, "l2": features**0.5, "l1": features}[ball.norm])


def _probe(
    rules: Shared[Any], defender: tuple[str, Defender], seed: int, opening: Opening, balls: list[Ball]
) -> tuple[dict[float, tuple[Record, ...]], float]:
    (name, player), scenario = defender, rules.value
    here = scenario.in_sight(scenario.threat.ball)
    found: dict[float, tuple[Record, ...]] = {_SEEN: ()}
    for label, text in SEEN.items():
        outcome = play(here, roster.build("attackers", text), player, seed=seed, opening=opening)
        found[_SEEN] += records_of(outcome, here.name, label, name, seed)
    for ball in balls:
        outcome = play(scenario.in_sight(ball), roster.build("attackers", "pgd"), player, seed=seed, opening=opening)
        found[ball.radius] = records_of(outcome, here.name, "pgd", name, seed)
    return found, _share_of_zero_gradients(outcome.rounds[0].model, outcome.rounds[0].field)


def _share_of_zero_gradients(model: Any, field: Any) -> float:
    logits, pull = vjp_of(model, field.x)
    gradient = pull(CrossEntropy().value_and_grad(np.asarray(logits, np.float32), field.y)[1])
    return float((~finite(np.asarray(gradient)).any(axis=1)).mean())
