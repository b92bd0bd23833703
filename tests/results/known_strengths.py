"""Tables whose truth is known: what every attacker can do, and where an attack was planted too weak."""

import numpy as np

from results import Record, ResultsTable

BLACK_BOX, TRANSFER = "black box beats white box", "transfer beats white box"
RADIUS, COVERING = "success does not grow with the radius", "accuracy above chance at a radius that covers the box"
ZERO = "zero gradients at the start"


class World:
    """Networks and attackers of known strength: a point falls to an attacker if its hardness is below the strength.

    `again=True` trains the networks anew for the next table; `network` is how much trainings differ.
    """

    def __init__(self, seed=0, seeds=3, points=300, network=0.3):
        self.rng = np.random.default_rng(seed)
        self.seeds, self.points, self.network = seeds, points, network
        self.hardness = self.rng.normal(size=points)
        self.train()

    def train(self):
        self.margin = self.hardness + self.network * self.rng.normal(size=(self.seeds, 1))
        self.margin += 0.3 * self.rng.normal(size=(self.seeds, self.points))
        self.right = self.margin > -1.8

    def table(self, again=False, defender="net", scenario="s", **strengths):
        if again:
            self.train()
        records = []
        for attacker, strength in strengths.items():
            stands = self.right & (self.margin + 0.4 * self.rng.normal(size=self.right.shape) > strength)
            records += [
                Record.of(scenario=scenario, attacker=attacker, defender=defender, seed=s, clean=c, attacked=a)
                for s, (c, a) in enumerate(zip(self.right, stands, strict=True))
            ]
        return ResultsTable(tuple(records))


def names(findings):
    return [flag.name for flag in findings]


def both(table, other):
    return ResultsTable(table.records + other.records)
