"""Defenders that learn which defence to deploy from the rounds before."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from agents.defenders.adversarial import AdversarialTraining
from agents.defenders.members import Member, defenders_of
from agents.defenders.plain import Plain
from agents.learning import Utilities, drawn, exp3, fictitious_play, regret_matching
from arena.batch import Batch
from arena.checks import share, whole
from arena.engine import Model, RandomisedEnsemble
from arena.moves import Deployment
from arena.referee import chances
from arena.streams import stream
from arena.views import DefenderView


@dataclass(frozen=True, kw_only=True)
class _Learner:
    """Trains all members before the first round, on the clean rows, and remembers nothing: the view shows what came since.

    What it deploys is a randomised ensemble that holds all the members' networks, also those of weight 0, so that it finds
    them again. A member would have earned in an earlier round what its network reads right of that round's attacked field,
    an attack that was aimed at what was deployed then.
    """

    members: tuple[Member, ...] = (Plain(), AdversarialTraining())

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", defenders_of(self.members, "a learner"))

    def move(self, view: DefenderView, rng: Generator) -> Deployment:
        """The members' networks, with the probabilities learnt."""
        models = self._models(view, rng)
        earned = [[float(chances(model, field).mean()) for model in models] for field in view.faced]
        weights = self.weights(np.array(earned).reshape(len(view.faced), len(models)), view)
        return Deployment(RandomisedEnsemble(models, tuple(weights.tolist())))

    def _models(self, view: DefenderView, rng: Generator) -> tuple[Model, ...]:
        if view.faced and view.deployed and isinstance(view.deployed.model, RandomisedEnsemble):
            return view.deployed.model.members
        members = defenders_of(self.members, "a learner")
        return tuple(m.move(view, own).model for m, own in zip(members, rng.spawn(len(members)), strict=True))

    @abstractmethod
    def weights(self, earned: Utilities, view: DefenderView) -> Utilities:
        """The probabilities to play by now, from the share read right in the rounds before (rounds, members)."""


@dataclass(frozen=True, kw_only=True)
class RegretMatching(_Learner):
    """Mixes `members` in proportion to the regret at not having deployed them (Hart & Mas-Colell, 2000)."""

    def weights(self, earned: Utilities, view: DefenderView) -> Utilities:
        """Positive regrets, normalised; equal ones in the first round."""
        return regret_matching(earned)


@dataclass(frozen=True, kw_only=True)
class FictitiousPlay(_Learner):
    """Deploys the one of `members` that would have stood best so far (Brown, 1951); the first one in the first round.

    With `memory` it looks at so many rounds back: `memory=1` is alternating best response.
    """

    memory: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.memory is not None:
            whole("memory", self.memory)

    def weights(self, earned: Utilities, view: DefenderView) -> Utilities:
        """All weight on one."""
        return fictitious_play(earned, self.memory)


@dataclass(frozen=True, kw_only=True)
class Exp3(_Learner):
    """Deploys one of `members` a round and learns from how that one stood alone (Auer et al., 2002); `explore` at random.

    It replays its own draws, which are keyed by what was faced before them; the first one by the training rows.
    """

    explore: float = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        share("explore", self.explore)

    def weights(self, earned: Utilities, view: DefenderView) -> Utilities:
        """All weight on the one drawn."""
        before: tuple[Batch, ...] = (view.train, *view.faced)
        luck = [float(stream("exp3", known.x.tobytes()).random()) for known in before]
        p, _ = exp3(earned, np.array(luck[:-1]), self.explore)
        return np.eye(len(p))[drawn(p, luck[-1])]
