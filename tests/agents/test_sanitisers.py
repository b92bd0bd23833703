import numpy as np
import pytest

from agents.attackers.backdoors import BackdoorPatch
from agents.attackers.flips import LossMaximisingLabelFlip, RandomLabelFlip
from agents.defenders import Plain
from agents.defenders.clustering import split
from agents.defenders.neighbours import KNNSanitisation, neighbour_votes
from agents.defenders.partitions import Bagging
from agents.defenders.roni import RONI
from agents.defenders.sanitised import Sanitised, without
from agents.defenders.signatures import signature
from agents.defenders.strip import STRIP, Stripped, entropies
from agents.defenders.trimming import smallest
from arena import Ball, Batch, InvalidValue, ThreatModel, play
from arena.conformance import defender_checks
from arena.views import DefenderView
from scenarios import Poisoning

QUICK = Plain(hidden=(24,), epochs=15)
EVERYONE = {
    "knn": Sanitised(by="knn", then=QUICK),
    "relabel": Sanitised(by="knn(how='relabel')", then=QUICK),
    "trim": Sanitised(by="trim(share=0.1)", then=QUICK),
    "spectral": Sanitised(by="spectral(share=0.02)", then=QUICK),
    "clustering": Sanitised(by="clustering", then=QUICK),
    "bagging": Bagging(count=3, share=0.8, member=Plain()),
}


@pytest.mark.parametrize(
    "check", [pytest.param(c, id=f"{name}:{c}") for name, d in EVERYONE.items() for c in defender_checks(d)]
)
def test_sanitised_defenders_keep_the_rules(check):
    check()


@pytest.mark.parametrize("check", list(defender_checks(STRIP(then=QUICK))), ids=str)
def test_strip_keeps_the_rules(check):
    if str(check) != "gradients-agree-with-finite-differences":
        check()


def rates(attacker, fraction, by, seed=0, **rules):
    (scored,) = play(Poisoning(allowance=fraction, **rules), attacker, Sanitised(by=by), seed=seed).rounds
    return scored.extras


@pytest.mark.parametrize("fraction", [0.1, 0.4])
def test_neighbours_catch_nearly_all_random_flips(fraction):
    found = rates(RandomLabelFlip(), fraction, "knn")
    assert found["true_positive_rate"] > 0.98
    assert found["false_positive_rate"] < 0.05


def test_neighbours_catch_a_minority_of_the_flips_that_hurt_most():
    found = rates(LossMaximisingLabelFlip(), 0.4, "knn")
    assert found["true_positive_rate"] < 0.4


def test_neighbours_see_a_sparse_patch_and_not_a_dense_one():
    sparse, dense = (rates(BackdoorPatch(), f, "knn", goal="backdoor") for f in (0.01, 0.1))
    assert sparse["true_positive_rate"] > 0.9
    assert sparse["attack_success"] < 0.1
    assert dense["true_positive_rate"] < 0.2
    assert dense["attack_success"] > 0.9


def test_clusters_of_a_wide_last_layer_are_the_patch():
    found = [rates(BackdoorPatch(), 0.02, "clustering", goal="backdoor", seed=seed) for seed in range(3)]
    assert min(extras["true_positive_rate"] for extras in found) > 0.9
    assert np.mean([extras["false_positive_rate"] for extras in found]) < 0.15


def test_signatures_are_the_patch_and_cost_every_class_one_and_a_half_times_the_poison():
    found = rates(BackdoorPatch(), 0.02, "spectral", goal="backdoor")
    assert found["true_positive_rate"] > 0.9
    removed = found["true_positive_rate"] * found["rows_touched"] + found["false_positive_rate"] * (
        1297 - found["rows_touched"]
    )
    assert removed == pytest.approx(10 * int(1.5 * 0.02 * 1297))


def test_votes_are_those_of_the_k_nearest_others():
    x = np.array([[0.0], [0.1], [0.2], [0.9], [1.0]], np.float32)
    votes = neighbour_votes(Batch(x, np.array([0, 1, 1, 2, 2])), 2, 3)
    assert votes.tolist() == [[0, 2, 0], [1, 1, 0], [1, 1, 0], [0, 1, 1], [0, 1, 1]]


def test_relabelling_gives_the_plurality_its_label_and_removal_takes_the_row():
    x = np.concatenate([np.linspace(0, 0.1, 6), np.linspace(0.9, 1, 6)]).astype(np.float32)[:, None]
    y = np.array([0] * 6 + [1] * 6)
    y[2] = 1
    view = DefenderView(Batch(x, y), 2, ThreatModel(ball=Ball(0.1)))
    relabelled = KNNSanitisation(k=3, how="relabel").clean(view, np.random.default_rng(0))
    removed = KNNSanitisation(k=3).clean(view, np.random.default_rng(0))
    assert relabelled.train.y.tolist() == [0] * 6 + [1] * 6
    assert np.flatnonzero(removed.suspects).tolist() == np.flatnonzero(relabelled.suspects).tolist() == [2]
    assert len(removed.train) == 11


def test_no_class_is_sanitised_away():
    batch = Batch(np.zeros((4, 1), np.float32), np.array([0, 0, 1, 1]))
    cleaned = without(batch, np.array([True, True, True, False]))
    assert cleaned.suspects.tolist() == [False, False, True, False]


def test_trimming_takes_the_same_share_of_every_class():
    train = Batch(np.zeros((14, 1), np.float32), np.array([0] * 10 + [1] * 4))
    kept = smallest(np.arange(14.0), train, 0.25)
    assert np.flatnonzero(~kept).tolist() == [8, 9, 13]


def test_the_signature_is_centred_for_the_vector_and_for_the_scores():
    rng = np.random.default_rng(0)
    features = rng.normal(0, 0.1, (50, 4)) + 100
    features[:5, 2] += 3
    scores = signature(features)
    assert set(np.argsort(-scores)[:5]) == set(range(5))
    assert np.allclose(scores, signature(features - 7))


def test_two_clusters_are_told_from_one():
    rng = np.random.default_rng(0)
    one = rng.normal(0, 1, (60, 5))
    two = one + 9 * (np.arange(60) < 12)[:, None]
    (loose, _), (tight, smaller) = split(one, 10, 0), split(two, 10, 0)
    assert tight > 0.5 > loose
    assert np.flatnonzero(smaller).tolist() == list(range(12))


def test_entropy_is_over_classes_in_bits():
    class Even:
        def logits(self, x):
            return np.zeros((len(x), 4), np.float32)

    assert entropies(Even(), np.zeros((3, 2)), np.zeros((5, 2))) == pytest.approx(2.0)


def test_strip_takes_back_the_word_of_rows_that_nothing_moves():
    game, success, flagged = Poisoning(goal="backdoor", allowance=0.02), [], []
    for seed in range(3):
        bare, scored = (play(game, BackdoorPatch(), d, seed=seed).rounds[0] for d in (Plain(), STRIP()))
        assert isinstance(scored.model, Stripped)
        flagged.append([scored.model.flagged(rows.x).mean() for rows in (scored.answer, scored.field)])
        success.append([found.extras["attack_success"] for found in (bare, scored)])
    triggered, clean = np.mean(flagged, axis=0)
    assert triggered > 4 * clean
    undefended, defended = np.mean(success, axis=0)
    assert defended < undefended - 0.2


def test_roni_asks_for_trusted_rows_and_uses_them():
    with pytest.raises(InvalidValue, match=r"0 are shown: play poisoning\(trusted=0.1\)"):
        play(Poisoning(train=300), RandomLabelFlip(), Sanitised(by=RONI()))
    game = Poisoning(train=400, trusted=0.3, allowance=0.3)
    found = play(game, RandomLabelFlip(), Sanitised(by=RONI(batch=4, trials=3), then=QUICK)).rounds[0].extras
    assert found["true_positive_rate"] > found["false_positive_rate"]


def test_an_unknown_sanitiser_is_named():
    with pytest.raises(InvalidValue, match="no sanitiser is called 'nn'; did you mean 'knn'"):
        Sanitised(by="nn")
    with pytest.raises(InvalidValue, match="cannot be made"):
        Sanitised(by="knn(neighbours=3)")
