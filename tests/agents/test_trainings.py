"""What the defences that change their batches train on."""

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import PGD, Noise
from agents.defenders import AdversarialAugmentation, AdversarialTraining, NoiseAugmentation, Plain
from arena import Ball, Batch, InvalidValue, Mismatch, Perturbation, ThreatModel
from arena.views import DefenderView


@pytest.fixture
def view(digits):
    return DefenderView(digits[0][:500], 10, ThreatModel(ball=Ball(0.1)))


def weights(model) -> bytes:
    return b"".join(p.tobytes() for layer in model.params for p in layer)


class Watching:
    """A sparring partner that does nothing and remembers what it was shown."""

    def __init__(self, shift: float = 0.0):
        self.seen, self.shift = [], shift

    def __repr__(self):
        return f"Watching({self.shift})"

    def move(self, view, rng):
        self.seen.append((view.field.x.copy(), weights(view.model), view.ball))
        return Perturbation(np.clip(view.field.x + np.float32(self.shift), 0, 1))


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
    """The rows trained on, less the clean ones: all rows near the middle of the box, so that no wall clips."""
    seen = []
    near = default_rng(1).uniform(0.49, 0.51, (200, 64)).astype(np.float32)
    flat = Batch(near, np.arange(200) % 10)

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
    assert (np.abs(uniform).max(), uniform.std()) == (
        pytest.approx(0.1, rel=1e-2),
        pytest.approx(0.1 / np.sqrt(3), rel=2e-2),
    )
    assert (np.abs(scaled).max(), scaled.std()) == (
        pytest.approx(0.3, rel=1e-2),
        pytest.approx(0.3 / np.sqrt(3), rel=2e-2),
    )
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
