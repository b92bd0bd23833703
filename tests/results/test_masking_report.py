"""What a report says, and what it refuses to judge."""

import pickle

import pytest

from results import Findings, Record, ResultsTable, masking_flags, masking_report
from tests.results.known_strengths import BLACK_BOX, ZERO, World, both


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
