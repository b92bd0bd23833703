"""The defenders of the house."""

from agents.defenders.adversarial import AdversarialTraining
from agents.defenders.augmentation import AdversarialAugmentation, NoiseAugmentation
from agents.defenders.boosted import BoostedAdversarialTraining
from agents.defenders.ensemble import Ensemble
from agents.defenders.frozen import FrozenFeatures
from agents.defenders.guesses import ConstantRegression, NearestRow
from agents.defenders.learners import Exp3, FictitiousPlay, RegretMatching
from agents.defenders.mixture import Mixture
from agents.defenders.partitions import Bagging, DeepPartitionAggregation
from agents.defenders.plain import Dropout, Plain, SpectralNormalisation
from agents.defenders.provable import IntervalTraining, LipschitzMargin
from agents.defenders.regression import AdversarialRegression, LipschitzRegression, Regression
from agents.defenders.sanitised import Sanitised
from agents.defenders.smoothed import RandomisedSmoothing
from agents.defenders.stored import Stored
from agents.defenders.strip import STRIP
from agents.defenders.tradeoff import (
    TRADES,
    AdversarialWeightPerturbation,
    FastAdversarialTraining,
    FreeAdversarialTraining,
)
from agents.defenders.wrapped import FeatureSqueezing, RandomisedInput

__all__ = [
    "Exp3",
    "FictitiousPlay",
    "RegretMatching",
    "TRADES",
    "AdversarialAugmentation",
    "AdversarialTraining",
    "Bagging",
    "BoostedAdversarialTraining",
    "DeepPartitionAggregation",
    "AdversarialWeightPerturbation",
    "Dropout",
    "Ensemble",
    "FastAdversarialTraining",
    "FeatureSqueezing",
    "FreeAdversarialTraining",
    "FrozenFeatures",
    "IntervalTraining",
    "LipschitzMargin",
    "Mixture",
    "NoiseAugmentation",
    "Plain",
    "RandomisedInput",
    "STRIP",
    "Stored",
    "Sanitised",
    "RandomisedSmoothing",
    "SpectralNormalisation",
    "AdversarialRegression",
    "ConstantRegression",
    "LipschitzRegression",
    "NearestRow",
    "Regression",
]
