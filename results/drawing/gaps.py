"""Learning dynamics as a picture: the gap of what is played, and of its average, round by round."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from results.drawing.style import COLOURS, PALE, save
from results.game.dynamics import DYNAMICS, ROUNDS, Trajectory
from results.game.payoffs import Payoff

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST = 1e-6  # a smaller gap is drawn there


def draw_dynamics(payoff: Payoff | npt.ArrayLike, path: str | os.PathLike[str], rounds: int = ROUNDS) -> None:
    """Write a PNG, a panel a rule: pale the gap of each round's strategies, dark that of their average; both axes logarithmic."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.7 * len(DYNAMICS) + 0.6, 3.0), layout="constrained")
    panels = figure.subplots(1, len(DYNAMICS), sharex=True, sharey=True)
    for axes, colour, (name, learn) in zip(panels, COLOURS, DYNAMICS.items(), strict=False):
        _panel(axes, learn(payoff, rounds), name, colour)
    figure.supxlabel("rounds", fontsize=10)
    panels[0].set_ylabel("gap: what deviating would gain", fontsize=10)
    save(figure, path)


def _panel(axes: Axes, learnt: Trajectory, name: str, colour: str) -> None:
    rounds = np.arange(1, len(learnt.gap) + 1)
    axes.plot(rounds, np.maximum(learnt.gap, LEAST), color=colour, alpha=0.25, lw=0.8, label="as played")
    axes.plot(rounds, np.maximum(learnt.average_gap, LEAST), color=colour, lw=2, label="average")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(name, fontsize=10, loc="left")
    axes.grid(color=PALE, linewidth=0.6)
    axes.tick_params(length=0, labelsize=9, which="both")
    axes.spines[:].set_visible(False)
    axes.legend(frameon=False, fontsize=9, loc="lower left")
