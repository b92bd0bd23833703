import numpy as np
import pytest

from agents.attackers.backdoors import BackdoorPatch
from agents.attackers.evading import Evading
from agents.attackers.flips import LossMaximisingLabelFlip
from agents.defenders import Plain, Sanitised
from arena import InvalidValue, play
from arena.conformance import attacker_checks
from scenarios import Poisoning

QUICK = Plain(hidden=(32,), epochs=10)
FLIPS = LossMaximisingLabelFlip(surrogate=QUICK)


@pytest.mark.parametrize("check", list(attacker_checks(Evading(attacker=FLIPS, by="knn(k=3)", tries=2))), ids=str)
def test_it_keeps_the_rules(check):
    check()


def extras(attacker, by, **rules):
    return play(Poisoning(**rules), attacker, Sanitised(by=by, then=QUICK)).rounds[0].extras


def test_flips_that_know_the_neighbours_are_caught_less():
    naive, knowing = (extras(a, "knn", allowance=0.4) for a in (FLIPS, Evading(attacker=FLIPS, by="knn")))
    assert knowing["true_positive_rate"] < 0.7 * naive["true_positive_rate"]


def test_what_is_sent_is_numbered_as_the_view_is_and_the_trigger_is_the_others():
    game = Poisoning(goal="backdoor", allowance=0.1, train=400)
    moves = []
    evading = Evading(attacker=BackdoorPatch(), by="knn", tries=2)
    play(game, evading, QUICK, watch=lambda turn, move: moves.append(move))
    poison, triggered = moves[1], moves[3]
    assert 0 < len(poison.rows) <= 40
    own = np.delete(np.arange(64), [54, 55, 62, 63])
    assert np.array_equal(poison.x[:, own], game.deal.train.x[poison.rows][:, own])
    assert (triggered.x[:, [54, 55, 62, 63]] == 1).all()


def test_an_unknown_sanitiser_is_refused_at_once():
    with pytest.raises(InvalidValue, match="no sanitiser is called"):
        Evading(by="nn")
