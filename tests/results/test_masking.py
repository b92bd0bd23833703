"""What hides is found, and what does not is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from results import ResultsTable, masking_flags
from results.statistics.paired import paired_drop
from tests.results.known_strengths import BLACK_BOX, COVERING, RADIUS, TRANSFER, ZERO, World, both, names


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_one_seed_is_mcnemars_exact_test(fell, rose, agree):
    before = np.array([[True] * fell + [False] * rose + [True] * (agree + 1)])
    after = np.array([[False] * fell + [True] * rose + [True] * (agree + 1)])
    drop = paired_drop(before, after, same=True)
    expected = binomtest(fell, fell + rose, alternative="greater").pvalue if fell > rose else 1.0
    assert (drop.fell, drop.rose, drop.points) == (fell, rose, fell + rose + agree + 1)
    assert drop.p == pytest.approx(expected, rel=1e-9)
    assert (drop.before, drop.after) == (before.mean(), after.mean())


def test_a_point_counts_once_however_many_seeds_it_falls_at():
    before, after = np.ones((5, 20), dtype=bool), np.ones((5, 20), dtype=bool)
    after[:, :4] = False
    once, often = (paired_drop(before[:k], after[:k], same=True) for k in (1, 5))
    assert once.p == often.p == pytest.approx(1 / 16) and often.fell == 4


def test_one_training_a_table_tells_nothing_of_the_attack():
    before, after = np.ones((1, 200), dtype=bool), np.zeros((1, 200), dtype=bool)
    assert paired_drop(before, after, same=True).p < 1e-50 and paired_drop(before, after, same=False).p == 1


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(("kind", "name"), [("queries", BLACK_BOX), ("transfer", TRANSFER)])
def test_planted_masking_is_found_and_the_strong_attack_cleared(kind, name, again):
    world = World()
    fooled = masking_flags(world.table(pgd=-1.0, fgsm=-1.2), **{kind: world.table(again, square=0.5, noise=-1.7)})
    assert names(fooled) == [name] and fooled[0].defender == "net" and fooled.checks == (name,)
    honest = masking_flags(world.table(pgd=1.0, fgsm=0.0), **{kind: world.table(again, square=0.5, noise=-1.7)})
    assert not honest and honest.checks == (name,) and not honest.unjudged


def test_each_defender_is_judged_by_itself():
    masked, honest = World(1), World(2)
    white = both(masked.table(defender="masked", pgd=-1.0), honest.table(defender="honest", pgd=1.0))
    black = both(masked.table(defender="masked", nes=0.3), honest.table(defender="honest", nes=0.3))
    assert [flag.defender for flag in masking_flags(white, queries=black)] == ["masked"]


def test_the_worst_case_counts_not_the_best_attacker():
    world = World()
    white = both(world.table(pgd=0.4), world.table(fgsm=-1.0))
    assert not masking_flags(white, queries=world.table(square=0.4, nes=-1.0))
    assert masking_flags(world.table(fgsm=-1.0), queries=world.table(square=-1.0, nes=0.4))


def test_a_blind_attacker_in_the_white_box_table_hides_nothing():
    world = World()
    square = world.table(square=0.5)
    white = both(world.table(pgd=-1.0), square)
    for kind in ("queries", "transfer"):
        assert len(masking_flags(white, **{kind: square})) == 1
    assert len(masking_flags(white, queries=square, transfer=world.table(other=-1.5))) == 1


def test_the_numbers_are_in_the_evidence(play):
    white = ResultsTable((play("pgd", "d", 0, "1" * 10, "1" * 8 + "00"),))
    black = ResultsTable((play("square", "d", 0, "1" * 10, "0" * 7 + "110"),))
    (flag,) = masking_flags(white, queries=black)
    assert flag.evidence == (
        "accuracy 80.0 % under pgd, but 20.0 % under square; 7 of 10 points stand more often in the former, "
        "1 in the latter (p = 0.04)"
    )


@pytest.mark.parametrize("again", [False, True])
def test_an_accuracy_that_rises_with_the_radius_is_found(again):
    world = World(network=0.1)
    lost = {radius: world.table(again, pgd=strength) for radius, strength in [(0.1, 0.0), (0.3, -1.0), (0.2, 0.2)]}
    (flag,) = masking_flags(world.table(pgd=0.0), radii=lost)
    assert flag.name == RADIUS and "at radius 0.3 under pgd, but" in flag.evidence
    kept = {radius: world.table(again, pgd=radius) for radius in (0.3, 0.1, 0.2)}
    assert not masking_flags(world.table(pgd=0.0), radii=kept)


def test_radii_are_compared_over_the_attackers_they_share():
    world = World()
    radii = {0.1: world.table(pgd=0.0, strong=1.0), 0.2: world.table(pgd=0.3)}
    assert not masking_flags(world.table(pgd=0.0), radii=radii)


@pytest.mark.parametrize(("strength", "flagged"), [(0.0, True), (1.0, True), (2.5, False), (9.0, False)])
def test_nothing_stands_in_a_ball_that_covers_the_box(strength, flagged):
    world = World()
    findings = masking_flags(world.table(pgd=0.0), covering=world.table(again=True, pgd=strength), classes=10)
    assert names(findings) == [COVERING] * flagged and findings.checks == (COVERING,)


def test_chance_depends_on_the_classes():
    world = World()
    table = world.table(pgd=0.6)  # about a quarter stands
    assert masking_flags(table, covering=table, classes=10) and not masking_flags(table, covering=table, classes=2)


def test_zero_gradients_are_told(play):
    table = ResultsTable((play("pgd", "d", 0, "1", "1"),))
    findings = masking_flags(table, zero_gradients={"d": 0.125, "e": 0.0})
    assert names(findings) == [ZERO] and "at 12.5 % of the clean points" in findings[0].evidence
