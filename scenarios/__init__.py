"""The rules of the games: each scenario is a script of turns."""

from scenarios.black_box import Query, Transfer
from scenarios.poisoning import Poisoning
from scenarios.white_box import WhiteBox

__all__ = ["Poisoning", "Query", "Transfer", "WhiteBox"]
