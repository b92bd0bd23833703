"""What is luck alone raises few flags."""

import numpy as np
import pytest

from results import Record, ResultsTable, masking_flags
from tests.results.known_strengths import World


def share_of_false_alarms(judge, runs=1000):
    return np.mean([bool(judge(run)) for run in range(runs)])


@pytest.mark.parametrize(("again", "seeds"), [(False, 1), (False, 3), (True, 2), (True, 3), (True, 6)])
def test_attackers_of_equal_strength_raise_few_false_alarms(again, seeds):
    def judge(run):
        world = World(run, seeds, points=150)
        return masking_flags(world.table(pgd=0.0), queries=world.table(again, square=0.0))

    assert share_of_false_alarms(judge) <= 0.06


@pytest.mark.parametrize("again", [False, True])
def test_an_accuracy_that_stays_the_same_raises_few_false_alarms(again):
    def judge(run):
        world = World(run, points=150)
        radii = {radius: world.table(again, pgd=0.0) for radius in (1, 2, 3, 4)}
        return masking_flags(radii[1], radii=radii)

    assert share_of_false_alarms(judge, 400) <= 0.06


def test_chance_itself_raises_few_false_alarms():
    def judge(run):
        rng = np.random.default_rng(run)
        outcomes = rng.random((3, 150)) < np.clip(rng.normal(0.1, 0.1, size=150), 0, 0.2)
        match = {"scenario": "s", "attacker": "pgd", "defender": "d", "clean": np.ones(150, dtype=bool)}
        table = ResultsTable(tuple(Record.of(**match, seed=s, attacked=hits) for s, hits in enumerate(outcomes)))
        return masking_flags(table, covering=table, classes=10)

    assert share_of_false_alarms(judge) <= 0.06


def test_a_weaker_black_box_raises_no_false_alarm():
    def judge(run):
        world = World(run, points=150)
        return masking_flags(
            world.table(pgd=0.3), queries=world.table(True, square=0.0), transfer=world.table(sur=-0.5)
        )

    assert share_of_false_alarms(judge, 100) == 0
