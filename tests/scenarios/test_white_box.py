from dataclasses import dataclass

import numpy as np
import pytest

from agents.attackers import FGSM, Noise
from agents.defenders import Plain
from arena import Ball, Batch, Dataset, Deployment, IllegalMove, InvalidValue, Perturbation, play
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


@pytest.mark.parametrize("rounds", [1, 2, 5])
def test_fields_and_training_rows_are_disjoint_and_dealt_from_the_data(rounds):
    data = numbered(300)
    cards = WhiteBox(data=data, rounds=rounds, points=60).deal
    train, fields = cards.train, cards.fields
    assert len(fields) == rounds
    assert [len(field) for field in fields] == [60 // rounds] * rounds
    parts = [rows_of(train), *(rows_of(field) for field in fields)]
    assert sum(len(part) for part in parts) == len(set().union(*parts)) == 300
    assert set().union(*parts) == rows_of(data.rows)
    labels = {row.tobytes(): y for row, y in zip(data.rows.x, data.rows.y, strict=True)}
    for batch in (train, *fields):
        assert all(labels[row.tobytes()] == y for row, y in zip(batch.x, batch.y, strict=True))


def test_at_most_28_percent_of_a_small_data_set_is_held_out():
    cards = WhiteBox(data=numbered(100)).deal
    train, (field,) = cards.train, cards.fields
    assert (len(train), len(field)) == (72, 28)


def test_the_training_rows_can_be_limited_without_moving_the_field():
    data = numbered(300)
    whole, few = WhiteBox(data=data, points=50), WhiteBox(data=data, points=50, train=40)
    assert len(few.deal.train) == 40
    assert rows_of(few.deal.train) < rows_of(whole.deal.train)
    assert rows_of(few.deal.fields[0]) == rows_of(whole.deal.fields[0])


def test_the_deal_is_shuffled():
    cards = WhiteBox(data=numbered(300), points=60).deal
    train, (field,) = cards.train, cards.fields
    assert abs(np.corrcoef(train.x[:, 0], np.arange(len(train)))[0, 1]) < 0.2
    assert 0.3 < field.x[:, 0].mean() < 0.7


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


def test_content_tells_rules_and_data_apart_and_nothing_else():
    data, games = numbered(300), WhiteBox
    same = games(data=data).content()
    assert games(data=numbered(300)).content() == same
    others = [
        games(data=data, rounds=2), games(data=data, points=50), games(data=data, train=50), games(data=numbered(301)),
        games(data=data, ball=Ball(0.1)), games(data=data, ball=Ball(0.15, "l2")), games(data=data, ball=Ball(0.15, box=(-1, 1))),
    ]  # fmt: skip
    assert len({same, *(game.content() for game in others)}) == len(others) + 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rounds": 0}, "rounds must be a whole number of at least 1; got 0"),
        ({"points": 0}, "points must be a whole number of at least 1; got 0"),
        ({"points": 10.5}, "points must be a whole number of at least 1; got 10.5"),
        ({"train": 0}, "train must be a whole number of at least 1; got 0"),
        ({"ball": Ball(0.1), "rounds": True}, "rounds must be a whole number"),
    ],
)
def test_bad_parameters_are_refused_by_name(options, message):
    with pytest.raises(InvalidValue, match=message):
        WhiteBox(**options)


def test_more_rounds_than_test_points_are_refused():
    with pytest.raises(InvalidValue, match="30 rounds need as many test points; 100 rows give too few: fewer rounds"):
        play(WhiteBox(data=numbered(100), rounds=30), Noise(), QUICK)


def test_data_is_a_name_a_path_or_a_data_set(tmp_path):
    data = numbered(60)
    np.savez(tmp_path / "mine.npz", x=data.rows.x, y=data.rows.y)
    by_path = WhiteBox(data=str(tmp_path / "mine.npz"))
    assert by_path.dataset.rows.x.tobytes() == WhiteBox(data=data).dataset.rows.x.tobytes()
    assert WhiteBox().dataset.name == "digits"
    with pytest.raises(LookupError, match="no dataset is called 'digit'; did you mean 'digits'"):
        play(WhiteBox(data="digit"), Noise(), QUICK)
