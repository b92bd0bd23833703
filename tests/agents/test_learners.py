from dataclasses import dataclass

import numpy as np
import pytest
from numpy.random import default_rng

from agents import attackers, defenders
from agents.attackers import PGD, Noise
from agents.attackers.draws import Draws
from agents.defenders import AdversarialTraining, Plain
from agents.learning import exp3, fictitious_play, regret_matching
from arena import Ball, GradientView, Perturbation, play
from arena.match import open_match
from results import solve
from scenarios import WhiteBox

BIASED = (np.array([[0, -1, 2], [1, 0, -1], [-2, 1, 0]]) + 2) / 4  # rock-paper-scissors with the value 1/2, on [0, 1]
PENNIES = np.array([[1.0, 0.25], [0.25, 0.5]])  # one match pays more than the other
GAME = WhiteBox(points=240, rounds=3)
QUICK = Plain(hidden=(32,), epochs=6)


def repeated(A, learner, rounds):
    """Both sides learn by one rule, at once; what they played on average, and what that could be exploited by."""
    p, q = np.zeros((0, len(A))), np.zeros((0, A.shape[1]))
    for _ in range(rounds):
        now, then = learner(q @ A.T), learner(1 - p @ A)
        p, q = np.vstack([p, now]), np.vstack([q, then])
    return p, q, (A @ q.mean(axis=0)).max() - (p.mean(axis=0) @ A).min()


def test_regret_matching_against_itself_comes_to_the_equilibrium():
    p, q, gap = repeated(BIASED, regret_matching, 300)
    assert gap < 0.04
    np.testing.assert_allclose(p.mean(axis=0), [0.25, 0.5, 0.25], atol=0.08)
    np.testing.assert_allclose(q.mean(axis=0), [0.25, 0.5, 0.25], atol=0.08)


def test_alternating_best_response_cycles_where_fictitious_play_settles():
    p, q, gap = repeated(PENNIES, lambda earned: fictitious_play(earned, memory=1), 400)
    profiles = [(int(a.argmax()), int(b.argmax())) for a, b in zip(p, q, strict=True)]
    assert len(set(profiles[-4:])) == 4
    assert profiles[-4:] == profiles[-8:-4]
    assert gap > 0.1
    p, q, settled = repeated(PENNIES, fictitious_play, 400)
    assert settled < 0.02
    np.testing.assert_allclose(q.mean(axis=0), solve(PENNIES).defender, atol=0.05)


def test_exp3_is_told_only_what_it_played_and_what_came_after_changes_nothing_before():
    rng = default_rng(0)
    earned, luck = rng.random((60, 4)), rng.random(60)
    p, played = exp3(earned, luck, 0.2)
    unseen = earned.copy()
    for row, k in zip(unseen, played, strict=True):
        row[np.arange(4) != k] = rng.random()
    np.testing.assert_array_equal(exp3(unseen, luck, 0.2)[0], p)
    assert exp3(earned[:30], luck[:30], 0.2)[1] == played[:30]


def test_exp3_keeps_its_regret_below_its_bound():
    rounds, k = 2000, 3
    explore = min(1.0, np.sqrt(k * np.log(k) / ((np.e - 1) * rounds)))
    regrets = []
    for seed in range(5):
        rng = default_rng(seed)
        earned = (rng.random((rounds, k)) < [0.3, 0.5, 0.7]).astype(float)
        _, played = exp3(earned, rng.random(rounds), explore)
        regrets.append(earned[:, 2].sum() - earned[np.arange(rounds), played].sum())
    assert np.mean(regrets) < 2.63 * np.sqrt(rounds * k * np.log(k))  # Auer et al., 2002, corollary 3.2
    assert np.mean(regrets) < 0.2 * rounds  # a player that never learns regrets this much


def test_on_real_networks_too_alternating_best_response_cycles_and_fictitious_play_settles():
    from results import best_response
    from results import fictitious_play as averaged

    game = WhiteBox(points=200)
    nets = [open_match(game, QUICK, seed).move.model for seed in range(2)]
    field, ball = game.deal.fields[0], Ball(0.1)
    aimed = [PGD(steps=20).move(GradientView(field, ball, net), default_rng(0)).x for net in nets]
    A = np.array([[Draws(GradientView(field, ball, net)).lost(x).mean() for net in nets] for x in aimed])
    found = solve(A)
    assert found.min_max > found.max_min + 0.05  # no pure equilibrium
    cycling, settling = best_response(A, 400), averaged(A, 400)
    assert (cycling.gap > 0.05).all()
    assert len(np.unique(cycling.defender[-10:], axis=0)) == 2
    assert settling.average_gap[-1] < 0.02


# As players


@dataclass(frozen=True)
class Watching:
    """Keeps what a learner weighs."""

    seen: list

    def move(self, view: GradientView, rng):
        self.seen.append([past.field.x.tobytes() for past in view.earlier])
        return Perturbation(view.field.x.copy())

    def __repr__(self):
        return "Watching()"


def test_an_attacker_is_shown_the_rounds_before_and_no_other():
    watching = Watching([])
    outcome = play(GAME, watching, QUICK)
    fields = [scored.field.x.tobytes() for scored in outcome.rounds]
    assert watching.seen == [fields[:0], fields[:1], fields[:2]]


@pytest.mark.parametrize("kind", [attackers.FictitiousPlay, attackers.RegretMatching], ids=lambda kind: kind.__name__)
def test_an_attacker_learns_to_play_what_wins(kind):
    first, *later = play(GAME, kind(attackers=(Noise(), PGD(steps=10))), QUICK).rounds
    always = play(GAME, PGD(steps=10), QUICK).rounds
    assert first.attacked_accuracy > always[0].attacked_accuracy + 0.1
    for learnt, best in zip(later, always[1:], strict=True):
        assert abs(learnt.attacked_accuracy - best.attacked_accuracy) < 0.1


def test_a_defender_learns_to_deploy_what_stands():
    hardened = AdversarialTraining(hidden=(32,), epochs=15)
    outcome = play(GAME, PGD(steps=10), defenders.FictitiousPlay(members=(QUICK, hardened)))
    first, *later = [scored.attacked_accuracy for scored in outcome.rounds]
    assert min(later) > first + 0.2
    assert [scored.model.weights for scored in outcome.rounds] == [(1.0, 0.0), (0.0, 1.0), (0.0, 1.0)]
    assert outcome.rounds[0].model.members[1] is outcome.rounds[2].model.members[1]  # trained once


def test_a_defender_that_matches_regrets_mixes():
    members = (QUICK, Plain(hidden=(24,), epochs=6))
    outcome = play(GAME, PGD(steps=10), defenders.RegretMatching(members=members))
    assert outcome.rounds[0].model.weights == (0.5, 0.5)


@pytest.mark.parametrize("seat", ["attacker", "defender"])
def test_exp3_plays_one_strategy_a_round_the_same_every_time(seat):
    players = {"attacker": PGD(steps=3), "defender": QUICK}
    players[seat] = {
        "attacker": attackers.Exp3(attackers=(Noise(), PGD(steps=5))),
        "defender": defenders.Exp3(members=(QUICK, QUICK)),
    }[seat]
    first, again = (play(GAME, players["attacker"], players["defender"]).rounds for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.answer.x, other.answer.x)
        assert seat == "attacker" or sorted(one.model.weights) == [0.0, 1.0]


def test_memory_is_a_number_of_rounds():
    with pytest.raises(ValueError, match="memory"):
        attackers.FictitiousPlay(memory=0)
    with pytest.raises(ValueError, match="explore"):
        defenders.Exp3(explore=1.5)
