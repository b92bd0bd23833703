import numpy as np
import pytest

from agents.attackers.backdoors import BackdoorBlend, BackdoorPatch, CleanLabelBackdoor
from agents.attackers.triggers import corner, stamped
from agents.defenders import Plain
from arena import IllegalMove, InvalidValue, play
from arena.conformance import attacker_checks
from arena.poisoning.trigger import Mixture
from scenarios import Poisoning

QUICK = Plain(hidden=(24,), epochs=5)
EVERYONE = (BackdoorPatch(), BackdoorBlend(), CleanLabelBackdoor(surrogate=QUICK), CleanLabelBackdoor(radius=0))


@pytest.mark.parametrize("check", [c for player in EVERYONE for c in attacker_checks(player)], ids=str)
def test_backdoors_keep_the_rules(check):
    check()


def test_a_patch_is_a_square_of_all_channels_in_its_corner():
    assert corner((3, 4), 2, "top-left").tolist() == [0, 1, 4, 5]
    assert corner((3, 4), 2, "bottom-right").tolist() == [6, 7, 10, 11]
    assert corner((2, 2, 3), 1, "top-right").tolist() == [3, 4, 5]
    with pytest.raises(InvalidValue, match="a smaller side"):
        corner((3, 4), 4, "top-left")


def test_a_patch_can_be_black():
    x = np.ones((2, 4), np.float32)
    assert stamped(x, np.array([1]), 0.0)[:, 1].tolist() == [0, 0]
    assert x.all()


def extras(attacker, fraction, **rules):
    (scored,) = play(Poisoning(goal="backdoor", allowance=fraction, **rules), attacker, Plain()).rounds
    return scored


def test_a_2x2_patch_on_5_percent_of_the_rows_opens_the_door_and_clean_accuracy_does_not_show_it():
    scored = extras(BackdoorPatch(), 0.05)
    assert scored.extras["attack_success"] >= 0.95
    assert scored.extras["attack_success_clean"] < 0.02
    assert scored.extras["poisoned_accuracy"] > scored.extras["reference_accuracy"] - 0.01
    assert scored.extras["share_touched"] <= 0.05
    assert 0 not in scored.field.y


def test_a_blend_opens_it_too():
    assert extras(BackdoorBlend(), 0.05, trigger=Mixture(0.2)).extras["attack_success"] >= 0.95


def test_a_clean_label_patch_alone_is_no_open_door_and_hiding_the_rows_own_features_opens_it_further():
    control, hidden = (
        [extras(CleanLabelBackdoor(radius=r), 0.06, target=t).extras["attack_success"] for t in (0, 2, 4, 9)]
        for r in (0, 0.3)
    )
    assert control[0] < 0.1
    assert max(control) < 0.4  # strokes of other classes reach the corner
    assert np.mean(hidden) > np.mean(control) + 0.05


def test_clean_label_rows_keep_their_labels():
    moves = []
    game = Poisoning(goal="backdoor", allowance=0.05, train=200)
    play(game, CleanLabelBackdoor(surrogate=QUICK), QUICK, watch=lambda turn, move: moves.append(move))
    poison = moves[1]
    assert poison.y is None
    assert set(game.deal.train.y[poison.rows]) == {0}


def test_a_trigger_of_another_kind_than_the_scenarios_is_refused():
    with pytest.raises(IllegalMove, match="overwrites 9 features; this scenario allows 4"):
        play(Poisoning(goal="backdoor", train=200), BackdoorPatch(side=3), QUICK)
    with pytest.raises(IllegalMove, match="picture"):
        play(Poisoning(goal="backdoor", train=200, trigger=Mixture(0.05)), BackdoorBlend(share=0.3), QUICK)
