"""The rules of the games: each scenario is a script of turns."""

from scenarios.black_box import Query, Transfer
from scenarios.disturbance import Disturbance
from scenarios.downwash import Downwash
from scenarios.poisoning import Poisoning
from scenarios.tampering import Tampering
from scenarios.white_box import WhiteBox

__all__ = ["Disturbance", "Downwash", "Poisoning", "Query", "Tampering", "Transfer", "WhiteBox"]
