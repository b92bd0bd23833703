"""What an attacker achieves, by the referee's judgement."""

import numpy as np
from numpy.random import default_rng

from arena import Ball
from arena.referee import Referee

BALLS = {"linf": Ball(0.08), "l2": Ball(0.5, "l2"), "l1": Ball(1.5, "l1")}


def answer(attacker, view, seed: int = 0) -> np.ndarray:
    return Referee(view.ball).judge(attacker.move(view, default_rng(seed)), view.field).x


def fooled(attacker, view, seed: int = 0) -> np.ndarray:
    return view.model.logits(answer(attacker, view, seed)).argmax(axis=1) != view.field.y
