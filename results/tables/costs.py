"""What both sides pay, read from a table: queries and seconds of training."""

from __future__ import annotations

import numpy as np

from results.game.minimax import Vector
from results.game.payoffs import Matrix, Payoff
from results.tables.rounds import round_of
from results.tables.table import ResultsTable


def query_costs(table: ResultsTable, payoff: Payoff, price: float) -> Matrix:
    """What each attacker pays against each defender where a query about each point costs `price` test points.

    Shape (attackers, defenders), for `charged`; the last round counts. Raises ValueError where queries were not counted.
    """
    played = round_of(table.records)
    counts = [[played.queries(attacker, name) for name in payoff.defenders] for attacker in payoff.attackers]
    if not all(count.size for row in counts for count in row):
        raise ValueError("queries: not counted in this table; play a scenario that counts them")
    return price * np.array([[count.mean() for count in row] for row in counts])


def training_costs(table: ResultsTable, payoff: Payoff, price: float) -> Vector:
    """What each defender pays where a second of training costs `price` test points: shape (defenders,), for `charged`.

    Raises ValueError where a training was not timed.
    """
    seconds = table.training_seconds
    untimed = [name for name in payoff.defenders if not all((name, seed) in seconds for seed in table.seeds)]
    if untimed:
        raise ValueError(
            f"training_seconds: not known for {', '.join(untimed)}; take the table of the tournament itself"
        )
    return price * np.array([np.mean([seconds[name, seed] for seed in table.seeds]) for name in payoff.defenders])
