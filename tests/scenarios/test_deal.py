import numpy as np
import pytest

from agents.attackers import Noise
from agents.defenders import Plain
from arena import Ball, Batch, Dataset, InvalidValue, play
from scenarios import Transfer, WhiteBox

QUICK = Plain(hidden=(8,), epochs=2)


def rows_of(batch: Batch) -> set[bytes]:
    return {row.tobytes() for row in batch.x}


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


@pytest.mark.parametrize(
    ("rows", "rounds", "message"),
    [
        (100, 30, "30 rounds need as many test points; 100 rows give 28: fewer rounds"),
        (3, 1, "give 0: .* 4 rows or more"),
    ],
)
def test_more_rounds_than_test_points_are_refused(rows, rounds, message):
    with pytest.raises(InvalidValue, match=message):
        play(WhiteBox(data=numbered(rows), rounds=rounds), Noise(), QUICK)


def test_data_is_a_name_a_path_or_a_data_set(tmp_path):
    data = numbered(60)
    np.savez(tmp_path / "mine.npz", x=data.rows.x, y=data.rows.y)
    by_path = WhiteBox(data=str(tmp_path / "mine.npz"))
    assert by_path.dataset.rows.x.tobytes() == WhiteBox(data=data).dataset.rows.x.tobytes()
    assert WhiteBox().dataset.name == "digits"
    with pytest.raises(LookupError, match="no dataset is called 'digit'; did you mean 'digits'"):
        play(WhiteBox(data="digit"), Noise(), QUICK)


def test_the_twin_in_sight_plays_on_the_data_that_is_loaded():
    game = Transfer(data=numbered(60), points=10)
    named = WhiteBox(points=40, train=100)
    assert game.in_sight(Ball(0.3)).dataset is game.dataset
    assert "dataset" in vars(named.in_sight(Ball(0.3)))
    assert named.in_sight(Ball(0.3)).content() == WhiteBox(points=40, train=100, ball=Ball(0.3)).content()
