"""The attackers of the house."""

from agents.attackers.backdoors import BackdoorBlend, BackdoorPatch, CleanLabelBackdoor
from agents.attackers.fgsm import FGSM
from agents.attackers.flips import LossMaximisingLabelFlip, RandomLabelFlip, TargetedLabelFlip
from agents.attackers.influence import InfluencePoisoning
from agents.attackers.noise import Noise
from agents.attackers.pgd import PGD, MomentumPGD
from agents.attackers.portfolio import Portfolio
from agents.attackers.transfer import SubstituteTraining, SurrogateTransfer

__all__ = [
    "FGSM",
    "PGD",
    "BackdoorBlend",
    "BackdoorPatch",
    "CleanLabelBackdoor",
    "InfluencePoisoning",
    "LossMaximisingLabelFlip",
    "MomentumPGD",
    "Noise",
    "Portfolio",
    "RandomLabelFlip",
    "SubstituteTraining",
    "SurrogateTransfer",
    "TargetedLabelFlip",
]
