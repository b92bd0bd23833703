"""The strongest attack: legal everywhere, never behind its parts, the same for the same stream."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import APGD, PGD, MinimalNorm, MultiTargeted, Strongest, strongest
from agents.attackers.apgd import checkpoints
from arena import Ball, Batch, GradientView, InvalidValue
from arena.conformance import attacker_checks
from arena.engine import Between, Dense, ReLU, Sequential
from arena.referee import Referee

BALLS = {"linf": Ball(0.08), "l2": Ball(0.5, "l2"), "l1": Ball(1.5, "l1")}


def standing(attacker, view, seed: int = 0) -> np.ndarray:
    answer = Referee(view.ball).judge(attacker.move(view, default_rng(seed)), view.field)
    return view.model.logits(answer.x).argmax(axis=1) == view.field.y


@pytest.mark.parametrize(
    "player", [Strongest(), MultiTargeted(), APGD(steps=15), APGD(steps=15, loss="margin"), MinimalNorm(steps=5)]
)
def test_they_are_attackers(player):
    for check in attacker_checks(player):
        check()


@pytest.mark.parametrize("norm", BALLS)
def test_nothing_in_the_house_leaves_less(norm, look):
    view = look(BALLS[norm], 200)
    strongest = standing(Strongest(), view).mean()
    for other in (PGD(steps=100, restarts=5), PGD(steps=100, loss="margin"), APGD(), MinimalNorm(rivals=9)):
        assert strongest <= standing(other, view).mean() + 0.005


def test_rows_that_are_misread_already_are_no_work_and_one_row_is_enough(look):
    view = look(Ball(0.08), 200)
    wrong = np.flatnonzero(view.model.logits(view.field.x).argmax(axis=1) != view.field.y)
    one = view.only(wrong[:1])
    np.testing.assert_array_equal(Strongest().move(one, default_rng(0)).x, one.field.x)
    assert Strongest().move(view.only(np.arange(1)), default_rng(0)).x.shape == (1, 64)


def test_two_classes_are_enough():
    rng = default_rng(0)
    model = Sequential((Dense.he(6, 8, rng), ReLU(), Dense.he(8, 2, rng)))
    x = rng.random((40, 6), dtype=np.float32)
    view = GradientView(Batch(x, model.logits(x).argmax(axis=1)), Ball(0.2), model)
    for player in (Strongest(), APGD(), MinimalNorm()):
        assert 0 < standing(player, view).mean() < 1


def test_masked_gradients_do_not_save_a_network(look):
    """A net scaled until cross-entropy's gradient is exactly zero in float32 falls like the net itself."""
    view = look(BALLS["linf"], 150)
    layers = view.model.layers
    last = layers[-1]
    scaled = Sequential((*layers[:-1], Dense.of(last.W * np.float32(1e4), last.b * np.float32(1e4))))
    loud = GradientView(view.field, view.ball, scaled)
    assert standing(PGD(), loud).mean() > standing(PGD(), view).mean() + 0.05
    assert abs(standing(Strongest(), loud).mean() - standing(Strongest(), view).mean()) <= 0.01


def test_targets_of_their_own_have_the_gradient_of_their_difference():
    rng = default_rng(0)
    z, pairs = rng.standard_normal((7, 4)), np.stack([rng.permutation(4)[:2] for _ in range(7)])
    values, g = Between().value_and_grad(z, pairs)
    np.testing.assert_allclose(values, z[np.arange(7), pairs[:, 1]] - z[np.arange(7), pairs[:, 0]])
    for i in range(7):
        step = np.zeros_like(z)
        step[i] = 1e-6 * rng.standard_normal(4)
        difference = Between().value_and_grad(z + step, pairs)[0] - values
        np.testing.assert_allclose(difference[i], (g[i] * step[i]).sum(), atol=1e-12)


def test_checkpoints_come_ever_closer_as_published():
    assert sorted(checkpoints(100))[:8] == [22, 41, 57, 70, 80, 87, 93, 99]
    assert checkpoints(1) == frozenset({1})


@pytest.mark.parametrize("attacks", [0, 1, 2, 4])
def test_a_run_that_was_stopped_goes_on_to_the_same_end(attacks, look, tmp_path):
    view, path = look(Ball(0.06), 60), tmp_path / "trail.npz"
    whole = Strongest().move(view, default_rng(5)).x
    for at in Strongest().trail(view, default_rng(5)):
        at.save(path)
        if at.done == attacks:
            break
    np.testing.assert_array_equal(Strongest().kept(view, default_rng(5), path).x, whole)
    np.testing.assert_array_equal(Strongest().kept(view, default_rng(6), path).x, whole)  # nothing is left to do


def test_what_has_fallen_is_not_attacked_again(look, monkeypatch):
    view, seen = look(Ball(0.06), 60), []
    trail = list(Strongest().trail(view, default_rng(0)))

    class Watcher:
        def move(self, shown, rng):
            seen.append(shown.field.x.copy())
            return PGD(steps=1).move(shown, rng)

    monkeypatch.setattr(strongest, "SEQUENCE", (PGD(), Watcher()))
    last = list(Strongest().trail(view, default_rng(0), since=replace(trail[1], done=1)))[-1]
    np.testing.assert_array_equal(seen[0], view.field.x[trail[1].standing])
    assert set(last.standing) <= set(trail[1].standing)


def test_the_trail_of_another_view_or_no_trail_is_refused(look, tmp_path):
    view, path = look(Ball(0.06), 20), tmp_path / "trail.npz"
    Strongest().kept(view, default_rng(0), path)
    for other in (look(Ball(0.07), 20), look(Ball(0.06), 19)):
        with pytest.raises(InvalidValue, match="another network, field or ball"):
            Strongest().kept(other, default_rng(0), path)
    path.write_text("nothing")
    with pytest.raises(InvalidValue, match="no trail"):
        Strongest().kept(view, default_rng(0), path)
