from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from agents.attackers import PGD, Noise
from agents.attackers.flips import LossMaximisingLabelFlip
from agents.defenders import Plain
from agents.defenders.partitions import DeepPartitionAggregation, Votes, by_content, certified, partition
from agents.defenders.sanitised import Sanitised
from arena import Ball, Batch, Contamination, Deployment, ThreatModel, play
from arena.conformance import defender_checks
from arena.engine import mlp
from arena.views import DefenderView
from scenarios import Poisoning, WhiteBox

CLASSES, COUNT = 3, 9


class Nearest:
    features, classes = 2, CLASSES

    def __init__(self, train):
        self.train = train

    def logits(self, x):
        distance = ((x[:, None] - self.train.x[None]) ** 2).sum(axis=2)
        return np.eye(CLASSES, dtype=np.float32)[self.train.y[distance.argmin(axis=1)]]


@dataclass(frozen=True)
class NearestRow:
    """One row can turn it anywhere: the easiest member there is to poison."""

    def move(self, view, rng):
        return Deployment(Nearest(view.train))


DPA = DeepPartitionAggregation(partitions=COUNT, member=NearestRow())
CENTRES = np.array([[0.2, 0.2], [0.8, 0.2], [0.5, 0.8]])


def clusters(n, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, CLASSES, n)
    return Batch(np.clip(CENTRES[y] + rng.normal(0, 0.12, (n, 2)), 0, 1).astype(np.float32), y)


def model(train, defender=DPA):
    view = DefenderView(train, CLASSES, ThreatModel(ball=Ball(0.1)))
    return defender.move(view, np.random.default_rng(0)).model


TRAIN, TEST = clusters(60, 1), clusters(30, 2)


def changed(train, rng, kind):
    """One insertion, deletion or relabelling at random."""
    row = int(rng.integers(len(train)))
    keep = np.arange(len(train)) != row
    if kind == "delete":
        return train[keep]
    label = np.array([rng.integers(CLASSES)])
    if kind == "insert":
        at = TEST.x[rng.integers(len(TEST))][None] + rng.normal(0, 1e-3, (1, 2))
        return train.joined(Batch(np.clip(at, 0, 1).astype(np.float32), label))
    return Batch(train.x, np.where(keep, train.y, label))


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from(["insert", "delete", "relabel"]), min_size=1, max_size=4))
def test_no_certified_prediction_changes_under_random_changes(seed, kinds):
    before, rng, train = model(TRAIN), np.random.default_rng(seed), TRAIN
    for kind in kinds:
        train = changed(train, rng, kind)
    sure = before.radii(TEST.x) >= len(kinds)
    after = model(train).logits(TEST.x).argmax(axis=1)
    assert np.array_equal(after[sure], before.logits(TEST.x).argmax(axis=1)[sure])


def landing_in(number, at, rng):
    """A point next to `at` that falls into the partition."""
    while True:
        near = np.clip(at + rng.normal(0, 1e-4, 2), 0, 1).astype(np.float32)[None]
        if partition(near, COUNT)[0] == number:
            return near


def adaptive(point, insertions, rng):
    """The model after insertions that turn a vote each, for the runner-up and against the winner."""
    before = model(TRAIN)
    votes = before.logits(point[None])[0]
    winner = int(votes.argmax())
    runner = int(np.where(np.arange(CLASSES) == winner, -1, votes).argmax())
    voters = [i for i, m in enumerate(before.members) if m.logits(point[None]).argmax() == winner]
    train = TRAIN
    for number in voters[:insertions]:
        train = train.joined(Batch(landing_in(number, point, rng), np.array([runner])))
    return winner, int(model(train).logits(point[None]).argmax())


def test_the_best_attacker_needs_more_than_the_certified_number_and_one_more_is_enough():
    rng, turned = np.random.default_rng(0), 0
    for point, radius in zip(TEST.x, model(TRAIN).radii(TEST.x), strict=True):
        winner, after = adaptive(point, int(radius), rng)
        assert after == winner
        winner, after = adaptive(point, int(radius) + 1, rng)
        turned += after != winner
    assert turned > 0.5 * len(TEST)


@given(st.lists(st.integers(0, 6), min_size=3, max_size=3).filter(any))
def test_the_radius_is_the_largest_number_of_votes_that_cannot_turn_the_winner(votes):
    votes = np.array([votes], np.float32)
    winner = int(votes.argmax())

    def turns(moves):
        for other in set(range(3)) - {winner}:
            moved = votes.copy()
            moved[0, winner] -= min(moves, votes[0, winner])
            moved[0, other] += min(moves, votes[0, winner])
            if moved.argmax() != winner:
                return True
        return False

    radius = int(certified(votes)[0])
    assert not turns(radius)
    assert turns(radius + 1)


def test_the_partition_depends_on_the_pixels_alone():
    order = np.random.default_rng(0).permutation(60)
    assert np.array_equal(partition(TRAIN.x, COUNT)[order], partition(TRAIN.x[order], COUNT))
    assert np.array_equal(partition(TRAIN.x[:7], COUNT), partition(TRAIN.x, COUNT)[:7])
    assert len(set(partition(TRAIN.x, COUNT))) == COUNT


def test_the_order_of_the_rows_changes_nothing():
    order = np.random.default_rng(0).permutation(60)
    networks = DeepPartitionAggregation(partitions=5, member=Plain(hidden=(4,), epochs=3))
    one, two = model(TRAIN, networks), model(TRAIN[order], networks)
    for a, b in zip(one.members, two.members, strict=True):
        assert np.array_equal(a.logits(TEST.x), b.logits(TEST.x))
    assert by_content(TRAIN[order]).x.tobytes() == by_content(TRAIN).x.tobytes()


def test_a_row_reaches_one_member_only():
    networks = DeepPartitionAggregation(partitions=5, member=Plain(hidden=(4,), epochs=3))
    added = TRAIN.joined(Batch(np.array([[0.3, 0.3]], np.float32), np.array([2])))
    one, two = model(TRAIN, networks), model(added, networks)
    moved = [
        not np.array_equal(a.logits(TEST.x), b.logits(TEST.x)) for a, b in zip(one.members, two.members, strict=True)
    ]
    assert sum(moved) == 1
    assert moved.index(True) == partition(np.array([[0.3, 0.3]], np.float32), 5)[0]


def test_an_empty_partition_casts_no_vote():
    few = model(TRAIN[:2])
    assert few.logits(TEST.x).sum(axis=1).max() <= 2
    assert None in few.members


@pytest.mark.parametrize("check", list(defender_checks(DeepPartitionAggregation(partitions=5))), ids=str)
def test_it_keeps_the_rules(check):
    if str(check) != "gradients-agree-with-finite-differences":  # its counts are steps, and what it gives is a stand-in
        check()


def test_digits_have_the_certificates_of_the_facts_and_no_poison_breaks_one():
    game = Poisoning(allowance=Contamination(0.004))
    (scored,) = play(game, LossMaximisingLabelFlip(), DeepPartitionAggregation()).rounds
    assert scored.extras["rows_touched"] == 5
    assert scored.extras["reference_accuracy"] > 0.88
    assert scored.extras["certified_accuracy"] > 0.75
    assert scored.extras["certificates_broken"] == 0


def test_the_sign_of_a_zero_does_not_choose_the_partition():
    x = np.zeros((1, 64), np.float32)
    assert partition(x, 1000) == partition(-x, 1000)


def test_behind_a_sanitiser_that_sees_all_rows_nothing_is_certified():
    behind = Sanitised(by="knn", then=DeepPartitionAggregation(partitions=5, member=Plain(hidden=(8,), epochs=2)))
    (scored,) = play(Poisoning(train=100, points=20), LossMaximisingLabelFlip(surrogate=Plain(epochs=2)), behind).rounds
    assert not [name for name in scored.extras if name.startswith("certif")]


def test_the_gradient_of_a_vote_is_that_of_the_members_softmax():
    members = [mlp((5, 8, CLASSES), rng=np.random.default_rng(seed)) for seed in range(4)]
    exact = [m.with_params(tuple(tuple(p.astype(float) for p in layer) for layer in m.params)) for m in members]
    x, g = np.random.default_rng(9).random((6, 5)), np.random.default_rng(8).standard_normal((6, CLASSES))
    votes, pull = Votes((exact[0], None, *exact[1:]), 5, CLASSES).vjp(x)
    assert np.array_equal(votes, Votes(tuple(exact), 5, CLASSES).logits(x)) and votes.sum() == 4 * len(x)

    def soft(rows):
        return (sum(softmax(m.logits(rows), axis=1) for m in exact) * g).sum(axis=1)

    steps = 1e-6 * np.eye(5)
    numeric = np.stack([(soft(x + d) - soft(x - d)) / 2e-6 for d in steps], axis=1)
    np.testing.assert_allclose(pull(g), numeric, rtol=1e-5, atol=1e-8)


def test_a_vote_hides_nothing_from_who_follows_its_gradient():
    game = WhiteBox(train=600, points=100)
    voters = DeepPartitionAggregation(partitions=COUNT)
    attacked = {attacker: play(game, attacker, voters).attacked_accuracy for attacker in (Noise(), PGD(steps=20))}
    assert attacked[PGD(steps=20)] < attacked[Noise()] - 0.3
