from dataclasses import dataclass

import numpy as np
import pytest
from numpy.random import default_rng

from agents import attackers, defenders
from agents.attackers import FGSM, PGD, AdaptivePGD, BestResponse, Greedy, Noise
from agents.attackers.draws import Draws
from agents.defenders import BoostedAdversarialTraining, Plain
from arena import Ball, Batch, GradientView, InvalidValue, Perturbation, play, tournament
from arena.engine import Dense, RandomisedEnsemble, Sequential, drawn_from
from arena.match import open_match
from arena.players import needs
from arena.referee import Referee, hits
from arena.views import EvasionView
from scenarios import Query, Transfer, WhiteBox

QUICK = Plain(hidden=(32,), epochs=6)
GAME = WhiteBox(points=200)


@dataclass(frozen=True)
class Shifts:
    by: float

    def move(self, view: EvasionView, rng):
        return Perturbation(view.ball.project(view.field.x + np.float32(self.by), view.field.x))


def constant(label, classes=3):
    bias = np.eye(classes, dtype=np.float32)[label]
    return Sequential((Dense(np.zeros((2, classes), np.float32), bias),))


# The referee


def test_the_referee_scores_the_expectation_and_not_one_draw():
    field = Batch(default_rng(0).random((1000, 2)), np.repeat([0, 1], 500))
    model = RandomisedEnsemble((constant(0), constant(1), constant(2)), (0.2, 0.7, 0.1))
    scored = Referee(Ball(0.1)).score(model, field, field)
    assert scored.extras == {"expected_clean": pytest.approx(0.45), "expected_attacked": pytest.approx(0.45)}
    assert abs(scored.clean[:500].mean() - 0.2) < 0.06
    assert abs(scored.clean[500:].mean() - 0.7) < 0.06
    assert np.array_equal(scored.clean, scored.attacked)


def test_where_all_points_are_alike_the_cell_is_the_expectation():
    field = Batch(default_rng(0).random((500, 2)), np.zeros(500, int))
    scored = Referee(Ball(0.1)).score(RandomisedEnsemble((constant(0), constant(1)), (0.3, 0.7)), field, field)
    assert scored.attacked_accuracy == pytest.approx(0.3)


def test_a_point_that_loses_more_is_never_read_right_where_one_that_loses_less_is_not(digits, net):
    weaker = open_match(GAME, QUICK).move.model
    model, field = RandomisedEnsemble((net, weaker), (0.6, 0.4)), digits[1]
    referee, x, lost = Referee(Ball(0.3)), field.x, []
    for answer in (
        field,
        Batch(x, field.y),
        Batch(PGD(steps=5).move(GradientView(field, Ball(0.3), net), default_rng(0)).x, field.y),
    ):
        scored = referee.score(model, field, answer)
        lost.append((Draws(GradientView(field, Ball(0.3), model)).lost(answer.x), scored.attacked))
    for one, right_one in lost:
        for other, right_other in lost:
            assert right_one[right_other & (one <= other)].all()


def test_a_single_network_is_scored_as_ever(digits, net):
    scored = Referee(Ball(0.1)).score(net, digits[1], digits[1])
    assert scored.extras == {}
    np.testing.assert_array_equal(scored.clean, hits(net, digits[1]))


# Mixed strategies as players


def test_a_mixture_of_defenders_deploys_what_is_drawn_from():
    deployed = open_match(GAME, defenders.Mixture(members=(QUICK, QUICK, QUICK), weights=(0.5, 0.5, 0.0))).move.model
    assert deployed.weights == (0.5, 0.5, 0.0)
    (first, _), (second, _) = drawn_from(deployed)
    assert not np.array_equal(first.params[0][0], second.params[0][0])


def test_drawn_for_the_match_it_deploys_one_member_as_often_as_its_weight_says():
    player = defenders.Mixture(members=(QUICK, Plain(hidden=(16,), epochs=1)), weights=(0.75, 0.25), draw="match")
    widths = [player.move(_view(), default_rng(seed)).model.params[0][0].shape[1] for seed in range(60)]
    assert set(widths) == {32, 16}
    assert 0.6 < np.mean(np.equal(widths, 32)) < 0.9


def _view():
    from arena.views import DefenderView

    return DefenderView(GAME.deal.train[:64], 10, GAME.threat)


def test_a_mixture_of_attackers_gives_each_its_share_of_the_points(look):
    view = look(Ball(0.2), 300)
    mixed = attackers.Mixture(attackers=(Shifts(0.1), Shifts(-0.1), Shifts(0.2)), weights=(0.5, 0.3, 0.2))
    x = mixed.move(view, default_rng(0)).x
    own = [attacker.move(view, default_rng(0)).x for attacker in mixed.attackers]
    shares = [np.mean((x == one).all(axis=1)) for one in own]
    np.testing.assert_allclose(shares, (0.5, 0.3, 0.2), atol=1.1 / 300)


def test_it_needs_what_its_most_demanding_member_needs():
    assert needs(attackers.Mixture(attackers=(Noise(), PGD()))) is GradientView
    assert needs(attackers.Mixture(attackers=(Noise(), Shifts(0.1)))) is EvasionView


def test_the_value_of_two_mixtures_is_that_of_the_matrix():
    members = {"a": FGSM(), "b": Noise()}
    table = tournament(GAME, members, {"one": QUICK}, seeds=[0], workers=1)
    both = attackers.Mixture(attackers=tuple(members.values()), weights=(0.25, 0.75))
    mixed = tournament(GAME, {"mixed": both}, {"one": QUICK}, seeds=[0], workers=1)
    expected = np.array([0.25, 0.75]) @ table.payoff().matrix[:, 0]
    assert abs(mixed.payoff().matrix[0, 0] - expected) < 0.06


@pytest.mark.parametrize("weights", [(0.5, 0.6), (1.0,), "ab", (np.nan, 1.0)])
def test_weights_that_are_no_probabilities_are_refused(weights):
    with pytest.raises(InvalidValue, match="probabilities"):
        attackers.Mixture(weights=weights)
    with pytest.raises(InvalidValue, match="probabilities"):
        defenders.Mixture(weights=weights)


@pytest.mark.parametrize("game", [Transfer(points=60), Query(points=60, budget=20)], ids=lambda game: game.name)
def test_a_mixture_is_played_where_less_is_seen(game):
    attacker = attackers.Square(queries=10) if game.name == "query" else Noise()
    scored = play(game, attacker, defenders.Mixture(members=(QUICK, QUICK))).rounds[0]
    assert 0 < scored.extras["expected_attacked"] <= scored.extras["expected_clean"] + 0.05


# Attacks on mixtures


def linear_games(n):
    """Points of the plane, three random linear readings of three classes each, and the brute-force optimum on a grid."""
    rng = default_rng(3)
    steps = np.linspace(-0.3, 0.3, 31)
    offsets = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    for _ in range(n):
        models = tuple(
            Sequential((Dense(rng.standard_normal((2, 3)).astype(np.float32), np.zeros(3, np.float32)),))
            for _ in range(3)
        )
        model = RandomisedEnsemble(models, (0.5, 0.3, 0.2))
        x = rng.uniform(0.3, 0.7, (8, 2)).astype(np.float32)
        field = Batch(x, models[0].logits(x).argmax(axis=1))
        view = GradientView(field, Ball(0.3), model)
        draws = Draws(view)
        losses = [draws.lost((x + offset).astype(np.float32)) for offset in offsets]
        yield view, draws, np.max(losses, axis=0)


def test_greedy_comes_near_the_brute_force_optimum_where_the_expected_loss_misleads():
    optimum, greedy, adaptive, best = [], [], [], []
    for view, draws, highest in linear_games(15):
        optimum.append(highest)
        for player, found in (
            (Greedy(restarts=4), greedy),
            (AdaptivePGD(), adaptive),
            (BestResponse(attacker=PGD()), best),
        ):
            found.append(draws.lost(player.move(view, default_rng(0)).x))
    optimum, greedy, adaptive, best = (np.concatenate(rows).mean() for rows in (optimum, greedy, adaptive, best))
    assert adaptive < 0.9 * optimum, (adaptive, greedy, best, optimum)
    assert greedy > 0.95 * optimum
    assert best > 0.97 * optimum


def test_greedy_never_leaves_a_point_better_off_than_clean(look):
    view = look(Ball(0.05), 100)
    draws = Draws(view)
    assert (draws.lost(Greedy(restarts=0).move(view, default_rng(0)).x) >= draws.lost(view.field.x)).all()


def test_a_boosted_mixture_looks_robust_to_the_expected_loss_and_is_not():
    deployed = open_match(WhiteBox(), BoostedAdversarialTraining()).move.model
    view = GradientView(WhiteBox().deal.fields[0], Ball(0.15), deployed)
    draws = Draws(view)
    single = GradientView(view.field, view.ball, deployed.members[0])
    left = {
        type(player).__name__: 1 - draws.lost(player.move(view, default_rng(0)).x).mean()
        for player in (AdaptivePGD(), Greedy(), BestResponse(attacker=PGD()))
    }
    first = 1 - Draws(single).lost(PGD().move(single, default_rng(0)).x).mean()
    assert left["AdaptivePGD"] > first + 0.2  # it looks far better than its first network alone
    assert left["Greedy"] < left["AdaptivePGD"] / 2
    assert left["BestResponse"] <= left["Greedy"] + 0.02


def test_a_table_tells_the_exact_expectation_of_the_defenders_that_draw():
    from results.tables.expectation import expectation_table

    pair = {"one": QUICK, "both": defenders.Mixture(members=(QUICK, QUICK))}
    table = tournament(GAME, {"fgsm": FGSM()}, pair, seeds=[0, 1], workers=1)
    exact = [dict(record.extras)["expected_attacked"] for record in table.where(defender="both").records]
    assert expectation_table(table).splitlines()[2:] == ["      both", f"fgsm  {100 * np.mean(exact):4.1f}"]
    assert abs(table.where(defender="both").frame().attacked_accuracy.mean() - np.mean(exact)) < 0.05
