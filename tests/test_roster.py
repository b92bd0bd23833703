"""Every registered player and scenario passes every check that third parties run, and planted offenders do not."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from agents.attackers import FGSM
from arena import Deployment, Perturbation, roster
from arena.conformance import NonConformance, attacker_checks, defender_checks, scenario_checks

CHECKS = {"attackers": attacker_checks, "defenders": defender_checks, "scenarios": scenario_checks}
QUICK = {
    "adversarial-training": "adversarial-training(epochs=10)",
    "ensemble": "ensemble(members=['plain', 'dropout'])",
}
MASKS = pytest.mark.xfail(strict=True, reason="its gradient is a stand-in, and the check is there to say so")
HIDDEN = {
    f"{name}:gradients-agree-with-finite-differences"
    for name in ("feature-squeezing", "randomised-input", "deep-partition-aggregation")
}
EVERYONE = [
    pytest.param(check, id=f"{name}:{check}", marks=[MASKS] if f"{name}:{check}" in HIDDEN else [])
    for group, checks in CHECKS.items()
    for name in roster.names(group)
    if "required" not in roster.parameters(roster.find(group, name)).values()
    for check in checks(roster.build(group, QUICK.get(name, name)))
]


@pytest.mark.parametrize("check", EVERYONE)
def test_the_house_keeps_its_own_rules(check):
    check()


def caught(checks):
    found = set()
    for check in checks:
        try:
            check()
        except NonConformance:
            found.add(check.name)
    return found


@dataclass(frozen=True)
class Nothing:
    def move(self, view, rng):
        return Perturbation(view.field.x.copy())


@dataclass(frozen=True)
class LeavesByALittle:
    def move(self, view, rng):
        x = FGSM().move(view, rng).x
        return Perturbation((x + 1e-4 * np.sign(x - view.field.x)).astype(np.float32))


@dataclass(frozen=True)
class NotANumber:
    def move(self, view, rng):
        x = view.field.x.copy()
        x[0, 0] = np.nan
        return Perturbation(x)


@dataclass(frozen=True)
class WritesIntoTheField:
    def move(self, view, rng):
        x = view.field.x
        x += 0.1
        return Perturbation(x)


@dataclass(frozen=True)
class ForcesItsWayIn:
    def move(self, view, rng):
        bias = view.model.layers[-1].b
        bias.flags.writeable = True
        bias += 1
        return FGSM().move(view, rng)


@dataclass
class Remembers:
    seen: list = field(default_factory=list)

    def move(self, view, rng):
        self.seen.append(1)
        return Perturbation(view.ball.project(view.field.x + np.float32(0.01 * len(self.seen)), view.field.x))


class RemembersInItsClass:
    matches = 0

    def __repr__(self):
        return "RemembersInItsClass()"

    def move(self, view, rng):
        type(self).matches += 1
        return Perturbation(view.ball.project(view.field.x + np.float32(0.01 * self.matches), view.field.x))


class Anonymous:
    def move(self, view, rng):
        return FGSM().move(view, rng)


@dataclass(frozen=True)
class OwnDice:
    def move(self, view, rng):
        return Perturbation(view.ball.uniform(view.field.x, np.random.default_rng()))


@pytest.mark.parametrize(
    ("offender", "rule"),
    [
        (Nothing(), "moves-something"),
        (LeavesByALittle(), "stays-legal[linf 0.15]"),
        (NotANumber(), "stays-legal[linf 0.15]"),
        (WritesIntoTheField(), "leaves-the-view-alone"),
        (ForcesItsWayIn(), "leaves-the-view-alone"),
        (Remembers(), "no-memory-between-matches"),
        (RemembersInItsClass(), "no-memory-between-matches"),
        (Anonymous(), "has-an-identity"),
        (OwnDice(), "same-stream-same-move"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_an_attacker_that_breaks_a_rule_is_caught_by_its_name(offender, rule):
    assert rule in caught(attacker_checks(offender))


class Liar:
    features, classes = 16, 4

    def __init__(self, answer, slope):
        self.answer, self.slope = answer, slope

    def logits(self, x):
        return self.answer(x)

    def vjp(self, x):
        return self.logits(x), lambda g: self.slope * np.ones_like(x)


@dataclass(frozen=True)
class Deploys:
    kind: str

    def move(self, view, rng):
        answers = {
            "nan": lambda x: np.full((len(x), 4), np.nan, np.float32),
            "constant": lambda x: np.tile(np.float32([1, 0, 0, 0]), (len(x), 1)),
            "random": lambda x: np.random.default_rng().random((len(x), 4), dtype=np.float32),
        }
        return Deployment(Liar(answers[self.kind], 1.0))


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("nan", "deploys-a-legal-model"),
        ("constant", "beats-chance-when-clean"),
        ("constant", "gradients-agree-with-finite-differences"),
        ("random", "inference-is-deterministic"),
    ],
)
def test_a_defender_that_breaks_a_rule_is_caught_by_its_name(kind, rule):
    assert rule in caught(defender_checks(Deploys(kind)))
