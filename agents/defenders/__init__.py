"""The defenders of the house."""

from agents.defenders.adversarial import AdversarialTraining
from agents.defenders.augmentation import AdversarialAugmentation, NoiseAugmentation
from agents.defenders.ensemble import Ensemble
from agents.defenders.plain import Dropout, Plain, SpectralNormalisation

__all__ = [
    "AdversarialAugmentation",
    "AdversarialTraining",
    "Dropout",
    "Ensemble",
    "NoiseAugmentation",
    "Plain",
    "SpectralNormalisation",
]
