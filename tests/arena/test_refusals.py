"""What is refused the moment it is given, in words that name the parameter, the value and the way out."""

import numpy as np
import pytest

from agents.attackers import PGD, MomentumPGD, Noise
from agents.defenders import Plain
from arena import Ball, Contamination, InvalidValue, ThreatModel, play, tournament
from arena.engine import SGD, Adam, Dense, Dropout, Layer, ReLU, Sequential, SpectralNorm
from scenarios import WhiteBox

GAME = WhiteBox(points=10, train=20)


@pytest.mark.parametrize("box", [None, (), (0,), (0, 1, 2), 1.0, "01", ("0", "1"), (1, 0), (0, float("nan"))])
def test_a_box_is_two_numbers_in_order(box):
    with pytest.raises(InvalidValue, match=r"box must be \(low, high\), two numbers with low < high; got"):
        Ball(0.1, box=box)


@pytest.mark.parametrize(("norm", "meant"), [("L2", "l2"), ("Linf", "linf"), ("inf", "linf"), ("L1", "l1")])
def test_a_norm_in_another_spelling_is_asked_after(norm, meant):
    with pytest.raises(InvalidValue, match=f"norm must be one of linf, l2, l1; got '{norm}'; did you mean '{meant}'"):
        Ball(0.1, norm)


@pytest.mark.parametrize("seed", ["a", -1, 0.5, None, True])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(InvalidValue, match="seed must be a whole number of at least 0; got"):
        play(GAME, Noise(), Plain(epochs=1), seed=seed)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ThreatModel(ball=0.3), r"ball must be a Ball, as in Ball\(0.15, 'linf'\); got 0.3"),
        (lambda: ThreatModel(ball=Ball(0.1), contamination=0.1), "contamination must be a Contamination, or None; got 0.1"),
        (lambda: Contamination(fraction=0.1, may_edit=0.1), "may_edit must be a Ball"),
        (lambda: Contamination(fraction=0.1, may_relabel="yes"), "may_relabel must be True or False; got 'yes'"),
        (lambda: Contamination(fraction=0.1, may_insert=1), "may_insert must be True or False; got 1"),
        (lambda: PGD(stop_fooled="no"), "stop_fooled must be True or False; got 'no'"),
        (lambda: PGD(random_start=0), "random_start must be True or False; got 0"),
        (lambda: MomentumPGD(stop_fooled=None), "stop_fooled must be True or False; got None"),
        (lambda: Dropout(0.5, inverted="no"), "inverted must be True or False; got 'no'"),
        (lambda: tournament(GAME, {"a": Noise()}, {"b": Plain()}, examples="no"), "examples must be True or False"),
        (lambda: SGD(learning_rate=-0.1), "learning_rate must be a finite number above 0; got -0.1"),
        (lambda: SGD(momentum=1.0), r"momentum must be a share in \[0, 1\); got 1.0"),
        (lambda: SGD(weight_decay=float("nan")), "weight_decay must be a finite number of at least 0; got nan"),
        (lambda: Adam(learning_rate=float("nan")), "learning_rate must be a finite number above 0; got nan"),
        (lambda: Adam(beta2=1), r"beta2 must be a share in \[0, 1\); got 1"),
        (lambda: Adam(beta1=-0.1), r"beta1 must be a share in \[0, 1\); got -0.1"),
        (lambda: Adam(epsilon=-1e-8), "epsilon must be a finite number of at least 0; got -1e-08"),
    ],
)  # fmt: skip
def test_bad_parameters_are_refused_by_name(make, message):
    with pytest.raises(InvalidValue, match=message):
        make()


def dense(fan_in: int, fan_out: int) -> Dense:
    return Dense.of(np.ones((fan_in, fan_out)))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((dense(4, 8), ReLU(), dense(7, 3)), r"layer 0 \(Dense\) gives 8 features, but layer 2 \(Dense\) reads 7"),
        ((dense(4, 8), SpectralNorm(dense(8, 5)), Dropout(0.1), dense(8, 3)),
         r"layer 1 \(SpectralNorm\) gives 5 features, but layer 3 \(Dense\) reads 8"),
    ],
)  # fmt: skip
def test_layers_that_do_not_fit_are_refused_when_the_network_is_built(layers, message):
    with pytest.raises(ValueError, match=message):
        Sequential(layers)


def test_a_users_own_layer_may_change_the_width():
    class Doubled(Layer):
        def forward(self, params, x, rng=None):
            return np.concatenate([x, x], axis=1)

    with pytest.raises(ValueError, match="make them equal"):
        Sequential((dense(4, 8), ReLU(), dense(16, 3)))
    assert Sequential((dense(4, 8), Doubled(), dense(16, 3))).classes == 3
