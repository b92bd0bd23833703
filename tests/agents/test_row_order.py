"""What a row gets depends on no other row: not on their order, their number, nor on whether fooled ones are dropped."""

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import APGD, FGSM, PGD, MinimalNorm, MomentumPGD, Noise, Portfolio, Strongest, SurrogateTransfer
from agents.attackers import ascent as ascending
from agents.defenders import Plain
from arena import Ball, Batch, GradientView
from arena.engine import Dense, Sequential, mlp

NET = mlp((12, 16, 4), rng=default_rng(0))
X = default_rng(1).random((60, 12), dtype=np.float32)
FIELD = Batch(X, NET.logits(X).argmax(axis=1))
ROUNDINGS = 5e-4  # a product of another height rounds its last bit another way, and L2 steps carry that on
SHADOW = Batch(default_rng(2).random((80, 12), dtype=np.float32), np.arange(80) % 4)
ATTACKERS = {
    "noise": Noise(), "fgsm": FGSM(), "pgd": PGD(steps=12), "restarts": PGD(steps=8, restarts=3),
    "unstopped": PGD(steps=12, stop_fooled=False), "momentum": MomentumPGD(steps=12), "apgd": APGD(steps=20),
    "minimal norm": MinimalNorm(steps=10), "transfer": SurrogateTransfer(surrogates=(Plain(hidden=(8,), epochs=3),)),
    "portfolio": Portfolio(), "strongest": Strongest(),
}  # fmt: skip


def moved(name: str, field: Batch, ball: Ball) -> np.ndarray:
    return ATTACKERS[name].move(GradientView(field, ball, NET, shadow=SHADOW), default_rng(3)).x


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize("name", ATTACKERS)
def test_permuted_rows_get_the_permuted_answer(name, norm):
    ball = Ball({"linf": 0.1, "l2": 0.3, "l1": 0.8}[norm], norm)
    order = default_rng(4).permutation(len(FIELD))
    together = moved(name, FIELD, ball)
    np.testing.assert_allclose(moved(name, FIELD[order], ball), together[order], atol=ROUNDINGS)
    np.testing.assert_allclose(moved(name, FIELD[:7], ball), together[:7], atol=ROUNDINGS)


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize("name", ["pgd", "restarts", "momentum"])
def test_dropping_fooled_rows_changes_no_answer(name, norm, monkeypatch):
    ball = Ball({"linf": 0.1, "l2": 0.3, "l1": 0.8}[norm], norm)
    answers = []
    for crowded in (0.0, 0.125, 1.0):  # compacted at once, seldom, never
        monkeypatch.setattr(ascending, "_CROWDED", crowded)
        answers.append(moved(name, FIELD, ball))
    assert (NET.logits(answers[0]).argmax(axis=1) != FIELD.y).any()
    np.testing.assert_allclose(answers[1], answers[0], atol=ROUNDINGS)
    np.testing.assert_allclose(answers[2], answers[0], atol=ROUNDINGS)


def test_equal_rows_start_alike_and_others_do_not():
    flat = Sequential((Dense.of(np.zeros((12, 4), np.float32)),))
    rows = Batch(np.concatenate([X[:5], X[:5]]), np.zeros(10, int))
    for attacker in (Noise(), PGD(steps=1)):
        x = attacker.move(GradientView(rows, Ball(0.1), flat), default_rng(0)).x - rows.x
        np.testing.assert_array_equal(x[:5], x[5:])
        if isinstance(attacker, Noise):
            assert len(np.unique(x.round(6), axis=0)) == 5
