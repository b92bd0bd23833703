from dataclasses import dataclass

import numpy as np
import pytest

from agents.attackers import FGSM, Noise
from agents.defenders import Plain
from arena import Batch, Dataset, Deployment, IllegalMove, Perturbation, play
from arena.scenario import AttackerTurn, DefenderTurn
from scenarios import WhiteBox

QUICK = Plain(hidden=(8,), epochs=2)


def rows_of(batch: Batch) -> set[bytes]:
    return {row.tobytes() for row in batch.x}


def turns_of(game: WhiteBox, attacker=None, defender=QUICK) -> list:
    seen = []
    play(game, attacker or Noise(), defender, watch=lambda turn, move: seen.append((turn, move)))
    return seen


def numbered(n: int) -> Dataset:
    """A data set whose every row is told from every other by its first pixel."""
    x = np.random.default_rng(0).random((n, 4), dtype=np.float32)
    x[:, 0] = np.arange(n) / n
    return Dataset.of("numbered", x, np.arange(n) % 3)


def test_rounds_alternate_and_each_field_is_fresh():
    game = WhiteBox(data=numbered(300), rounds=3, points=60)
    seen = turns_of(game)
    assert [type(turn) for turn, _ in seen] == [DefenderTurn, AttackerTurn] * 3
    shown = [rows_of(turn.view.field) for turn, _ in seen[1::2]]
    assert shown == [rows_of(field) for field in game.deal.fields]
    assert len(set().union(*shown)) == 60


def test_the_defender_sees_what_it_faced_only_after_it_was_scored():
    game = WhiteBox(data=numbered(300), rounds=4, points=60)
    seen = turns_of(game, FGSM())
    views, attacks = [turn.view for turn, _ in seen[::2]], [move for _, move in seen[1::2]]
    assert [len(view.faced) for view in views] == [0, 1, 2, 3]
    for i, view in enumerate(views):
        for faced, attack, field in zip(view.faced, attacks, game.deal.fields, strict=False):
            np.testing.assert_array_equal(faced.x, attack.x)
            np.testing.assert_array_equal(faced.y, field.y)
        assert rows_of(view.train) == rows_of(game.deal.train)
        assert (view.deployed is None) == (i == 0)
        assert i == 0 or view.deployed.model is seen[2 * i - 2][1].model


def test_what_was_faced_can_be_learned_from():
    @dataclass(frozen=True)
    class Learns:
        def move(self, view, rng):
            sizes.append(sum(len(field) for field in view.faced))
            return QUICK.move(view, rng)

    sizes = []
    play(WhiteBox(data=numbered(300), rounds=3, points=60), Noise(), Learns())
    assert sizes == [0, 20, 40]


def test_the_arms_race_may_go_down_to_one_step_a_turn():
    outcome = play(WhiteBox(points=500, rounds=20, train=200), FGSM(), Plain(hidden=(8,), epochs=1))
    assert len(outcome.rounds) == 20
    assert all(len(r.field) == 25 for r in outcome.rounds)
    assert outcome.attacked_accuracy == outcome.rounds[-1].attacked_accuracy


def test_each_round_is_scored_on_the_model_that_was_attacked():
    outcome = play(WhiteBox(points=100, rounds=2, train=200), FGSM(), QUICK)
    assert outcome.rounds[0].model is not outcome.rounds[1].model
    for r in outcome.rounds:
        np.testing.assert_array_equal(r.clean, r.model.logits(r.field.x).argmax(axis=1) == r.field.y)
        np.testing.assert_array_equal(r.attacked, r.model.logits(r.answer.x).argmax(axis=1) == r.field.y)


def test_the_referee_judges_against_its_own_field_and_not_the_one_shown():
    @dataclass(frozen=True)
    class Shifts:
        """Moves the field it was shown, so that its own answer looks near to it."""

        def move(self, view, rng):
            view.field.x.flags.writeable = True
            view.field.x[...] = 1 - view.field.x
            return Perturbation(view.field.x.copy())

    with pytest.raises(IllegalMove):
        play(WhiteBox(points=50, train=100), Shifts(), QUICK)


def test_a_model_that_fails_its_examination_ends_the_match():
    class Nonsense:
        def __repr__(self):
            return "Nonsense()"

        def move(self, view, rng):
            return Deployment(None)

    with pytest.raises(IllegalMove, match="the deployed model cannot read rows of 64 features"):
        play(WhiteBox(points=50, train=100), Noise(), Nonsense())
