from dataclasses import dataclass

import numpy as np
import pytest

from agents.attackers import FGSM, PGD, Noise
from agents.defenders import AdversarialTraining, Ensemble, Plain
from arena import EvasionView, GradientView, InvalidValue, LabelView, Mismatch, ScoreView
from arena.players import needs, seat, spec
from arena.views import DefenderView

LADDER = [EvasionView, LabelView, ScoreView, GradientView]


@dataclass(frozen=True, kw_only=True)
class ByScores:
    def move(self, view: ScoreView, rng: np.random.Generator): ...


class Untyped:
    def move(self, view, rng): ...


class Reprless:
    def move(self, view, rng): ...


@pytest.mark.parametrize(
    ("player", "view"), [(Noise(), EvasionView), (ByScores(), ScoreView), (PGD(), GradientView), (Untyped(), object)]
)
def test_a_player_needs_the_view_that_its_move_names(player, view):
    assert needs(player) is view


@pytest.mark.parametrize("needed", range(4))
@pytest.mark.parametrize("shown", range(4))
def test_a_player_may_sit_wherever_at_least_its_view_is_shown(needed, shown):
    class Player:
        def move(self, view, rng): ...

    Player.move.__annotations__ = {"view": LADDER[needed]}
    if shown >= needed:
        seat(Player(), LADDER[shown], "game")
    else:
        message = f"Player needs a {LADDER[needed].__name__}; game shows a {LADDER[shown].__name__}: choose an attacker"
        with pytest.raises(Mismatch, match=message):
            seat(Player(), LADDER[shown], "game")


def test_a_defender_does_not_sit_on_an_attackers_chair_nor_the_other_way_round():
    with pytest.raises(Mismatch, match="Plain needs a DefenderView; game shows a GradientView"):
        seat(Plain(), GradientView, "game")
    with pytest.raises(Mismatch, match="FGSM needs a GradientView; game shows a DefenderView"):
        seat(FGSM(), DefenderView, "game")


@pytest.mark.parametrize("player", [None, "pgd", 3, object()], ids=type)
def test_what_has_no_move_is_no_player(player):
    with pytest.raises(InvalidValue, match=r"a player needs a method move\(view, rng\); .* has none"):
        seat(player, GradientView, "game")


def test_a_class_that_was_never_called_is_no_player():
    with pytest.raises(InvalidValue, match="did you forget to call the class"):
        seat(PGD, GradientView, "game")


def test_a_spec_names_class_and_every_parameter():
    assert spec(PGD(steps=7)) == (
        "agents.attackers.pgd.PGD(steps=7, restarts=1, step_size=None, schedule='cosine', loss='cross-entropy',"
        " target=None, random_start=True, stop_fooled=True)"
    )


def test_players_that_differ_anywhere_have_different_specs():
    players = [
        PGD(), PGD(steps=41), PGD(loss="margin"), FGSM(), Plain(), Plain(hidden=(128,)), AdversarialTraining(),
        AdversarialTraining(sparring=FGSM()), AdversarialTraining(sparring="pgd(steps=3)"), Ensemble(),
        Ensemble(members=(Plain(), Plain(epochs=3))), Ensemble(members=(Plain(epochs=3), Plain())),
    ]  # fmt: skip
    assert len({spec(player) for player in players}) == len(players)
    assert spec(AdversarialTraining(sparring="pgd(steps=3)")) == spec(AdversarialTraining(sparring=PGD(steps=3)))


def test_arrays_count_by_their_content():
    @dataclass(frozen=True)
    class Pattern:
        pixels: np.ndarray

    specs = [spec(Pattern(np.full(5, value, dtype))) for value in (0, 1) for dtype in (np.float32, np.float64)]
    assert len(set(specs)) == 4
    assert spec(Pattern(np.zeros(5))) == spec(Pattern(np.zeros(5)))
    large = np.zeros(5000)
    large[2500] = 1e-9
    assert spec(Pattern(large)) != spec(Pattern(np.zeros(5000)))


def test_a_player_without_a_stable_identity_is_refused():
    with pytest.raises(InvalidValue, match="has no stable identity: make the player a frozen dataclass"):
        spec(Reprless())
