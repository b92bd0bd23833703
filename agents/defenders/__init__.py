"""The defenders of the house."""

from agents.defenders.adversarial import AdversarialTraining
from agents.defenders.augmentation import AdversarialAugmentation, NoiseAugmentation
from agents.defenders.ensemble import Ensemble
from agents.defenders.plain import Dropout, Plain, SpectralNormalisation
from agents.defenders.wrapped import FeatureSqueezing, RandomisedInput

__all__ = [
    "AdversarialAugmentation",
    "AdversarialTraining",
    "Dropout",
    "Ensemble",
    "FeatureSqueezing",
    "NoiseAugmentation",
    "Plain",
    "RandomisedInput",
    "SpectralNormalisation",
]
