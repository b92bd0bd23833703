from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import FGSM, PGD
from agents.defenders import (
    AdversarialAugmentation,
    AdversarialTraining,
    Dropout,
    Ensemble,
    NoiseAugmentation,
    Plain,
    SpectralNormalisation,
)
from arena import Ball, Deployment, ThreatModel
from arena.engine import Average, Dense, Sequential, SpectralNorm
from arena.engine import Dropout as DropoutLayer
from arena.referee import fingerprint
from arena.views import DefenderView

SMALL = {"hidden": (24,), "epochs": 15, "learning_rate": 1e-2}
DEFENDERS = {
    "plain": Plain(**SMALL), "dropout": Dropout(**SMALL), "uniform": NoiseAugmentation(**SMALL),
    "gaussian": NoiseAugmentation(kind="gaussian", **SMALL), "scaled": NoiseAugmentation(scale=0.1, **SMALL),
    "augmentation": AdversarialAugmentation(sparring=PGD(steps=3, stop_fooled=False), **SMALL),
    "adversarial": AdversarialTraining(steps=2, **SMALL), "fgsm": AdversarialTraining(sparring=FGSM(), **SMALL),
    "ensemble": Ensemble(members=(Plain(**SMALL), Dropout(**SMALL))), "normalised": SpectralNormalisation(**SMALL),
}  # fmt: skip


@pytest.fixture
def view(digits):
    return DefenderView(digits[0][:500], 10, ThreatModel(ball=Ball(0.1)))


def weights(model) -> bytes:
    members = model.members if isinstance(model, Average) else [model]
    return b"".join(p.tobytes() for member in members for layer in member.params for p in layer)


@pytest.mark.parametrize("name", DEFENDERS)
def test_every_defender_deploys_a_model_that_reads_digits(name, view, digits):
    move = DEFENDERS[name].move(view, default_rng(0))
    assert isinstance(move, Deployment)
    assert (move.model.features, move.model.classes) == (64, 10)
    assert (move.model.logits(digits[1].x).argmax(axis=1) == digits[1].y).mean() > 0.8


@pytest.mark.parametrize("name", DEFENDERS)
def test_the_stream_decides_the_weights_and_the_view_stays(name, view):
    before = fingerprint(view)
    first, again, other = (weights(DEFENDERS[name].move(view, default_rng(seed)).model) for seed in (0, 0, 1))
    assert first == again != other
    assert fingerprint(view) == before


@pytest.mark.parametrize("name", DEFENDERS)
def test_what_was_faced_is_trained_on(name, view, digits):
    player = DEFENDERS[name]
    faced = replace(view, faced=(digits[1][:40],))
    joined = replace(view, train=view.train.joined(digits[1][:40]))
    plain, with_faced, by_hand = (weights(player.move(seen, default_rng(0)).model) for seen in (view, faced, joined))
    assert with_faced == by_hand != plain


def layers(name: str, view) -> list[type]:
    return [type(layer) for layer in DEFENDERS[name].move(view, default_rng(0)).model.layers]


def test_the_deployed_networks_have_the_layers_their_defence_names(view):
    assert layers("plain", view).count(DropoutLayer) == 0
    assert layers("dropout", view).count(DropoutLayer) == 1
    assert layers("normalised", view)[::2] == [SpectralNorm, SpectralNorm]
    model = SpectralNormalisation(kappa=3.0, **SMALL).move(view, default_rng(0)).model
    for layer in model.layers[::2]:
        assert np.linalg.norm(layer.folded().W.astype(np.float64), 2) == pytest.approx(3.0, rel=1e-5)


def test_hidden_widths_make_the_network(view):
    model = Plain(hidden=(7, 5), epochs=1).move(view, default_rng(0)).model
    assert [layer.W.shape for layer in model.layers if isinstance(layer, Dense)] == [(64, 7), (7, 5), (5, 10)]
    assert Plain(hidden=9).hidden == (9,)
    assert isinstance(Plain(hidden=9, epochs=1).move(view, default_rng(0)).model, Sequential)


def test_an_ensembles_members_are_trained_on_streams_of_their_own(view):
    model = Ensemble(members=(Plain(**SMALL),) * 3).move(view, default_rng(0)).model
    assert len({weights(member) for member in model.members}) == 3
    other = Ensemble(members=(Plain(hidden=(5,), epochs=1), *(Plain(**SMALL),) * 2)).move(view, default_rng(0)).model
    assert [weights(member) for member in other.members[1:]] == [weights(member) for member in model.members[1:]]
    assert Ensemble(members=["plain(epochs=3)", Dropout()]).members == (Plain(epochs=3), Dropout())
    assert Ensemble(members="plain").members == (Plain(),)
    assert len(Ensemble().members) == 5
