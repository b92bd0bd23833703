"""The defenders of the house."""

from agents.defenders.adversarial import AdversarialTraining
from agents.defenders.augmentation import AdversarialAugmentation, NoiseAugmentation
from agents.defenders.ensemble import Ensemble
from agents.defenders.plain import Dropout, Plain, SpectralNormalisation
from agents.defenders.provable import IntervalTraining, LipschitzMargin
from agents.defenders.smoothed import RandomisedSmoothing
from agents.defenders.tradeoff import (
    TRADES,
    AdversarialWeightPerturbation,
    FastAdversarialTraining,
    FreeAdversarialTraining,
)
from agents.defenders.wrapped import FeatureSqueezing, RandomisedInput

__all__ = [
    "TRADES",
    "AdversarialAugmentation",
    "AdversarialTraining",
    "AdversarialWeightPerturbation",
    "Dropout",
    "Ensemble",
    "FastAdversarialTraining",
    "FeatureSqueezing",
    "FreeAdversarialTraining",
    "IntervalTraining",
    "LipschitzMargin",
    "NoiseAugmentation",
    "Plain",
    "RandomisedInput",
    "RandomisedSmoothing",
    "SpectralNormalisation",
]
