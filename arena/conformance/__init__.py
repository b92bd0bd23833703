"""Checks that a player or a scenario must pass, yielded one by one, for anyone's tests.

    @pytest.mark.parametrize("check", attacker_checks(MyAttack()), ids=str)
    def test_keeps_the_rules(check):
        check()

Each check raises NonConformance that names the rule. They run on a small task of their own: no data, no training set.
"""

from arena.conformance.attackers import attacker_checks
from arena.conformance.check import Check, NonConformance
from arena.conformance.defenders import defender_checks
from arena.conformance.poisoning import poisoner_checks, poisoning_checks
from arena.conformance.scenarios import scenario_checks

__all__ = [
    "Check",
    "NonConformance",
    "attacker_checks",
    "defender_checks",
    "poisoner_checks",
    "poisoning_checks",
    "scenario_checks",
]
