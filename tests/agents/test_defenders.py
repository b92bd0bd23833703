from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import FGSM, PGD, Noise
from agents.defenders import (
    AdversarialAugmentation,
    AdversarialTraining,
    Dropout,
    Ensemble,
    NoiseAugmentation,
    Plain,
    SpectralNormalisation,
)
from arena import Ball, Batch, Deployment, InvalidValue, Mismatch, ThreatModel
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


class Watching:
    """A sparring partner that does nothing and remembers what it was shown."""

    def __init__(self, shift: float = 0.0):
        self.seen, self.shift = [], shift

    def __repr__(self):
        return f"Watching({self.shift})"

    def move(self, view, rng):
        self.seen.append((view.field.x.copy(), weights(view.model), view.ball))
        return type(FGSM().move(view, rng))(np.clip(view.field.x + np.float32(self.shift), 0, 1))


def test_adversarial_training_attacks_every_batch_on_the_network_of_the_moment(view):
    partner = Watching()
    AdversarialTraining(sparring=partner, hidden=(8,), epochs=2, batch_size=100).move(view, default_rng(0))
    assert [len(x) for x, _, _ in partner.seen] == [100] * 10
    assert len({model for _, model, _ in partner.seen}) == 10
    assert {ball for _, _, ball in partner.seen} == {view.threat.ball}


def test_training_with_a_partner_that_does_nothing_is_plain_training(view):
    same = {"hidden": (8,), "epochs": 2}
    idle = AdversarialTraining(sparring=Watching(), **same).move(view, default_rng(0)).model
    assert weights(idle) == weights(Plain(**same).move(view, default_rng(0)).model)
    moved = AdversarialTraining(sparring=Watching(0.1), **same).move(view, default_rng(0)).model
    assert weights(moved) != weights(idle)


def test_adversarial_augmentation_attacks_a_trained_network_once_and_doubles_the_rows(view):
    partner = Watching()
    AdversarialAugmentation(sparring=partner, hidden=(8,), epochs=3).move(view, default_rng(0))
    ((rows, first, _),) = partner.seen
    np.testing.assert_array_equal(rows, view.train.x)
    assert first == weights(Plain(hidden=(8,), epochs=3).move(view, default_rng(0)).model)


def noise_of(player: NoiseAugmentation, view) -> np.ndarray:
    """The rows trained on, less the clean ones: all rows alike and in the middle of the box, so that no wall clips."""
    seen = []
    flat = Batch(np.full((200, 64), 0.5, np.float32), np.arange(200) % 10)

    class Spying(NoiseAugmentation):
        def trained(self, view, rng, *, change=None, **rest):
            seen.append(change(None, flat.x, flat.y, rng) - flat.x)
            return super().trained(view, rng, change=change, **rest)

    Spying(kind=player.kind, scale=player.scale, hidden=(4,), epochs=1).move(view, default_rng(0))
    return seen[0]


def test_noise_augmentation_draws_what_it_says(view):
    uniform, scaled, gaussian, wide = (
        noise_of(NoiseAugmentation(kind=kind, scale=scale), view)
        for kind, scale in (("uniform", None), ("uniform", 0.3), ("gaussian", None), ("gaussian", 0.05))
    )
    assert (np.abs(uniform).max(), uniform.std()) == (pytest.approx(0.1, rel=1e-2), pytest.approx(0.1 / np.sqrt(3), rel=2e-2))
    assert (np.abs(scaled).max(), scaled.std()) == (pytest.approx(0.3, rel=1e-2), pytest.approx(0.3 / np.sqrt(3), rel=2e-2))
    assert (gaussian.std(), wide.std()) == (pytest.approx(0.1, rel=2e-2), pytest.approx(0.05, rel=2e-2))


def test_a_partner_that_cannot_spar_is_refused():
    class ByHand:
        def move(self, view: DefenderView, rng): ...

    with pytest.raises(Mismatch, match="ByHand needs a DefenderView; training shows a GradientView"):
        AdversarialTraining(sparring=ByHand())
    assert AdversarialTraining(sparring="pgd(steps=3)").sparring == PGD(steps=3)
    assert AdversarialTraining(sparring=Noise()).sparring == Noise()


def test_a_training_that_diverges_is_an_invalid_value_and_not_a_model(view):
    with np.errstate(all="ignore"), pytest.raises(InvalidValue, match="lower the learning rate"):
        Plain(learning_rate=1e30, epochs=3).move(view, default_rng(0))
