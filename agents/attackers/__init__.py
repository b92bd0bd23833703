"""The attackers of the house."""

from agents.attackers.apgd import APGD
from agents.attackers.fgsm import FGSM
from agents.attackers.minimal import MinimalNorm
from agents.attackers.noise import Noise
from agents.attackers.pgd import PGD, MomentumPGD
from agents.attackers.portfolio import Portfolio
from agents.attackers.strongest import Strongest
from agents.attackers.transfer import SubstituteTraining, SurrogateTransfer

__all__ = [
    "APGD",
    "FGSM",
    "PGD",
    "MinimalNorm",
    "MomentumPGD",
    "Noise",
    "Portfolio",
    "Strongest",
    "SubstituteTraining",
    "SurrogateTransfer",
]
