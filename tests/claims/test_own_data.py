"""Claims on data of a user's own: each is measured honestly, or refuses with the rule and the way out."""

from dataclasses import replace

import numpy as np
import pytest

from arena.claims import CLAIMS, Evidence
from arena.claims.bench import Bench, forgiven
from arena.claims.features import learnt, pictures, towards
from arena.data import Dataset
from arena.errors import InvalidValue
from results import Chart, Criterion, exactly

CLAIM = {claim.name: claim for claim in CLAIMS}
TABULAR = {"small": (60, 20, 3), "two": (120, 12, 2)}  # rows, features, classes
PICTURES = {"grey": (28, 28), "colour": (32, 32, 3)}
QUICK = "directions", "projection", "dropout", "min-max", "ensembles"


def blobs(rows, features, classes, seed=0):
    """Rows around a centre a class, apart enough to be learnt."""
    rng = np.random.default_rng(seed)
    y = np.arange(rows) % classes
    x = rng.random((classes, features))[y] + 0.1 * rng.normal(size=(rows, features))
    return np.clip(x, 0, 1).astype(np.float32), y


@pytest.fixture
def own(tmp_path):
    def saved(name):
        path = tmp_path / f"{name}.npz"
        if name in TABULAR:
            x, y = blobs(*TABULAR[name])
        else:
            x, y = blobs(60, int(np.prod(PICTURES[name])), 3)
            x = x.reshape(-1, *PICTURES[name])
        np.savez(path, x=x, y=y)
        return str(path)

    return saved


@pytest.mark.parametrize("name", TABULAR)
@pytest.mark.parametrize("claim", QUICK)
def test_claims_that_need_no_pictures_are_measured_on_a_small_table_of_numbers(own, claim, name):
    said = str(CLAIM[claim].run(seeds=2, data=own(name)))
    points = int(0.28 * TABULAR[name][0])
    assert f"{name}.npz, {points} test points, radius 0.15, seeds 2" in said
    assert "nan" not in said.casefold()


@pytest.mark.parametrize("claim", ["iid", "resistance"])
def test_claims_about_pictures_refuse_rows_that_are_none(own, claim):
    with pytest.raises(InvalidValue, match=r"rows of .*two.npz are of shape \(1, 12\): save x as \(n, h, w\)"):
        CLAIM[claim].run(seeds=2, data=own("two"))


@pytest.mark.parametrize("name", PICTURES)
def test_corruptions_are_measured_on_pictures_grey_and_in_colour(own, name):
    assert f"{name}.npz, 16 test points" in str(CLAIM["iid"].run(seeds=2, data=own(name)))


def test_a_claim_that_reads_no_data_refuses_some(own):
    with pytest.raises(InvalidValue, match=r"claim downwash measures a wake model .* leave out --data"):
        CLAIM["downwash"].run(seeds=2, data=own("two"))


@pytest.mark.parametrize(
    ("shape", "pictured"),
    [((1, 20), False), ((20,), False), ((8, 8), True), ((28, 28, 1), True), ((32, 32, 3), True), ((4, 4, 5), False),
     ((2, 3, 4, 5), False)],
)  # fmt: skip
def test_pictures_have_lines_and_are_grey_or_in_colour(shape, pictured):
    data = Dataset.of("any", np.zeros((4, int(np.prod(shape)))), np.arange(4))
    assert replace(data, shape=shape).pictured == pictured


@pytest.mark.parametrize(
    ("shape", "radius"), [((8, 8), 0.15), ((28, 28), 0.1), ((28, 28, 1), 0.1), ((32, 32, 3), 0.03), ((1, 3072), 0.15)]
)
def test_a_picture_of_ones_own_gets_the_radius_of_one_like_it(shape, radius):
    data = Dataset.of("any", np.zeros((4, int(np.prod(shape)))), np.arange(4))
    assert forgiven(replace(data, shape=shape)) == radius


@pytest.mark.parametrize(("chance", "bar"), [(0.2, 0.4), (0.75, 0.875), (1 / 3, 2 / 3)])
def test_what_counts_as_learnt_is_more_than_the_commonest_label_and_can_be_reached(monkeypatch, chance, bar):
    """Twice chance of five classes; halfway from chance to certainty of two and three."""
    monkeypatch.setattr(Bench, "commonest", chance)
    assert learnt(Bench("any", 2)) == pytest.approx(bar)


def test_the_commonest_label_is_that_of_the_test_points():
    y = Bench("digits", 2).rules().deal.fields[0].y
    assert Bench("digits", 2).commonest == max((y == k).mean() for k in range(10))


def test_data_of_which_nothing_is_learnt_give_no_verdict(tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "dice.npz", x=np.zeros((60, 5)), y=rng.integers(0, 3, 60))
    with pytest.raises(InvalidValue, match=r"no more than its commonest label's .* nothing to attack; give more rows"):
        CLAIM["min-max"].run(seeds=2, data=str(tmp_path / "dice.npz"))


def test_a_network_that_answers_one_thing_is_named_beside_the_verdict_with_the_ball_it_was_trained_for(own):
    constant = "spectral-normalisation(kappa=1e-06)"

    def idle(bench):
        bench.clean("plain")
        bench.clean(constant)
        bench.clean(constant, bench.scaled(2))
        return Evidence(criteria=[Criterion("q", exactly(1), above=0.5)], tables=[], chart=Chart("c", []))

    said = str(replace(CLAIM["min-max"], measure=idle).run(seeds=2, data=own("two")))
    assert f"in one training or more: {constant}, {constant} for linf 0.3.\n" in said


def test_labels_that_the_test_points_or_the_training_rows_lack_leave_no_hole(tmp_path):
    x, y = blobs(60, 16, 2)
    np.savez(tmp_path / "rare.npz", x=x.reshape(-1, 4, 4), y=np.where(np.arange(60) == 7, 8, y))
    bench = Bench(str(tmp_path / "rare.npz"), 2)
    assert len(pictures(bench).columns) < 9
    assert np.isfinite(towards(bench, "plain", 0)).all()
