from dataclasses import dataclass

import numpy as np
import pytest

from agents.attackers import Noise, SurrogateTransfer
from agents.defenders import Plain
from arena import Deployment, tournament
from arena.jobs.runner import Serial
from arena.match import Opening, open_match
from arena.probing import Probing
from results import masking_report
from scenarios import Transfer


class Saturated:
    """A trained network whose logits are multiplied until float32 rounds its cross-entropy gradient away."""

    def __init__(self, model):
        self.model, self.features, self.classes = model, model.features, model.classes

    def logits(self, x):
        return np.float32(1e4) * self.model.logits(x)

    def vjp(self, x):
        logits, pull = self.model.vjp(x)
        return np.float32(1e4) * logits, lambda g: pull(np.float32(1e4) * g)


@dataclass(frozen=True, kw_only=True)
class Saturating(Plain):
    def move(self, view, rng):
        return Deployment(Saturated(super().move(view, rng).model))


GAME = Transfer(points=200)
PLAYERS = {"plain": Plain(epochs=15), "saturating": Saturating(epochs=15)}


class Keeps:
    def __init__(self):
        self.openings = {}

    def opened(self, defender, seed, opening):
        self.openings[defender, seed] = opening

    def played(self, records):
        pass


@pytest.fixture(scope="module")
def game():
    kept = Keeps()
    attackers = {"noise": Noise(), "transfer": SurrogateTransfer(surrogates=("plain(epochs=15)",))}
    table = tournament(GAME, attackers, PLAYERS, seeds=[0, 1], workers=1, observer=kept)
    return table, Probing(GAME, PLAYERS, kept.openings, Serial()).result()


def test_probes_attack_the_very_models_of_the_tournament(game):
    table, probes = game
    for name in PLAYERS:
        for seed in (0, 1):
            played = table.where(defender=name, seed=seed).records[0]
            seen = probes.white_box.where(defender=name, seed=seed).records[0]
            np.testing.assert_array_equal(played.clean, seen.clean)


def test_a_network_that_hides_its_gradients_is_flagged_and_a_plain_one_is_not(game):
    table, probes = game
    assert probes.zero_gradients["plain"] == 0
    assert probes.zero_gradients["saturating"] > 0.5
    flags = probes.findings(table, "transfer", 10)
    assert {flag.defender for flag in flags} == {"saturating"}
    assert "zero gradients at the start" in {flag.name for flag in flags}
    assert "margin loss" in masking_report(flags)


def test_more_radius_costs_more_and_a_ball_that_covers_the_box_costs_everything(game):
    _, probes = game
    accuracies = [
        probes.radii[r].where(defender="plain").frame().attacked_accuracy.mean() for r in sorted(probes.radii)
    ]
    assert sorted(probes.radii) == [0.075, 0.15, 0.3, 1.0]
    assert accuracies == sorted(accuracies, reverse=True)
    assert accuracies[-1] == 0


def test_an_opening_is_kept_as_the_defender_made_it():
    opening = open_match(GAME, PLAYERS["plain"], 3)
    assert isinstance(opening, Opening)
    found = Probing(GAME, PLAYERS, {("plain", 3): opening}, Serial()).result()
    assert found.white_box.seeds == (3,)
