"""The attackers of the house."""

from agents.attackers.fgsm import FGSM
from agents.attackers.noise import Noise
from agents.attackers.pgd import PGD, MomentumPGD

__all__ = ["FGSM", "PGD", "MomentumPGD", "Noise"]
