"""minmax-arena: attacks on neural networks and defences against them, as players of one game with a referee."""

from arena.batch import Batch
from arena.contest import tournament
from arena.data import Dataset
from arena.errors import ArenaError, IllegalMove, InvalidValue, Mismatch, RosterError
from arena.evaluation import Evaluation, evaluate
from arena.match import Outcome, play
from arena.moves import Deployment, Perturbation, Poison
from arena.players import Attacker, Defender, Poisoner
from arena.poisoning.view import PoisonView, TriggerView
from arena.threat import Ball, Contamination, ThreatModel
from arena.views import DefenderView, EvasionView, GradientView, LabelView, ScoreView

__all__ = [
    "Ball", "Contamination", "ThreatModel", "play", "tournament", "evaluate", "Evaluation", "Outcome", "Batch", "Dataset",
    "Attacker", "Defender", "Poisoner", "Perturbation", "Poison", "Deployment", "EvasionView", "LabelView", "ScoreView",
    "GradientView", "PoisonView", "TriggerView", "DefenderView",
    "ArenaError", "IllegalMove", "InvalidValue", "Mismatch", "RosterError",
]  # fmt: skip
