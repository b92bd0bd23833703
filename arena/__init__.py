"""minmax-arena: attacks on neural networks and defences against them, as players of one game with a referee."""

from arena.batch import Batch
from arena.contest import tournament
from arena.data import Dataset
from arena.errors import ArenaError, IllegalMove, InvalidValue, Mismatch, RosterError
from arena.evaluation import Evaluation, evaluate
from arena.match import Outcome, play
from arena.moves import Deployment, Perturbation
from arena.players import Attacker, Defender
from arena.threat import Ball, ThreatModel
from arena.views import DefenderView, EvasionView, GradientView, LabelView, ScoreView

__all__ = [
    "Ball", "ThreatModel", "play", "tournament", "evaluate", "Evaluation", "Outcome", "Batch", "Dataset", "Attacker", "Defender",
    "Perturbation", "Deployment", "EvasionView", "LabelView", "ScoreView", "GradientView", "DefenderView",
    "ArenaError", "IllegalMove", "InvalidValue", "Mismatch", "RosterError",
]  # fmt: skip
