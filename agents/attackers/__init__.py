"""The attackers of the house."""

from agents.attackers.apgd import APGD
from agents.attackers.backdoors import BackdoorBlend, BackdoorPatch, CleanLabelBackdoor
from agents.attackers.boundary import Boundary
from agents.attackers.collisions import FeatureCollision
from agents.attackers.cw import CW
from agents.attackers.ddn import DDN
from agents.attackers.disturbances import (
    Blur,
    Brightness,
    Contrast,
    Dusk,
    GaussianNoise,
    Occlusion,
    Rotation,
    SaltAndPepper,
    Shift,
)
from agents.attackers.estimation import NES, SPSA
from agents.attackers.evading import Evading
from agents.attackers.expectation import ExpectationOverTransformation
from agents.attackers.fgsm import FGSM
from agents.attackers.flips import LossMaximisingLabelFlip, RandomLabelFlip, TargetedLabelFlip
from agents.attackers.greedy import AdaptivePGD, Greedy
from agents.attackers.hopskipjump import HopSkipJump
from agents.attackers.influence import InfluencePoisoning
from agents.attackers.learners import Exp3, FictitiousPlay, RegretMatching
from agents.attackers.matching import GradientMatching
from agents.attackers.minimal import MinimalNorm
from agents.attackers.mixture import Mixture
from agents.attackers.noise import Noise
from agents.attackers.pgd import PGD, MomentumPGD
from agents.attackers.policy import PolicyAttacker
from agents.attackers.portfolio import Portfolio
from agents.attackers.response import BestResponse
from agents.attackers.rivals import MultiTargeted
from agents.attackers.square import Square
from agents.attackers.states import StateAscent
from agents.attackers.strongest import Strongest
from agents.attackers.tampering import BitFlips, WeightAscent, WeightNoise
from agents.attackers.transfer import SubstituteTraining, SurrogateTransfer

__all__ = [
    "Exp3",
    "FictitiousPlay",
    "RegretMatching",
    "APGD",
    "CW",
    "DDN",
    "ExpectationOverTransformation",
    "FGSM",
    "NES",
    "PGD",
    "SPSA",
    "AdaptivePGD",
    "BestResponse",
    "Boundary",
    "Greedy",
    "HopSkipJump",
    "MinimalNorm",
    "Mixture",
    "MomentumPGD",
    "MultiTargeted",
    "Noise",
    "PolicyAttacker",
    "Portfolio",
    "Square",
    "Strongest",
    "SubstituteTraining",
    "SurrogateTransfer",
    "BackdoorBlend",
    "BackdoorPatch",
    "CleanLabelBackdoor",
    "Evading",
    "FeatureCollision",
    "GradientMatching",
    "InfluencePoisoning",
    "LossMaximisingLabelFlip",
    "RandomLabelFlip",
    "TargetedLabelFlip",
    "StateAscent",
    "BitFlips",
    "WeightAscent",
    "WeightNoise",
    "Blur",
    "Brightness",
    "Contrast",
    "Dusk",
    "GaussianNoise",
    "Occlusion",
    "Rotation",
    "SaltAndPepper",
    "Shift",
]
