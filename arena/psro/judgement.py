"""What a grown game is worth on points that it never used: its own attacks, and fresh ones that were not in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from arena.engine import Model, RandomisedEnsemble
from arena.engine.arrays import Array
from arena.engine.threads import one_blas_thread
from arena.players import Attacker
from arena.psro.networks import Networks
from arena.referee import Referee
from arena.streams import stream
from arena.views import GradientView

Losses = dict[str, Array]


def judged(networks: Networks, attacks: Array, model: Model, fresh: Mapping[str, Attacker[Any]]) -> Losses:
    """Losses (points,) of the model: to the mixture `attacks` of the game's own, and to each fresh attacker, who sees it."""
    with one_blas_thread():
        own = [(w, networks.mixture(networks.targets[i])) for i, w in enumerate(attacks) if w > 0]
        taken: list[Array] = [w * _loss(networks, networks.attacker, target, model, "own") for w, target in own]
        found: Losses = {"own attacks": np.sum(taken, axis=0)}
        for name, attacker in fresh.items():
            found[name] = _loss(networks, attacker, model, model, name)
        return found


def _loss(networks: Networks, attacker: Attacker[Any], seen: Model | RandomisedEnsemble, met: Model, key: str) -> Array:
    referee = Referee(networks.rules.ball)
    view = GradientView(referee.copy(networks.held_out), referee.ball, referee.shown(seen, networks.held_out.x))
    answer = referee.judge(attacker.move(view, stream("psro", networks.seed, "judged", key)), networks.held_out)
    return networks.losses(met, answer.x, networks.held_out)
