from dataclasses import dataclass, field

import numpy as np
import pytest

from agents.attackers import BitFlips, WeightAscent, WeightNoise
from agents.defenders import Ensemble, Plain
from arena import Ball, Batch, IllegalMove, InvalidValue, play, roster
from arena.conformance import NonConformance, attacker_checks
from arena.engine import Dense, Sequential, SpectralNorm, mlp
from arena.moves import Tampered
from arena.tampering import TamperReferee, TamperView, WeightAllowance, flips
from scenarios import Tampering

MODEL = mlp((4, 5, 3), rng=np.random.default_rng(0))


def moved(change, k=0):
    params = [[p.copy() for p in layer] for layer in MODEL.params]
    change(params[k][0])
    return Tampered(tuple(tuple(layer) for layer in params))


def test_bits_are_counted_as_they_differ():
    a = np.float32([1.0, 2.0, 0.0])
    assert flips(a, a) == 0
    assert flips(a, np.float32([-1.0, 2.0, 0.0])) == 1  # the sign
    assert flips(a, np.float32([1.0, 2.0, -0.0])) == 1
    assert flips(np.float32([1.0]), np.float32([2.0])) == 8  # exponent 127 to 128


@pytest.mark.parametrize(
    ("factor", "legal"), [(1.0, True), (1.0999, True), (1.101, False), (0.9001, True), (0.899, False)]
)
def test_the_referee_measures_each_array_against_its_own_norm(factor, legal):
    def scaled(W):
        W *= np.float32(factor)

    referee = TamperReferee(WeightAllowance(0.1))
    if legal:
        assert np.allclose(referee.judge(moved(scaled), MODEL).params[0][0], factor * MODEL.params[0][0], rtol=1e-5)
    else:
        with pytest.raises(IllegalMove, match="may move by"):
            referee.judge(moved(scaled), MODEL)


def test_the_referee_counts_bits_over_all_arrays_and_refuses_nan_and_other_shapes():
    def flip(W):
        W.view(np.uint32)[0, :2] ^= 1

    assert TamperReferee(WeightAllowance(None, 2)).judge(moved(flip), MODEL)
    with pytest.raises(IllegalMove, match="1 bits may flip; 2 did"):
        TamperReferee(WeightAllowance(None, 1)).judge(moved(flip), MODEL)
    with pytest.raises(IllegalMove, match="finite"):
        TamperReferee(WeightAllowance(9.0)).judge(moved(lambda W: W.fill(np.nan)), MODEL)
    with pytest.raises(IllegalMove, match="shapes"):
        TamperReferee(WeightAllowance(9.0)).judge(Tampered(MODEL.params[:1]), MODEL)
    with pytest.raises(IllegalMove, match="Tampered"):
        TamperReferee(WeightAllowance(9.0)).judge(MODEL, MODEL)


@pytest.mark.parametrize(("rules", "attack"), [({"radius": 0.05}, WeightAscent()), ({"bits": 5}, BitFlips())])
def test_a_chosen_change_of_the_weights_does_far_more_than_a_random_one(rules, attack):
    table = {
        name: play(Tampering(points=200, **{"radius": None, **rules}), a, Plain(epochs=10))
        for name, a in (("chosen", attack), ("random", WeightNoise()))
    }
    assert table["random"].attacked_accuracy > 0.85
    assert table["chosen"].attacked_accuracy < table["random"].attacked_accuracy - 0.3


def test_one_bit_of_an_exponent_is_enough():
    (scored,) = play(Tampering(points=200, radius=None, bits=1), BitFlips(), Plain(epochs=10)).rounds
    assert scored.clean_accuracy > 0.9
    assert scored.attacked_accuracy < 0.2


def test_bits_of_a_network_smaller_than_the_search_are_flipped_too():
    rows = Batch(np.random.default_rng(0).random((30, 1), dtype=np.float32), np.arange(30) % 2)
    view = TamperView(rows, Ball(0.1), mlp((1, 2), rng=np.random.default_rng(0)), WeightAllowance(None, 2))
    move = BitFlips(candidates=1000).move(view, np.random.default_rng(0))
    assert TamperReferee(view.allowance).judge(move, view.model)


def test_what_a_tamperer_does_to_its_allowance_changes_no_rule():
    own = WeightAllowance(0.1)
    view = TamperView(Batch(np.zeros((1, 4)), np.zeros(1, int)), Ball(0.1), MODEL, own)
    object.__setattr__(view.allowance, "radius", 9.0)
    assert own == WeightAllowance(0.1)


def test_what_cannot_be_tampered_with_or_asked_for_is_refused():
    with pytest.raises(IllegalMove, match="one network"):
        play(Tampering(points=50), WeightNoise(), Ensemble(members=(Plain(epochs=1),) * 2))
    with pytest.raises(InvalidValue, match="bit-flips"):
        play(Tampering(points=50, bits=1), WeightAscent(), Plain(epochs=1))
    with pytest.raises(InvalidValue, match="radius"):
        Tampering(radius=None)


class Fickle:
    """An array that is another each time it is read."""

    def __init__(self, p):
        self.p, self.read = p, 0

    def __array__(self, dtype=None, copy=None):
        self.read += 1
        return self.p if self.read == 1 else self.p * 100


def test_what_is_judged_is_what_is_played():
    params = tuple(tuple(map(Fickle, layer)) for layer in MODEL.params)
    tampered = TamperReferee(WeightAllowance(0.1)).judge(Tampered(params), MODEL)
    for own, left in zip(MODEL.params, tampered.params, strict=True):
        for p, q in zip(own, left, strict=True):
            np.testing.assert_array_equal(p, q)


class Hiding(Dense):
    """A layer that keeps its true weights where nobody tampers."""

    def forward(self, params, x, rng=None):
        return x @ MODEL.params[0][0] + params[1]


class Reading(Sequential):
    def logits(self, x):
        return np.eye(3, dtype=np.float32)[np.zeros(len(x), int)]


def test_a_network_that_hides_from_tampering_is_refused():
    referee, (W, b) = TamperReferee(WeightAllowance(0.1)), MODEL.params[0]
    with pytest.raises(IllegalMove, match="knows the layers Dense, ReLU, Dropout, SpectralNorm; Hiding was deployed"):
        referee.examine(Sequential((Hiding(W, b), *MODEL.layers[1:-1])))
    with pytest.raises(IllegalMove, match="Reading was deployed"):
        referee.examine(Reading(MODEL.layers))
    patched = Sequential(MODEL.layers)
    object.__setattr__(patched, "logits", Reading(MODEL.layers).logits)
    x = np.random.default_rng(2).random((5, 4), dtype=np.float32)
    np.testing.assert_array_equal(referee.examine(patched).logits(x), MODEL.logits(x))
    normed = Sequential((SpectralNorm(Dense(W, b), 1.0),))
    hidden = Sequential((SpectralNorm(Dense(W, b), 1.0),))
    object.__setattr__(hidden.layers[0], "folded", lambda: Dense(-W, b))
    np.testing.assert_array_equal(referee.examine(hidden).logits(x), normed.logits(x))
    double = MODEL.with_params(tuple(tuple(p.astype(np.float64) for p in layer) for layer in MODEL.params))
    with pytest.raises(IllegalMove, match="float32 weights; the deployed ones are float64"):
        referee.examine(double)


def test_an_array_that_is_kept_behind_the_tampered_weights_is_not_what_is_played():
    kept = [[p.copy() for p in layer] for layer in MODEL.params]

    class Kept:
        def __init__(self, array):
            self.array = array

        def __array__(self, dtype=None, copy=None):
            return self.array

    move = Tampered(tuple(tuple(Kept(p) for p in layer) for layer in kept))
    judged = TamperReferee(WeightAllowance(0.1)).judge(move, MODEL)
    for layer, own in zip(judged.params, kept, strict=True):
        assert not any(np.shares_memory(p, array) for p, array in zip(layer, own, strict=True))


class Twice:
    """Parameters that are others each time they are gone through."""

    def __init__(self, *sets):
        self.sets = list(sets)

    def __iter__(self):
        return iter(self.sets.pop(0))


@pytest.mark.parametrize(
    "params", [None, 5, (None,), (MODEL.params[0],), (tuple(p for layer in MODEL.params for p in layer),)]
)
def test_malformed_weights_are_an_illegal_move(params):
    with pytest.raises(IllegalMove, match="tampered weights"):
        TamperReferee(WeightAllowance(9.0)).judge(Tampered(params), MODEL)


def test_parameters_are_gone_through_once():
    wild = tuple(tuple(-5 * p for p in layer) for layer in MODEL.params)
    tampered = TamperReferee(WeightAllowance(0.1)).judge(Tampered(Twice(MODEL.params, wild)), MODEL)
    np.testing.assert_array_equal(tampered.params[0][0], MODEL.params[0][0])


@pytest.mark.parametrize("name", ["plain", "dropout", "spectral-normalisation", "adversarial-weight-perturbation"])
def test_the_houses_networks_can_be_tampered_with(name):
    match = play(Tampering(points=20, train=100), WeightNoise(), roster.build("defenders", f"{name}(epochs=1)"))
    assert len(match.rounds) == 1


@pytest.mark.parametrize("radius", [1e-4, 0.0025, 0.3])
def test_weights_put_back_into_a_small_ball_stay_there_when_rounded(radius):
    rng = np.random.default_rng(1)
    model = mlp((4, 50, 3), rng=rng)
    model = model.with_params(tuple(tuple(p + np.float32(1) for p in layer) for layer in model.params))
    rows = Batch(rng.random((30, 4), dtype=np.float32), rng.integers(0, 3, 30))
    view = TamperView(rows, Ball(0.1), model, WeightAllowance(radius))
    for player in (WeightNoise(), WeightAscent(steps=5)):
        TamperReferee(view.allowance).judge(player.move(view, rng), model)


@dataclass
class Careless:
    """A tamperer that breaks a rule."""

    does: str
    seen: list = field(default_factory=list)

    def move(self, view: TamperView, rng):
        params = [[p.copy() for p in layer] for layer in view.model.params]
        if self.does == "nothing":
            return Tampered(view.model.params)
        if self.does == "remembers":
            self.seen.append(1)
        W = view.model.params[0][0] if self.does == "writes" else params[0][0]
        if self.does == "too much":
            W *= 3
        bits = W.reshape(-1).view(np.uint32)
        bits[0] ^= len(self.seen) + 1
        return Tampered(tuple(map(tuple, params)))


@pytest.mark.parametrize(
    ("does", "rule"),
    [("nothing", "stays-legal"), ("too much", "stays-legal"), ("remembers", "same-stream-same-move"),
     ("writes", "leaves-the-view-alone")],
)  # fmt: skip
def test_a_tamperer_that_breaks_a_rule_is_caught(does, rule):
    broken = []
    for check in attacker_checks(Careless(does)):
        try:
            check()
        except NonConformance:
            broken.append(check.name)
    assert rule in broken
