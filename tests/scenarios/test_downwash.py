"""The wake against momentum theory, and the game of foretelling its force."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from agents.attackers import PGD, Noise, StateAscent, WeightNoise
from agents.defenders import ConstantRegression, LipschitzRegression, NearestRow, Plain, Regression
from arena import Ball, Deployment, Perturbation, play, tournament
from arena.engine import Dense, Sequential, mlp, sigma
from arena.errors import IllegalMove, InvalidValue, Mismatch
from arena.regression import Measurements, RegressionReferee, RegressorView
from arena.roster import build
from scenarios import Downwash, WhiteBox
from scenarios.downwash import wake

SMALL = Downwash(points=60, train=300)


def test_the_wake_carries_the_momentum_that_the_rotors_gave_it():
    """Thrust = mass flow × far-wake speed, and a jet keeps its momentum flux (within what B and S leave of it)."""
    thrust = wake.MASS * wake.GRAVITY
    assert pytest.approx(thrust) == wake.AIR * wake.DISC * (wake.FAR_WAKE / 2) * wake.FAR_WAKE
    across = np.linspace(0, 2, 20001)
    for below in (0.6, 1.2):
        w = wake.speed(np.stack([across, 0 * across, np.full_like(across, below)], axis=1))
        flux = wake.AIR * np.trapezoid(w**2 * 2 * math.pi * across, across)
        assert flux == pytest.approx(thrust, rel=0.15)


def test_the_wake_halves_at_its_half_width_and_fades_as_one_over_distance():
    state = np.array([[0, 0, 1.0], [0.096, 0, 1.0], [0, 0, 2.0]])
    centre, aside, below = wake.speed(state)
    assert aside == pytest.approx(centre / 2)
    assert below == pytest.approx(centre / 2)
    assert wake.force(state)[0] == pytest.approx(-0.5 * 1.2 * 0.01 * centre**2 / (0.034 * 9.81))


@pytest.mark.parametrize("within", ["cone", "cylinder"])
def test_states_lie_where_they_are_said_to_and_forces_are_those_of_the_wake(within):
    rules = Downwash(points=400, met=(1.0, 2.0), within=within, noise=0.0)
    for rows, (low, high) in ((rules.deal.train, (0.3, 1.0)), (rules.deal.fields[0], (1.0, 2.0))):
        metres = (rows.x.astype(float) - (0.5, 0.5, 0)) * 2
        across, below = np.hypot(metres[:, 0], metres[:, 1]), metres[:, 2]
        assert low - 1e-6 <= below.min() < low + 0.05 and high - 0.05 < below.max() <= high + 1e-6
        wide = 0.2 * (below if within == "cone" else 1)
        assert (across <= wide + 1e-6).all()
        assert (across < wide / 2).mean() == pytest.approx(0.25, abs=0.06)
        np.testing.assert_allclose(rows.y, wake.force(metres), rtol=1e-9)


def test_what_is_trained_on_depends_on_neither_the_seed_nor_where_it_is_met_nor_the_ball():
    far = Downwash(points=30, train=300, met=(1.0, 2.0), ball=Ball(0.1))
    np.testing.assert_array_equal(far.deal.train.x, SMALL.deal.train.x)
    np.testing.assert_array_equal(far.deal.train.y, SMALL.deal.train.y)
    assert far.content() != SMALL.content()
    noise = SMALL.deal.train.y - SMALL.truth(SMALL.deal.train.x)
    assert noise.std() == pytest.approx(0.05, rel=0.15)


@dataclass(frozen=True)
class Moves:
    """An attacker that moves every state by one step along each axis."""

    step: float

    def move(self, view: RegressorView, rng):
        return Perturbation(view.field.x + np.float32(self.step))


@dataclass(frozen=True)
class Deploys:
    """A defender with one answer."""

    model: object

    def move(self, view, rng):
        return Deployment(self.model)


PLANE = Sequential((Dense.of(np.array([[0.3], [-0.4], [1.2]], np.float32), np.float32([0.1])),))


def test_errors_are_those_of_the_moved_state_against_the_truth_of_the_true_one():
    (scored,) = play(SMALL, Moves(0.005), Deploys(PLANE)).rounds
    x, y = scored.field.x.astype(float), scored.field.y
    before = np.abs(x @ [0.3, -0.4, 1.2] + 0.1 - y)
    after = np.abs((x + 0.005) @ [0.3, -0.4, 1.2] + 0.1 - y)
    np.testing.assert_array_equal(scored.clean, before <= 0.1)
    np.testing.assert_array_equal(scored.attacked, after <= 0.1)
    assert scored.extras == pytest.approx(
        {
            "mean_error_clean": before.mean(), "largest_error_clean": before.max(),
            "mean_error_attacked": after.mean(), "largest_error_attacked": after.max(),
        },
        rel=1e-5,
    )  # fmt: skip


def test_moves_and_models_that_break_a_rule_are_refused():
    with pytest.raises(IllegalMove, match="leaves the l2 ball"):
        play(SMALL, Moves(0.01), Deploys(PLANE))
    with pytest.raises(IllegalMove, match="NaN"):
        play(SMALL, Moves(np.nan), Deploys(PLANE))
    with pytest.raises(IllegalMove, match="1 finite logits"):
        play(SMALL, Noise(), Deploys(mlp((3, 2), rng=np.random.default_rng(0))))
    with pytest.raises(IllegalMove, match="NaN"):
        play(SMALL, Noise(), Deploys(Sequential((Dense(np.full((3, 1), np.nan), np.zeros(1)),))))


class Gap:
    """A model without a value where across is beyond the middle."""

    features, classes = 3, 1

    def logits(self, x):
        return np.where(x[:, :1] > 0.5, np.nan, 0.0)


def test_a_row_without_a_value_is_wrong_and_leaves_no_mean_that_would_flatter():
    field = SMALL.deal.fields[0]
    scored = RegressionReferee(SMALL.ball, 0.1).score(Gap(), field, field)
    has = field.x[:, 0] <= 0.5
    np.testing.assert_array_equal(scored.clean, has & (np.abs(field.y) <= 0.1))
    assert not scored.extras
    nearby = field[has]
    sound = RegressionReferee(SMALL.ball, 0.1).score(Gap(), nearby, nearby)
    assert sound.extras["mean_error_clean"] == pytest.approx(np.abs(nearby.y).mean())


def test_measurements_keep_their_kind_and_refuse_what_is_no_number():
    rows = Measurements(np.zeros((3, 2)), [1.5, 2.0, 3.0])
    assert type(rows[:2]) is Measurements and rows.joined(rows).y.tolist() == [1.5, 2.0, 3.0] * 2
    for wrong in ([1.0, 2.0], [1.0, np.nan, 2.0], ["a", "b", "c"]):
        with pytest.raises(InvalidValue, match="finite number"):
            Measurements(np.zeros((3, 2)), wrong)


@pytest.mark.parametrize(
    ("scenario", "attacker", "defender", "said"),
    [
        (SMALL, PGD(), Regression(), "PGD needs a GradientView; downwash shows a RegressorView: choose an attacker"),
        (SMALL, WeightNoise(), Regression(), "WeightNoise needs a TamperView"),
        (SMALL, Noise(), Plain(), "Plain needs a DefenderView; downwash shows a RegressionView: choose a defender"),
        (WhiteBox(), Noise(), Regression(), "Regression needs a RegressionView; white-box shows a DefenderView"),
        (WhiteBox(), StateAscent(), Plain(), "StateAscent needs a RegressorView; white-box shows a GradientView"),
    ],
)
def test_players_of_other_games_are_refused_by_name(scenario, attacker, defender, said):
    with pytest.raises(Mismatch, match=said):
        play(scenario, attacker, defender)
    with pytest.raises(Mismatch, match=said):
        tournament(scenario, {"a": attacker}, {"d": defender}, seeds=[0])


@pytest.mark.parametrize(
    ("given", "said"),
    [("met=(1.0, 0.5)", "met"), ("met=3", "met"), ("met=('a', 'b')", "met"), ("within='box'", "within"),
     ("tolerance=0", "tolerance"), ("noise=-1", "noise"), ("ball=0.1", "ball"), ("train=0", "train")],
)  # fmt: skip
def test_parameters_that_make_no_sense_are_refused(given, said):
    with pytest.raises(InvalidValue, match=f"{said} must be"):
        build("scenarios", f"downwash({given})")


def test_a_table_of_this_game_is_the_same_from_two_processes_and_holds_the_errors():
    players = (
        {"noise": Noise(), "ascent": StateAscent(steps=5)},
        {"nearest": NearestRow(), "mean": ConstantRegression()},
    )
    one, two = (tournament(SMALL, *players, seeds=[0, 1], workers=k) for k in (1, 2))
    assert one == two
    assert "mean_error_attacked" in one.frame().columns


def test_every_trained_layer_is_bounded_and_no_attack_moves_the_value_by_more_than_the_bound():
    player = LipschitzRegression(kappa=1.2, epochs=4)
    (scored,) = play(SMALL, StateAscent(), player).rounds
    first, *trained = [layer for layer in scored.model.layers if isinstance(layer, Dense)]
    assert len(trained) == 4
    assert all(sigma(layer.W) <= 1.2 * (1 + 1e-6) for layer in trained)
    assert max(sigma(layer.W) for layer in trained) == pytest.approx(1.2, rel=1e-5)
    np.testing.assert_allclose((SMALL.deal.train.x @ first.W + first.b).std(axis=0), 1, rtol=1e-4)
    most = scored.model.lipschitz() * np.linalg.norm(scored.answer.x.astype(float) - scored.field.x, axis=1)
    moved = np.abs(scored.model.logits(scored.answer.x) - scored.model.logits(scored.field.x))[:, 0]
    assert (moved <= most + 1e-5).all() and moved.max() > 0
