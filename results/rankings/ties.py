"""Tie groups: who cannot be told from whom, when a ranking is computed again on resampled tables."""

from __future__ import annotations

from string import ascii_lowercase

import numpy as np

from results.game.payoffs import Matrix
from results.game.resampling import LEVEL
from results.rankings.fixation import Vector

CLOSE = 1e-9


def tie_groups(scores: Vector, draws: Matrix, witnesses: Matrix | None = None, level: float = LEVEL) -> list[str]:
    """Letters for each strategy; two that share a letter cannot be separated. Shapes (strategies,) and (draws, strategies).

    Two are separated if the higher one scores lower or the same in no more than (1 - level) / 2 / pairs of the draws:
    Bonferroni's correction for comparing all of them, either way. With fewer draws than that takes, in none of them. And the
    test points on which they differ, `witnesses` (strategies, strategies), must be as many as a sign test needs where all
    speak for the same one. The letters are a compact letter display in the order of the scores.
    """
    order = np.argsort(-scores, kind="stable")
    k = len(order)
    doubtful = (1 - level) / max(k * (k - 1), 1)
    silent = np.zeros((k, k), bool) if witnesses is None else 0.5**witnesses > doubtful
    apart = np.zeros((k, k), dtype=bool)
    for place, upper in enumerate(order):
        for below in range(place + 1, k):
            lower = (draws[:, upper] - draws[:, order[below]] <= CLOSE).mean()
            apart[place, below] = lower <= doubtful and not silent[upper, order[below]]
    letters = [""] * k
    for letter, (first, last) in enumerate(_runs(apart)):
        for place in range(first, last + 1):
            letters[order[place]] += _letter(letter)
    return letters


def _runs(apart: Matrix) -> list[tuple[int, int]]:
    """The longest runs of neighbours in the ranking without a separated pair, none inside another."""
    runs: list[tuple[int, int]] = []
    for first in range(len(apart)):
        last = first
        while last + 1 < len(apart) and not apart[first : last + 1, last + 1].any():
            last += 1
        if not runs or last > runs[-1][1]:
            runs.append((first, last))
    return runs


def _letter(number: int) -> str:
    around, place = divmod(number, len(ascii_lowercase))
    return ascii_lowercase[place] + (str(around) if around else "")
