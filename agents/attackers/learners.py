"""Attackers that learn which attack to play from the rounds before."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from agents.attackers.draws import Draws
from agents.attackers.fgsm import FGSM
from agents.attackers.members import attackers_of
from agents.attackers.mixture import Mixture
from agents.attackers.noise import Noise
from agents.attackers.pgd import PGD
from agents.learning import Utilities, drawn, exp3, fictitious_play, regret_matching
from arena.checks import share, whole
from arena.moves import Perturbation
from arena.players import Attacker
from arena.streams import stream
from arena.views import GradientView


@dataclass(frozen=True, kw_only=True)
class _Learner:
    """Chooses before it looks at the network of this round, and remembers nothing: the view shows the rounds before.

    What an attacker would have earned in an earlier round is found by attacking that round's network on its field.
    """

    attackers: tuple[Attacker[Any] | str, ...] = (Noise(), FGSM(), PGD())

    def __post_init__(self) -> None:
        object.__setattr__(self, "attackers", attackers_of(self.attackers))

    def move(self, view: GradientView, rng: Generator) -> Perturbation:
        """What the attackers chosen answer, each for its share of the points."""
        members = attackers_of(self.attackers)
        seen = view.earlier
        earned = [[self._earned(attacker, past) for attacker in members] for past in seen]
        weights = self.weights(np.array(earned).reshape(len(seen), len(members)), view)
        return Mixture(attackers=members, weights=tuple(weights.tolist())).move(view, rng)

    @abstractmethod
    def weights(self, earned: Utilities, view: GradientView) -> Utilities:
        """The probabilities to play by now, from the share of points won in the rounds before (rounds, attackers)."""

    def _earned(self, attacker: Attacker[Any], past: GradientView) -> float:
        answer = attacker.move(past, stream("in hindsight", past.field.x.tobytes()))
        return float(Draws(past).lost(answer.x).mean())


@dataclass(frozen=True, kw_only=True)
class RegretMatching(_Learner):
    """Plays `attackers` in proportion to the regret at not having played them (Hart & Mas-Colell, 2000)."""

    def weights(self, earned: Utilities, view: GradientView) -> Utilities:
        """Positive regrets, normalised; equal ones in the first round."""
        return regret_matching(earned)


@dataclass(frozen=True, kw_only=True)
class FictitiousPlay(_Learner):
    """Plays the one of `attackers` that would have won most so far (Brown, 1951); the first one in the first round.

    With `memory` it looks at so many rounds back: `memory=1` is alternating best response.
    """

    memory: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.memory is not None:
            whole("memory", self.memory)

    def weights(self, earned: Utilities, view: GradientView) -> Utilities:
        """All weight on one."""
        return fictitious_play(earned, self.memory)


@dataclass(frozen=True, kw_only=True)
class Exp3(_Learner):
    """Plays one of `attackers` a round and learns from what that one won alone (Auer et al., 2002); `explore` at random.

    It replays its own draws, which are keyed by the rounds' fields.
    """

    explore: float = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        share("explore", self.explore)

    def weights(self, earned: Utilities, view: GradientView) -> Utilities:
        """All weight on the one drawn."""
        luck = [float(stream("exp3", past.field.x.tobytes()).random()) for past in (*view.earlier, view)]
        p, _ = exp3(earned, np.array(luck[:-1]), self.explore)
        return np.eye(len(p))[drawn(p, luck[-1])]
