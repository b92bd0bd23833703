import os
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from agents.attackers import FGSM, Noise
from agents.defenders import Plain
from arena import Deployment, Perturbation, tournament
from arena.engine import mlp
from scenarios import WhiteBox

GAME = WhiteBox(points=60, train=150)
PLAIN = {"plain": Plain(hidden=(16,), epochs=3)}


@dataclass(frozen=True)
class Crashes:
    def move(self, view, rng):
        raise RuntimeError("out of ideas")


@dataclass(frozen=True)
class Exits:
    def move(self, view, rng):
        sys.exit("enough")


class Panic(BaseException):
    """What foreign code may raise that is no Exception."""


@dataclass(frozen=True)
class Panics:
    kind: type[BaseException] = Panic

    def move(self, view, rng):
        raise self.kind("at the disco")


@dataclass(frozen=True)
class Dies:
    def move(self, view, rng):
        os._exit(7)


@dataclass(frozen=True)
class Cheats:
    def move(self, view, rng):
        return Perturbation(np.clip(view.field.x + np.float32(2 * view.ball.radius), 0, 1))


@dataclass(frozen=True)
class Vandal:
    """Breaks the model that everybody shares, then moves legally."""

    unlock: bool = False

    def move(self, view, rng):
        for layer in view.model.layers:
            for p in layer.params:
                p.flags.writeable = self.unlock or p.flags.writeable
                p[...] = 0
        return Perturbation(view.field.x.copy())


@dataclass(frozen=True)
class WrongShape:
    def move(self, view, rng):
        return Deployment(mlp((5, 3), rng=rng))


def reasons(table) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for record in table.records:
        found.setdefault((record.attacker, record.defender), set()).add(record.forfeit)
    return found


@pytest.fixture(scope="module")
def fair():
    return tournament(GAME, {"noise": Noise(), "fgsm": FGSM()}, PLAIN, seeds=[0, 1], workers=1)


@pytest.mark.parametrize(
    ("offender", "reason"),
    [
        (Crashes(), "RuntimeError: out of ideas"),
        (Cheats(), "IllegalMove: the perturbation of row"),
    ],
    ids=repr,
)
def test_an_attacker_that_breaks_a_rule_forfeits_its_own_matches_alone(fair, offender, reason):
    table = tournament(GAME, {"noise": Noise(), "bad": offender, "fgsm": FGSM()}, PLAIN, seeds=[0, 1], workers=1)
    assert table.where(attacker="noise").records + table.where(attacker="fgsm").records == fair.records
    lost = table.where(attacker="bad").records
    assert [record.seed for record in lost] == [0, 1]
    assert all(record.forfeit.startswith(reason) for record in lost)
    assert all(np.isnan(record.attacked_accuracy) and record.points == 0 for record in lost)


@pytest.mark.parametrize("offender", [Crashes(), WrongShape()], ids=repr)
def test_a_defender_that_cannot_play_forfeits_to_everyone(fair, offender):
    table = tournament(GAME, {"noise": Noise(), "fgsm": FGSM()}, {"bad": offender, **PLAIN}, seeds=[0, 1], workers=1)
    assert table.where(defender="plain").records == fair.records
    lost = table.where(defender="bad").records
    assert [(record.attacker, record.seed) for record in lost] == [("noise", 0), ("noise", 1), ("fgsm", 0), ("fgsm", 1)]
    assert all(
        "RuntimeError: out of ideas" in r.forfeit or "cannot read rows of 64 features" in r.forfeit for r in lost
    )


def test_an_attacker_that_writes_into_the_model_changes_nobody_elses_match(fair):
    table = tournament(GAME, {"vandal": Vandal(), "noise": Noise(), "fgsm": FGSM()}, PLAIN, seeds=[0, 1], workers=1)
    assert all(record.forfeit for record in table.where(attacker="vandal").records)
    assert table.where(attacker="noise").records + table.where(attacker="fgsm").records == fair.records


def test_an_attacker_that_unlocks_the_model_changes_nobody_elses_match(fair):
    table = tournament(
        GAME, {"vandal": Vandal(unlock=True), "noise": Noise(), "fgsm": FGSM()}, PLAIN, seeds=[0, 1], workers=1
    )
    assert all(record.forfeit for record in table.where(attacker="vandal").records)
    assert table.where(attacker="noise").records + table.where(attacker="fgsm").records == fair.records


def test_an_offence_has_the_same_name_for_any_number_of_workers():
    one, two = (tournament(GAME, {"vandal": Vandal()}, PLAIN, seeds=[0, 1], workers=workers) for workers in (1, 2))
    assert one == two


def test_an_attacker_that_exits_or_panics_forfeits_in_one_process_too():
    attackers = {"exits": Exits(), "panics": Panics(), "noise": Noise()}
    found = reasons(tournament(GAME, attackers, PLAIN, seeds=[0], workers=1))
    assert found["exits", "plain"] == {"SystemExit: enough"} and found["noise", "plain"] == {""}
    assert found["panics", "plain"] == {"Panic: at the disco"}


def test_in_one_process_ctrl_c_is_the_users():
    with pytest.raises(KeyboardInterrupt):
        tournament(GAME, {"noise": Noise(), "bad": Panics(KeyboardInterrupt)}, PLAIN, seeds=[0], workers=1)


def test_crashing_exiting_and_dying_players_forfeit_in_processes(fair):
    attackers = {
        "noise": Noise(),
        "dies": Dies(),
        "exits": Exits(),
        "crashes": Crashes(),
        "panics": Panics(),
        "interrupts": Panics(KeyboardInterrupt),
        "vandal": Vandal(),
        "fgsm": FGSM(),
    }
    table = tournament(GAME, attackers, {**PLAIN, "gone": Dies()}, seeds=[0, 1], workers=2)
    good = [r for r in table.records if r.defender == "plain" and r.attacker in ("noise", "fgsm")]
    assert tuple(good) == fair.records
    found = reasons(table)
    assert found["exits", "plain"] == {"SystemExit: enough"}
    assert found["crashes", "plain"] == {"RuntimeError: out of ideas"}
    assert found["panics", "plain"] == {"Panic: at the disco"}
    assert found["interrupts", "plain"] == {"KeyboardInterrupt: at the disco"}
    assert (
        found["dies", "plain"]
        == found["noise", "gone"]
        == {"WorkerDied: its process ended twice, at last with exit code 7"}
    )
    (vandal,) = found["vandal", "plain"]
    assert "wrote into the arrays" in vandal or "read-only" in vandal
    assert len(table) == len(attackers) * 2 * 2
