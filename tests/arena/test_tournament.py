import itertools
from dataclasses import dataclass

import numpy as np
import pytest

from agents.attackers import FGSM, PGD, Noise
from agents.defenders import Dropout, Plain
from arena import InvalidValue, Mismatch, Perturbation, play, tournament
from results import Record
from scenarios import WhiteBox

GAME = WhiteBox(points=60, train=150)
ATTACKERS = {"noise": Noise(), "fgsm": FGSM(), "pgd": PGD(steps=3)}
DEFENDERS = {"plain": Plain(hidden=(16,), epochs=3), "dropout": Dropout(hidden=(16,), epochs=3)}


def run(attackers=ATTACKERS, defenders=DEFENDERS, seeds=(0, 1), **options):
    return tournament(GAME, attackers, defenders, seeds=seeds, workers=1, **options)


@pytest.fixture(scope="module")
def table():
    return run()


def cells(table) -> dict[tuple, Record]:
    return {(r.attacker, r.defender, r.seed, r.round): r for r in table.records}


def test_everyone_plays_everyone_at_every_seed(table):
    assert list(cells(table)) == [(a, d, s, 0) for a, d, s in itertools.product(ATTACKERS, DEFENDERS, (0, 1))]
    frame = table.frame()
    assert {"scenario", "attacker", "defender", "seed", "round", "clean_accuracy", "attacked_accuracy"} <= set(
        frame.columns
    )
    assert frame[["clean_accuracy", "attacked_accuracy"]].stack().between(0, 1).all()
    assert set(frame.scenario) == {"white-box"}


def test_each_cell_is_the_match_played_alone(table):
    for (attacker, defender, seed, _), record in cells(table).items():
        outcome = play(GAME, ATTACKERS[attacker], DEFENDERS[defender], seed=seed)
        np.testing.assert_array_equal(record.clean, outcome.rounds[0].clean)
        np.testing.assert_array_equal(record.attacked, outcome.rounds[0].attacked)


def test_the_same_tournament_gives_the_same_table(table):
    assert run() == table


def test_adding_a_player_or_a_seed_changes_no_other_number(table):
    more = run(
        {"first": FGSM(loss="margin"), **ATTACKERS}, {"more": Plain(hidden=(8,), epochs=2), **DEFENDERS}, (5, 0, 1)
    )
    assert len(more) == 4 * 3 * 3
    found = cells(more)
    assert {key: found[key] for key in cells(table)} == cells(table)


def test_the_order_of_the_mappings_changes_the_order_of_the_rows_alone(table):
    turned = run(dict(reversed(ATTACKERS.items())), dict(reversed(DEFENDERS.items())), (1, 0))
    assert cells(turned) == cells(table)
    assert turned.attackers == ("pgd", "fgsm", "noise")
    assert turned.defenders == ("dropout", "plain")
    assert turned != table


def test_a_name_is_a_label_and_no_part_of_a_stream(table):
    renamed = run({"control": Noise()}, {"p": DEFENDERS["plain"]}, (0,))
    (record,), twin = renamed.records, cells(table)["noise", "plain", 0, 0]
    assert (record.clean_hits, record.attacked_hits) == (twin.clean_hits, twin.attacked_hits)


def test_a_defender_is_trained_once_a_seed_however_many_attackers_there_are():
    class Counting:
        def __repr__(self):
            return "Counting()"

        def move(self, view, rng):
            trained.append(rng.bit_generator.random_raw())
            return DEFENDERS["plain"].move(view, rng)

    trained = []
    table = run(defenders={"counting": Counting()}, seeds=(0, 1, 2))
    assert len(table) == 9
    assert len(trained) == len(set(trained)) == 3
    assert set(table.training_seconds) == {("counting", seed) for seed in range(3)}


def test_seeds_given_twice_are_played_once():
    assert [r.seed for r in run({"noise": Noise()}, {"plain": DEFENDERS["plain"]}, [3, 1, 3]).records] == [1, 3]


def test_an_observer_hears_of_every_training_and_every_match():
    class Observer:
        def opened(self, defender, seed, opening):
            heard.append(("opened", defender, seed))

        def played(self, records):
            heard.extend(("played", r.attacker, r.defender, r.seed) for r in records)

    heard = []
    table = run(observer=Observer())
    assert {entry for entry in heard if entry[0] == "opened"} == {("opened", d, s) for d in DEFENDERS for s in (0, 1)}
    assert sorted(entry[1:] for entry in heard if entry[0] == "played") == sorted(key[:3] for key in cells(table))


def test_every_round_is_a_row():
    table = tournament(
        WhiteBox(points=60, train=100, rounds=3), {"fgsm": FGSM()}, {"plain": DEFENDERS["plain"]}, seeds=[0]
    )
    assert [record.round for record in table.records] == [0, 1, 2]
    assert [record.points for record in table.records] == [20, 20, 20]


@dataclass(frozen=True)
class Idle:
    def move(self, view, rng):
        return Perturbation(view.field.x)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"attackers": {}}, InvalidValue, "at least one of its attackers; got none"),
        ({"defenders": {}}, InvalidValue, "at least one of its defenders; got none"),
        ({"seeds": []}, InvalidValue, "at least one of its seeds; got none"),
        ({"seeds": [-1]}, InvalidValue, "seed must be a whole number of at least 0; got -1"),
        ({"seeds": [0.5]}, InvalidValue, "seed must be a whole number of at least 0; got 0.5"),
        ({"attackers": {"plain": Plain()}}, Mismatch, "Plain needs a DefenderView; white-box shows a GradientView"),
        ({"defenders": {"fgsm": FGSM()}}, Mismatch, "FGSM needs a GradientView; white-box shows a DefenderView"),
        ({"attackers": {"idle": Idle(), "none": 3}}, InvalidValue, "a player needs a method move"),
    ],
)
def test_what_cannot_be_played_is_refused_before_the_first_match(options, error, message):
    class Untouched:
        def __repr__(self):
            return "Untouched()"

        def move(self, view, rng):
            pytest.fail("a match was played")

    with pytest.raises(error, match=message):
        run(**{"defenders": {"untouched": Untouched()}, **options})


@pytest.mark.parametrize("workers", [0, -1, 1.5, True])
def test_a_number_of_workers_that_is_none_is_refused(workers):
    with pytest.raises(InvalidValue, match="workers must be a whole number of at least 1"):
        tournament(GAME, ATTACKERS, DEFENDERS, workers=workers)


def test_data_that_cannot_be_read_is_an_error_and_no_forfeit(tmp_path):
    with pytest.raises(InvalidValue, match="does not exist"):
        tournament(WhiteBox(data=str(tmp_path / "no.npz")), ATTACKERS, DEFENDERS, workers=1)
