import sys
from contextlib import suppress
from dataclasses import dataclass
from threading import Barrier, Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from agents.attackers import FGSM, PGD, Noise, SubstituteTraining, SurrogateTransfer
from agents.defenders import Plain
from arena import Ball, Batch, IllegalMove, Mismatch, Perturbation, ScoreView, play
from arena.engine import mlp
from arena.match import open_match
from arena.meter import Meter, OutOfQueries
from scenarios import Query, Transfer, WhiteBox

QUICK = Plain(epochs=5)


class Counted:
    """A model that counts the rows that reach it."""

    features, classes = 6, 3

    def __init__(self):
        self.inner, self.rows = mlp((6, 8, 3), rng=default_rng(0)), 0

    def logits(self, x):
        self.rows += len(x)
        return self.inner.logits(x)


@given(st.lists(st.lists(st.integers(0, 9), max_size=25), max_size=12), st.integers(1, 12), st.booleans())
def test_the_meter_counts_the_rows_sent_exactly_and_stops_at_the_budget(calls, budget, labels):
    model = Counted()
    meter = Meter(model, 10, budget)
    door, sent = meter.answers(), np.zeros(10, int)
    ask = door.labels if labels else door.scores
    for call in calls:
        rows = np.array(call, np.intp)
        x, asked = default_rng(1).random((len(call), 6), dtype=np.float32), np.bincount(rows, minlength=10)
        if (sent + asked > budget).any():
            with pytest.raises(OutOfQueries, match=f"of its {budget} queries left"):
                ask(x, rows)
        else:
            assert len(ask(x, rows)) == len(call)
            sent += asked
        np.testing.assert_array_equal(meter.counts, sent)
        np.testing.assert_array_equal(door.left(), budget - sent)
    assert model.rows == sent.sum()


def test_a_partial_view_charges_the_examples_it_stands_for():
    meter = Meter(Counted(), 5, 10)
    part = meter.answers().about(np.array([4, 1]))
    part.labels(default_rng(0).random((2, 6), dtype=np.float32), None)
    part.about(np.array([1])).scores(default_rng(0).random((3, 6), dtype=np.float32), np.zeros(3, np.intp))
    np.testing.assert_array_equal(meter.counts, [0, 4, 0, 0, 1])
    np.testing.assert_array_equal(part.left(), [9, 6])


@pytest.mark.parametrize(
    "chosen", [np.array([False, True, False, True]), [1, 3], slice(1, 4, 2), np.array([1, -1])], ids=repr
)
def test_whichever_way_the_examples_are_named_theirs_are_the_questions(chosen):
    meter = Meter(Counted(), 4, 10)
    x = default_rng(0).random((4, 6), dtype=np.float32)
    part = ScoreView(Batch(x, np.zeros(4, np.intp)), Ball(0.1), meter.answers()).only(chosen)
    part.scores(x[:2])
    part.labels(x[:1], np.array([1]))
    np.testing.assert_array_equal(meter.counts, [0, 1, 0, 2])
    np.testing.assert_array_equal(part.left, [9, 8])


@pytest.mark.parametrize(
    ("x", "rows", "says"),
    [
        (np.zeros((1, 50, 6), np.float32), [0], "rows of shape"),
        (np.full((1, 6), np.nan, np.float32), [0], "NaN"),
        (np.zeros((2, 6), np.float32), [0.9, 1.0], "integers; got float64"),
        (np.zeros((3, 6), np.float32), [True, True, True], "integers; got bool"),
    ],
)
def test_a_question_that_is_none_is_refused_and_charged_to_nobody(x, rows, says):
    model = Counted()
    meter = Meter(model, 3, 10)
    with pytest.raises(ValueError, match=says):
        meter.answers().scores(x, np.array(rows))
    assert model.rows == meter.counts.sum() == 0


def test_threads_that_ask_at_once_get_no_more_than_the_budget():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-7)
    try:
        for _ in range(200):
            model, start = Counted(), Barrier(4)
            door = Meter(model, 1, 1).answers()

            def ask(door=door, start=start):
                start.wait()
                with suppress(OutOfQueries):
                    door.scores(np.zeros((1, 6), np.float32), np.array([0]))

            threads = [Thread(target=ask) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert model.rows == 1
    finally:
        sys.setswitchinterval(before)


def test_a_view_holds_neither_the_model_nor_the_counts():
    shown = {}

    @dataclass(frozen=True)
    class Looks:
        def move(self, view, rng):
            shown["view"] = view
            return Perturbation(view.field.x.copy())

    play(Query(budget=3), Looks(), QUICK)
    reachable, found = [shown["view"]], []
    while reachable:
        thing = reachable.pop()
        found.append(type(thing).__name__)
        reachable += [v for v in getattr(thing, "__dict__", {}).values() if not isinstance(v, type)]
    assert not {"Meter", "Sequential", "Average"} & set(found)


@pytest.mark.parametrize("scenario", [Transfer(), Query(access="labels"), Query(access="scores")])
def test_a_white_box_attacker_cannot_sit_down(scenario):
    wanted = {"transfer": "EvasionView", "query": scenario.shows.__name__}[scenario.name]
    with pytest.raises(Mismatch, match=f"PGD needs a GradientView; {scenario.name} shows a {wanted}"):
        play(scenario, PGD(), QUICK)


def test_an_attacker_that_needs_less_sits_wherever_more_is_shown():
    for scenario in (WhiteBox(points=60), Query(points=60), Query(points=60, access="labels"), Transfer(points=60)):
        play(scenario, Noise(), QUICK)
    play(WhiteBox(points=60), SubstituteTraining(surrogates=("plain(epochs=3)",), rounds=1), QUICK)


def test_the_counts_of_every_example_are_in_the_outcome():
    @dataclass(frozen=True)
    class Asks:
        def move(self, view, rng):
            view.scores(view.field.x)
            rows = np.repeat(np.arange(5), 2)
            view.scores(view.field.x[rows], rows)
            return Perturbation(view.field.x + 0.0 * view.field.x)

    counts = play(Query(points=50, budget=7), Asks(), QUICK).rounds[0].queries
    np.testing.assert_array_equal(counts, [3] * 5 + [1] * 45)


def test_running_out_without_catching_it_forfeits():
    @dataclass(frozen=True)
    class Greedy:
        def move(self, view, rng):
            while True:
                view.labels(view.field.x)

    with pytest.raises(OutOfQueries, match=r"see view\.left before asking"):
        play(Query(points=50, budget=7), Greedy(), QUICK)


@pytest.mark.parametrize("kind", [Transfer, Query])
def test_a_disjoint_share_is_taken_from_the_defender(kind):
    same, apart = kind().deal, kind(shadow=0.3).deal
    assert {r.tobytes() for r in same.shadow.x} == {r.tobytes() for r in same.train.x}
    shadow, train = ({r.tobytes() for r in rows.x} for rows in (apart.shadow, apart.train))
    assert not shadow & train
    assert shadow | train == {r.tobytes() for r in same.train.x}
    assert len(apart.shadow) == round(0.3 * len(same.train))


def test_the_black_box_judges_as_the_white_box_does():
    @dataclass(frozen=True)
    class Leaves:
        def move(self, view, rng):
            return Perturbation(np.clip(view.field.x + 0.2, 0, 1).astype(np.float32))

    for scenario in (Transfer(), Query()):
        with pytest.raises(IllegalMove, match="leaves the linf ball"):
            play(scenario, Leaves(), QUICK)


def test_an_attack_made_on_one_network_fools_another():
    target = Plain(hidden=(64,))
    transfer, white = Transfer(), WhiteBox()
    opening = open_match(transfer, target)
    sent = play(transfer, SurrogateTransfer(), target, opening=opening).attacked_accuracy
    noise = play(transfer, Noise(), target, opening=opening).attacked_accuracy
    seen = play(white, PGD(), target, opening=open_match(white, target)).attacked_accuracy
    assert seen + 0.05 < sent < noise - 0.3
    assert play(white, FGSM(), target).attacked_accuracy < noise - 0.3


def test_substitute_training_asks_within_the_budget_and_learns():
    scenario = Query(access="labels", budget=5)
    outcome = play(scenario, SubstituteTraining(surrogates=("plain(epochs=15)",)), Plain())
    assert outcome.rounds[0].queries.max() == 4
    assert outcome.attacked_accuracy < 0.6
