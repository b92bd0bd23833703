import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from results import Findings, Record, ResultsTable, masking_flags, masking_report
from results.paired import paired_drop

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


def test_what_cannot_be_judged_is_said_and_not_called_checked():
    world = World(seeds=1)
    white = both(world.table(pgd=-1.0), world.table(defender="other", pgd=0.0))
    findings = masking_flags(white, queries=both(world.table(nes=0.0), world.table(defender="new", nes=0.0)))
    assert len(findings) == 1 and findings.checks == (BLACK_BOX,)
    assert findings.unjudged == (
        f"{BLACK_BOX}: no result against a black-box attacker (other)",
        f"{BLACK_BOX}: no result against a white-box attacker (new)",
    )
    for kind in ({"queries": world.table(True, nes=0.0)}, {"radii": {1: white, 2: world.table(True, pgd=0.0)}}):
        findings = masking_flags(world.table(pgd=-1.0), **kind)
        assert not findings and not findings.checks and "a single seed" in findings.unjudged[0]
    late = ResultsTable((Record(scenario="s", attacker="pgd", defender="net", seed=0, forfeit="late"),))
    assert masking_flags(white, covering=late, classes=3).unjudged[0].endswith("covers the box (net)")


def test_seeds_that_are_not_shared_do_not_count():
    world = World()
    white, black = world.table(pgd=-1.0), world.table(square=0.5)
    findings = masking_flags(white, queries=black.where(seed=1))
    assert findings == masking_flags(white.where(seed=1), queries=black.where(seed=1)) and findings


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda w: {"queries": World(points=10).table(nes=0)}, r"points: the tables share them, not \[300, 10\]"),
        (lambda w: {"radii": {1: w, 2: World(points=9).table(pgd=0)}}, r"points: .* not \[300, 300, 9\]"),
        (lambda w: {"radii": {1: w}}, r"radii: a table for each of two or more, not \[1\]"),
        (lambda w: {"queries": w.where(seed=0), "transfer": w.where(seed=9)}, "seeds: .* the ones they share"),
        (lambda w: {"covering": w}, "classes: .* not None; give it"),
        (lambda w: {"covering": w, "classes": 1}, "classes: .* not 1"),
        (lambda w: {"zero_gradients": {"net": 12}}, "zero_gradients: a share .* not 12 for net"),
    ],
)
def test_what_cannot_be_compared_is_refused(change, complaint):
    table = World().table(pgd=0)
    with pytest.raises(ValueError, match=complaint):
        masking_flags(table, **change(table))


def test_a_report_reads_like_this(play):
    table = ResultsTable((play("pgd", "d", 0, "1", "1"),))
    assert masking_report(masking_flags(table, zero_gradients={"d": 0.5, "e": 0.25})) == (
        "2 flags raised; checked: zero gradients at the start\n"
        "\n"
        "zero gradients at the start\n"
        "  evidence  d: at 50.0 % of the clean points the gradient is exactly zero\n"
        "  evidence  e: at 25.0 % of the clean points the gradient is exactly zero\n"
        "  meaning   Where the gradient is exactly zero an attack that follows it stands still and the point counts as\n"
        "            robust: a loss that saturates in floating point, dead units, or a step without a gradient.\n"
        "  remedy    Attack the logits with a margin loss instead of the cross-entropy, scale the logits down, start at\n"
        "            random points, and put a smooth stand-in where a step has no gradient."
    )


def test_no_flag_is_one_line_that_names_the_checks():
    world = World()
    white = world.table(pgd=1.0)
    findings = masking_flags(white, queries=world.table(nes=0.0), zero_gradients={"net": 0.0})
    assert masking_report(findings) == f"no flag raised; checked: {BLACK_BOX}, {ZERO}"
    assert masking_report(()) == masking_report(masking_flags(white)) == "no flag raised"


def test_a_report_says_what_it_could_not_judge():
    findings = masking_flags(World(seeds=1).table(pgd=0.0), queries=World(seeds=1, seed=1).table(nes=0.0))
    assert masking_report(findings).startswith(f"no flag raised\nnot judged  {BLACK_BOX}: the tables hold different")


def test_findings_are_a_tuple_that_travels():
    world = World()
    findings = masking_flags(world.table(pgd=-1.0), queries=world.table(nes=1.0))
    copy = pickle.loads(pickle.dumps(findings))
    assert copy == findings == tuple(findings) and isinstance(copy, Findings)
    assert (copy.checks, copy.unjudged) == (findings.checks, findings.unjudged)
