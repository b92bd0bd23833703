from collections.abc import Callable

import numpy as np
import pytest

from results import Record, ResultsTable

Play = Callable[..., Record]


@pytest.fixture
def play() -> Play:
    """Make the record of a match from two strings of 0 and 1, a digit a test point."""

    def make(attacker, defender, seed, clean, attacked, scenario="s", round=0, queries=None):
        outcome = {"clean": np.array(list(clean)) == "1", "attacked": np.array(list(attacked)) == "1"}
        match = {"scenario": scenario, "attacker": attacker, "defender": defender, "seed": seed, "round": round}
        return Record.of(**match, **outcome, queries=queries)

    return make


@pytest.fixture
def tournament() -> Callable[..., ResultsTable]:
    """Play every attacker against every defender at every seed, with random outcomes."""

    def make(
        attackers=("fgsm", "pgd"), defenders=("plain", "dropout", "mix"), seeds=3, points=20, rng=0
    ) -> ResultsTable:
        generator = np.random.default_rng(rng)
        pairs = [(a, d, s) for a in attackers for d in defenders for s in range(seeds)]
        hits = generator.random((len(pairs), 2, points)) < [[0.9], [0.6]]
        records = [
            Record.of(scenario="white-box", attacker=a, defender=d, seed=s, clean=clean, attacked=attacked)
            for (a, d, s), (clean, attacked) in zip(pairs, hits, strict=True)
        ]
        return ResultsTable(tuple(records))

    return make
