"""Deployed models that are odd and honest play; one that is wrong is its defender's illegal move, found before the attack."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from agents.attackers import APGD, CW, DDN, FGSM, PGD, MinimalNorm, MomentumPGD, MultiTargeted, Noise, Square, Strongest
from agents.defenders import Plain
from arena import Ball, Deployment, IllegalMove, play
from scenarios import Query, WhiteBox

ATTACKERS = [
    FGSM(),
    PGD(),
    MomentumPGD(),
    MultiTargeted(),
    APGD(),
    MinimalNorm(),
    CW(steps=20, searches=2),
    DDN(steps=20),
    Strongest(),
]
GAME = WhiteBox(points=40, train=600, ball=Ball(0.15))
NAMES = {"ids": lambda player: type(player).__name__}


class Model:
    """Honest; the subclasses are not, or not as usual."""

    def __init__(self, net):
        self.net, self.features, self.classes = net, net.features, net.classes

    def logits(self, x):
        return self.net.logits(x)

    def vjp(self, x):
        return self.logits(x), self.net.vjp(x)[1]


@dataclass(frozen=True, kw_only=True)
class Deploys:
    model: Any

    def move(self, view, rng):
        return Deployment(self.model(Plain(epochs=30).move(view, rng).model))


def attacked(attacker, model, game=GAME):
    """The accuracy left, on a network that is the same for each of these models."""
    return play(game, attacker, _SameNet(model=model)).attacked_accuracy


@dataclass(frozen=True, kw_only=True)
class _SameNet(Deploys):
    def move(self, view, rng):
        return super().move(view, np.random.default_rng(0))


class LastInput(Model):
    def logits(self, x):
        self.last = np.array(x)
        return super().logits(x)


class Growing(Model):
    def logits(self, x):
        self.seen = [*getattr(self, "seen", []), x.mean(axis=0)]
        return super().logits(x)


class Columns(Model):
    def logits(self, x):
        return np.asfortranarray(super().logits(x))


class Lists(Model):
    def logits(self, x):
        return super().logits(x).tolist()


class Half(Model):
    def logits(self, x):
        return super().logits(x).astype(np.float16)


@pytest.mark.parametrize("attacker", ATTACKERS, **NAMES)
@pytest.mark.parametrize("model", [LastInput, Growing, Columns, Lists, Half])
def test_how_a_model_keeps_and_lays_out_its_numbers_does_not_protect_it(model, attacker):
    assert attacked(attacker, model) <= attacked(attacker, Model) + 0.05


class Votes(Model):
    def logits(self, x):
        return np.rint(4 * super().logits(x)).astype(np.int64)


@pytest.mark.parametrize("attacker", [*ATTACKERS, Square()], **NAMES)
def test_logits_may_be_counts(attacker):
    assert attacked(attacker, Votes) <= attacked(attacker, Model) + 0.2
    play(Query(points=40, train=600, budget=40), Square(), Deploys(model=Votes))


class Unsure(Model):
    """Says nothing where two classes are close."""

    def logits(self, x):
        z = np.array(super().logits(x))
        first, second = np.sort(z, axis=1)[:, :-3:-1].T
        z[(first - second < 1) & (len(x) > 2)] = self.nothing
        return z


class NaN(Unsure):
    nothing = np.nan


class Infinite(Unsure):
    nothing = -np.inf


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("attacker", ATTACKERS, **NAMES)
@pytest.mark.parametrize("model", [NaN, Infinite])
def test_where_a_model_says_nothing_finite_the_attacker_has_won(model, attacker):
    assert attacked(attacker, model) <= attacked(attacker, Model)


class Steep(Model):
    def vjp(self, x):
        return self.logits(x), lambda g: self.net.vjp(x)[1](g).astype(np.float64) * 1e200


class SteepNarrow(Model):
    def vjp(self, x):
        return self.logits(x), lambda g: self.net.vjp(x)[1](g) * np.float32(1e36)


@pytest.mark.filterwarnings("ignore:overflow encountered")
@pytest.mark.parametrize("ball", [Ball(0.15), Ball(1.0, "l2"), Ball(4.0, "l1")], ids=lambda ball: ball.norm)
@pytest.mark.parametrize("model", [Steep, SteepNarrow])
def test_slopes_beyond_single_precision_cost_no_attacker_its_match(model, ball):
    game = WhiteBox(points=40, train=600, ball=ball)
    for attacker in ATTACKERS[:-1]:
        attacked(attacker, model, game)
    assert attacked(Strongest(), model, game) <= attacked(Strongest(), Model, game) + 0.1


class HardLabels(Model):
    """The label alone, and a slope that has nothing to do with it."""

    def logits(self, x):
        return 3 * np.eye(self.classes, dtype=np.float32)[super().logits(x).argmax(axis=1)]

    def vjp(self, x):
        return self.logits(x), lambda g: np.random.default_rng(0).standard_normal(x.shape).astype(np.float32)


def test_a_model_that_tells_labels_alone_does_not_escape_the_strongest():
    assert attacked(PGD(), HardLabels) > 0.7
    assert attacked(Strongest(), HardLabels) <= attacked(Strongest(), Model) + 0.15


class Spread(Model):
    """Standardises each row, without a thought for rows that have no spread."""

    def logits(self, x):
        return super().logits(((x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)).astype(np.float32))


def test_a_model_that_divides_by_a_rows_spread_may_be_deployed():
    play(GAME, Noise(), Deploys(model=Spread))


def raising(x, g):
    raise RuntimeError("no gradient for you")


@pytest.mark.parametrize(
    "pull",
    [raising, lambda x, g: None, lambda x, g: x.T, lambda x, g: x[:1], lambda x, g: x[:, :-1], lambda x, g: x + 0j],
)
def test_a_vjp_that_fails_beyond_two_rows_is_the_defenders_illegal_move(pull):
    class Failing(Model):
        def vjp(self, x):
            return self.logits(x), (lambda g: x) if len(x) == 2 else (lambda g: pull(x, g))

    with pytest.raises(IllegalMove, match="vjp"):
        play(GAME, Noise(), Deploys(model=Failing))


def test_a_model_that_cannot_be_copied_is_the_defenders_illegal_move():
    class Single(Model):
        def __deepcopy__(self, memo):
            raise TypeError("there is but one")

    with pytest.raises(IllegalMove, match="cannot be copied for the attacker: TypeError"):
        play(GAME, Noise(), Deploys(model=Single))
