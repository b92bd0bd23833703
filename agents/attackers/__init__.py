"""The attackers of the house."""

from agents.attackers.fgsm import FGSM
from agents.attackers.noise import Noise
from agents.attackers.pgd import PGD, MomentumPGD
from agents.attackers.portfolio import Portfolio
from agents.attackers.transfer import SubstituteTraining, SurrogateTransfer

__all__ = ["FGSM", "PGD", "MomentumPGD", "Noise", "Portfolio", "SubstituteTraining", "SurrogateTransfer"]
