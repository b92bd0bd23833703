from dataclasses import dataclass, replace

import numpy as np
import pytest

from agents.attackers.flips import LossMaximisingLabelFlip, RandomLabelFlip, TargetedLabelFlip
from agents.attackers.pgd import PGD
from agents.defenders import Plain
from arena import Contamination, InvalidValue, Mismatch, Poison, play, tournament
from arena.conformance import attacker_checks, scenario_checks
from arena.match import open_match
from arena.players import spec
from arena.threat import Ball
from scenarios import Poisoning, WhiteBox

QUICK = Plain(hidden=(32,), epochs=10)
FLIPPERS = (RandomLabelFlip(), TargetedLabelFlip(), LossMaximisingLabelFlip(surrogate=QUICK, repeats=2))
GAMES = (
    Poisoning(train=200),
    Poisoning(train=200, rounds=2, knows="recipe"),
    Poisoning(train=200, goal="targeted", knows="share"),
    Poisoning(train=200, goal="backdoor"),
    Poisoning(train=200, goal="points", trials=2, allowance=0.05),
)


@pytest.mark.parametrize("check", [c for game in GAMES for c in scenario_checks(game)], ids=str)
def test_the_scenario_keeps_the_rules(check):
    check()


@pytest.mark.parametrize("check", [c for player in FLIPPERS for c in attacker_checks(player)], ids=str)
def test_flippers_keep_the_rules(check):
    check()


@dataclass(frozen=True)
class Nothing:
    def move(self, view, rng):
        return Poison(np.zeros(0, np.intp))


def test_the_reference_and_the_unpoisoned_model_are_the_same_network():
    (scored,) = play(Poisoning(train=200), Nothing(), QUICK).rounds
    assert np.array_equal(scored.clean, scored.attacked)
    assert scored.extras["rows_touched"] == 0


def test_the_reference_is_trained_once_for_all_attackers():
    assert open_match(Poisoning(train=200), QUICK) is not None


def test_flips_where_they_hurt_beat_flips_at_random():
    game = Poisoning(allowance=0.4)
    random, worst = (play(game, a, Plain()).attacked_accuracy for a in (RandomLabelFlip(), LossMaximisingLabelFlip()))
    clean = play(game, RandomLabelFlip(), Plain()).clean_accuracy
    assert clean > 0.96
    assert random > clean - 0.12
    assert worst < random - 0.2


def test_targeted_flips_are_scored_on_the_source_class_alone():
    (scored,) = play(Poisoning(goal="targeted"), TargetedLabelFlip(most=0.8), Plain()).rounds
    assert set(scored.field.y) == {3}
    assert scored.extras["attack_success"] > 0.7 > 0.1 > scored.extras["attack_success_clean"]


def test_what_the_attacker_knows_is_what_it_is_shown():
    seen = []
    for knows in ("data", "recipe", "share"):
        game = Poisoning(train=200, knows=knows, known=0.25)
        play(game, RandomLabelFlip(), QUICK, watch=lambda turn, move: seen.append(turn.view))
    data, recipe, share = seen[1::3]
    assert (len(data.train), len(recipe.train), len(share.train)) == (200, 200, 50)
    assert data.model is None is share.model
    assert recipe.model is not None
    assert share.limit == 40


def test_an_adaptive_attacker_is_given_the_defenders_recipe():
    got = []

    @dataclass(frozen=True)
    class Asks:
        def move(self, view, rng):
            got.append(view.recipe(view.train, rng).logits(view.train.x[:1]).shape)
            return Poison(np.zeros(0, np.intp))

    play(Poisoning(train=200, knows="recipe"), Asks(), QUICK)
    assert got == [(1, 10)]


@dataclass(frozen=True)
class Rude:
    def move(self, view, rng):
        object.__setattr__(view.goal, "kind", "availability")
        object.__setattr__(view.allowance.may_edit, "radius", 9.0)
        return Poison(np.zeros(0, np.intp))


def test_what_a_poisoner_does_to_its_view_changes_no_rule():
    game = Poisoning(train=200, goal="points", trials=3)
    (scored,) = play(game, Rude(), QUICK).rounds
    assert game.ball == game.contamination.may_edit == Ball(0.15)
    assert "attack_success" in scored.extras


def test_later_rounds_see_the_outcome_of_earlier_ones():
    views = []
    outcome = play(
        Poisoning(train=200, rounds=2), RandomLabelFlip(), QUICK, watch=lambda turn, move: views.append(turn.view)
    )
    assert len(outcome.rounds) == 2
    (revealed,) = views[3].revealed
    assert revealed.model is outcome.rounds[0].model


def test_points_are_trials_one_a_game():
    (scored,) = play(
        Poisoning(train=200, goal="points", trials=3, allowance=Contamination(0.05)), RandomLabelFlip(), QUICK
    ).rounds
    assert len(scored.clean) == 3


def test_players_of_the_other_games_are_turned_away():
    with pytest.raises(Mismatch, match="needs a GradientView; poisoning shows a PoisonView"):
        play(Poisoning(), PGD(), QUICK)
    with pytest.raises(Mismatch, match="needs a PoisonView"):
        play(WhiteBox(), RandomLabelFlip(), QUICK)


def test_a_share_of_rows_becomes_what_suits_the_goal():
    assert Poisoning(allowance=0.2).contamination == Contamination(0.2)
    assert Poisoning(goal="backdoor").contamination.may_edit is not None
    assert not Poisoning(goal="points").contamination.may_relabel
    assert replace(Poisoning(goal="points"), ball=Ball(0.3)).contamination.may_edit == Ball(0.3)
    with pytest.raises(InvalidValue, match="one of the labels"):
        next(Poisoning(target=10).turns())


def test_a_tournament_keeps_the_figures_and_its_file_too(tmp_path):
    attackers = {"random": RandomLabelFlip(), "worst": LossMaximisingLabelFlip(surrogate=QUICK)}
    table = tournament(Poisoning(train=200, points=60), attackers, {"quick": QUICK}, seeds=[0], workers=1)
    assert not any(r.forfeit for r in table.records)
    table.to_csv(tmp_path / "t.csv")
    assert type(table).from_csv(tmp_path / "t.csv") == table
    assert set(table.frame()["rows_touched"]) == {40.0}


def test_two_scenarios_that_differ_in_a_rule_have_other_streams():
    assert len({spec(game) for game in GAMES}) == len(GAMES)
