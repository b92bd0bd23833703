"""The attackers of the house."""

from agents.attackers.boundary import Boundary
from agents.attackers.estimation import NES, SPSA
from agents.attackers.fgsm import FGSM
from agents.attackers.hopskipjump import HopSkipJump
from agents.attackers.noise import Noise
from agents.attackers.pgd import PGD, MomentumPGD
from agents.attackers.portfolio import Portfolio
from agents.attackers.square import Square
from agents.attackers.transfer import SubstituteTraining, SurrogateTransfer

__all__ = [
    "FGSM",
    "NES",
    "PGD",
    "SPSA",
    "Boundary",
    "HopSkipJump",
    "MomentumPGD",
    "Noise",
    "Portfolio",
    "Square",
    "SubstituteTraining",
    "SurrogateTransfer",
]
