"""The defenders of the house."""

from agents.defenders.adversarial import AdversarialTraining
from agents.defenders.augmentation import AdversarialAugmentation, NoiseAugmentation
from agents.defenders.ensemble import Ensemble
from agents.defenders.partitions import Bagging, DeepPartitionAggregation
from agents.defenders.plain import Dropout, Plain, SpectralNormalisation
from agents.defenders.sanitised import Sanitised
from agents.defenders.strip import STRIP
from agents.defenders.wrapped import FeatureSqueezing, RandomisedInput

__all__ = [
    "AdversarialAugmentation",
    "AdversarialTraining",
    "Bagging",
    "DeepPartitionAggregation",
    "Dropout",
    "Ensemble",
    "FeatureSqueezing",
    "NoiseAugmentation",
    "Plain",
    "RandomisedInput",
    "STRIP",
    "Sanitised",
    "SpectralNormalisation",
]
