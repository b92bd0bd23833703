"""The rules of the games: each scenario is a script of turns."""

from scenarios.white_box import WhiteBox

__all__ = ["WhiteBox"]
