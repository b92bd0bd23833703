"""The rule and the tables of claim 14, on errors and networks whose answer is known."""

import numpy as np
import pytest

from agents.attackers import StateAscent
from arena.claims import downwash
from arena.claims.bench import Bench
from arena.engine import Dense, Sequential
from arena.referee import Round
from arena.regression import Measurements, RegressorView
from results import verdict_of

RNG = np.random.default_rng


def synthetic(far, off):
    """Errors of every player, around these sizes."""

    def around(size, seed):
        return np.abs(size * (1 + 0.05 * RNG(seed).normal(size=(6, 200))))

    return {
        name: downwash.Met(around(0.1, 0), around(far.get(name, 0.3), 1), around(off.get(name, 0.3), 2), ())
        for name in downwash.PLAYERS
    }


GOOD = {"κ = 2": 0.1}


@pytest.mark.parametrize(
    ("far", "off", "share", "said"),
    [
        (GOOD, GOOD, 0.5, "holds"),
        (GOOD, GOOD, 2.0, "holds in part"),
        ({"κ = 2": 0.1, "no wake": 0.05}, GOOD, 0.5, "holds in part"),
        ({"κ = 2": 0.5}, {"κ = 2": 0.5}, 2.0, "does not hold here"),
    ],
)
def test_the_verdict_is_what_the_errors_say(far, off, share, said):
    found = synthetic(far, off)
    assert verdict_of(downwash.rule("κ = 2", {"cone": found, "cylinder": found}, share)) == said


def test_the_guess_to_beat_is_the_best_of_them_and_each_shape_has_its_own():
    found = {"cone": synthetic({"no wake": 0.2}, {}), "cylinder": synthetic({"nearest row": 0.2}, {})}
    texts = [criterion.quantity for criterion in downwash.rule("κ = 2", found, 1.0)]
    assert [("no wake" in text, "nearest row" in text) for text in texts[1:4:2]] == [(True, False), (False, True)]


def test_the_kappa_that_is_judged_is_chosen_on_places_apart_from_those_it_is_judged_on():
    bench = downwash.at(Bench("digits", 1), "cone")
    judged, apart = (bench.rules(downwash.BALL, spec).deal for spec in (bench.home, downwash.APART))
    np.testing.assert_array_equal(judged.train.x, apart.train.x)
    rows = [{row.tobytes() for row in deal.fields[0].x} for deal in (judged, apart)]
    assert not rows[0] & rows[1]


def test_a_linear_network_attains_its_whole_bound():
    model = Sequential((Dense.of(np.array([[3.0], [0.0], [4.0]], np.float32)),))
    field = Measurements(RNG(0).uniform(0.3, 0.7, (40, 3)), RNG(1).normal(size=40))
    x = StateAscent(draws=0).move(RegressorView(field, downwash.BALL, model), RNG(0)).x
    hits = np.ones(40, bool)
    played = Round(hits, hits, field, Measurements(x, field.y), model)
    error = np.ones((1, 40))
    _, _, (row,) = downwash.disturbed({"free": downwash.Met(error, error, error, [played])})
    assert row[-2:] == ["0.05", "100%"]
