from dataclasses import dataclass

import numpy as np
import pytest

from agents.attackers import FGSM, PGD, Noise
from agents.defenders import Plain
from arena import Ball, Deployment, IllegalMove, LabelView, Mismatch, Perturbation, play
from arena.match import open_match
from arena.scenario import AttackerTurn, DefenderTurn
from arena.views import DefenderView
from scenarios import WhiteBox

GAME = WhiteBox(points=60, train=150)
QUICK = Plain(hidden=(16,), epochs=3)


def bits(outcome) -> list[bytes]:
    return [part.tobytes() for r in outcome.rounds for part in (r.clean, r.attacked, r.answer.x, r.field.x)]


@dataclass(frozen=True)
class Answers:
    """Moves every pixel by a share of the radius, away from the nearer wall."""

    share: float
    dtype: str = "float32"

    def move(self, view, rng):
        x = view.field.x.astype(np.float64)
        return Perturbation((x + np.where(x < 0.5, 1, -1) * self.share * view.ball.radius).astype(self.dtype))


def test_the_same_seed_gives_the_same_match_and_another_seed_another():
    first, again, other = (play(GAME, PGD(steps=3), QUICK, seed=seed) for seed in (0, 0, 1))
    assert bits(first) == bits(again)
    assert bits(first) != bits(other)
    assert first.rounds[0].field.x.tobytes() == other.rounds[0].field.x.tobytes()


def test_accuracies_are_shares_of_the_field():
    outcome = play(GAME, FGSM(), QUICK)
    (only,) = outcome.rounds
    assert only.clean.shape == only.attacked.shape == (60,)
    assert outcome.clean_accuracy == only.clean.mean() > outcome.attacked_accuracy == only.attacked.mean()
    right = only.model.logits(only.answer.x).argmax(axis=1) == only.field.y
    np.testing.assert_array_equal(right, only.attacked)


def test_watch_sees_every_turn_with_its_move():
    seen = []
    play(GAME, Noise(), QUICK, watch=lambda turn, move: seen.append((type(turn), type(move))))
    assert seen == [(DefenderTurn, Deployment), (AttackerTurn, Perturbation)]


def test_a_remembered_opening_gives_the_match_that_training_anew_gives():
    opening = open_match(GAME, QUICK, seed=4)
    assert bits(play(GAME, PGD(steps=3), QUICK, seed=4, opening=opening)) == bits(
        play(GAME, PGD(steps=3), QUICK, seed=4)
    )


def test_the_seconds_of_the_defender_are_counted_and_part_of_no_result():
    outcome = play(GAME, Noise(), QUICK)
    assert outcome.training_seconds > 0
    assert play(GAME, Noise(), QUICK, opening=open_match(GAME, QUICK)).training_seconds > 0
    assert "seconds" not in repr(outcome)


def test_a_player_that_needs_more_than_is_shown_is_told_so_before_the_first_turn():
    class Labels(WhiteBox):
        name, shows = "label-game", LabelView

        def turns(self):
            pytest.fail("the match began")

    with pytest.raises(Mismatch, match="PGD needs a GradientView; label-game shows a LabelView: choose an attacker"):
        play(Labels(points=60, train=150), PGD(), QUICK)


@pytest.mark.parametrize(
    ("attacker", "message"),
    [
        (Answers(1.001), "leaves the linf ball of radius 0.15"),
        (Answers(-0.9), "is outside the box of"),
        (Answers(0.0, "int64"), "is float; got"),
    ],
    ids=str,
)
def test_an_illegal_move_ends_the_match(attacker, message):
    with pytest.raises(IllegalMove, match=message):
        play(GAME, attacker, QUICK)
    play(GAME, Answers(0.999), QUICK)


@dataclass(frozen=True)
class Writes:
    """Writes into one of the arrays that a white-box view shows."""

    where: str

    def move(self, view, rng):
        arrays = {"x": view.field.x, "y": view.field.y, "W": view.model.layers[0].W, "b": view.model.layers[2].b}
        kept = view.field.x.copy()
        arrays[self.where].flags.writeable = True
        arrays[self.where].flat[0] += 1
        return Perturbation(kept)


@pytest.mark.parametrize("where", ["x", "y", "W", "b"])
def test_writing_into_what_was_shown_is_caught(where):
    with pytest.raises(IllegalMove, match="Writes wrote into the arrays it was shown; copy them before changing them"):
        play(GAME, Writes(where), QUICK)


class Recorder:
    """Plays like Plain and remembers the draws of its stream, for the test to see."""

    def __init__(self, label):
        self.label, self.draws = label, []

    def __repr__(self):
        return self.label

    def move(self, view: DefenderView, rng: np.random.Generator):
        self.draws.append(rng.spawn(1)[0].random())
        return QUICK.move(view, rng)


def test_a_stream_depends_on_seed_rules_player_and_turn_alone():
    def first_draw(label: str, seed: int, game: WhiteBox, attacker) -> float:
        player = Recorder(label)
        play(game, attacker, player, seed=seed)
        return player.draws[0]

    base = first_draw("a", 0, GAME, Noise())
    assert first_draw("a", 0, GAME, FGSM()) == base
    others = [
        first_draw("b", 0, GAME, Noise()), first_draw("a", 1, GAME, Noise()),
        first_draw("a", 0, WhiteBox(points=60, train=149), Noise()),
        first_draw("a", 0, WhiteBox(points=60, train=150, ball=Ball(0.2)), Noise()),
    ]  # fmt: skip
    assert len({base, *others}) == 5


def test_each_turn_of_a_match_has_a_stream_of_its_own():
    player = Recorder("a")
    play(WhiteBox(points=60, train=100, rounds=3), Noise(), player)
    assert len(set(player.draws)) == 3
