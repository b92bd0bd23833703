"""The equilibrium of a payoff table: the mixtures from which neither side gains by deviating.

Convention: rows are attackers and maximise, columns are defenders and minimise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from results.game.entropy import most_even
from results.game.minimax import TIGHT, NoEquilibriumError, Vector, only_mixture, optimal_face, vertex
from results.game.payoffs import ADAPTIVE, Information, Matrix, Payoff
from results.game.values import bounds

TOLERANCE = 1e-9  # of the range of the payoffs


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """Mixtures of a zero-sum matrix game, with the proof of how good they are.

    `attacker` and `defender` are probabilities over rows and columns; `value` is the attackers' mean payoff. `gap =
    attacker_regret + defender_regret = max(A q) - min(p A)` is what the two sides can gain by deviating inside this
    matrix. `max_min` is what the best single attacker is sure of, `min_max` what the best single defender holds every
    attacker to; `max_min <= value <= min_max` up to the gap. Where there are many equilibria these are the mixtures of
    maximum entropy, unless `maximum_entropy` is false. `attackers` and `defenders` are names, empty for a bare matrix.
    `information` is what the payoff said an attacker sees. `bounds` hold the true value with 95 % confidence, as far as
    the outcomes behind the payoff are samples of points and seeds; None for a bare matrix.
    """

    attacker: Vector
    defender: Vector
    value: float
    gap: float
    attacker_regret: float
    defender_regret: float
    max_min: float
    min_max: float
    attackers: tuple[str, ...] = ()
    defenders: tuple[str, ...] = ()
    maximum_entropy: bool = True
    information: Information | None = None
    bounds: tuple[float, float] | None = None

    @property
    def secrecy(self) -> float:
        """What it is worth to the defenders that the attacker cannot see which model was drawn: min-max less value."""
        return self.min_max - self.value

    @property
    def guaranteed(self) -> float:
        """What the best defence loses at most: min-max where the attacker sees or asks the drawn model: mixing is no use then."""
        return self.min_max if self.information in ADAPTIVE else self.value


def solve(payoff: Payoff | npt.ArrayLike) -> Equilibrium:
    """Solve a zero-sum game given as a Payoff or as a matrix of shape (attackers, defenders).

    One linear program gives an equilibrium, the column player's side being its dual (Dantzig, "A proof of the
    equivalence of the programming problem and the game problem", 1951). Among many, the one of maximum entropy is
    chosen, as in Nash averaging (Balduzzi et al., "Re-evaluating evaluation", NeurIPS 2018), so that equal strategies
    get equal weights. A copy of a strategy never moves the value; among many equilibria it moves the weights, and only
    the ranking by Nash averages solves copies as one. Raises ValueError for a matrix that is empty, not 2-D or not
    finite, and NoEquilibriumError if the solver fails or its answer leaves a gap of more than 1e-9 of the payoffs' range.
    """
    A = checked(payoff)
    equilibrium = _report(A, *_mixtures(_scaled(A)))
    return _named(equilibrium, payoff) if isinstance(payoff, Payoff) else equilibrium


def _named(equilibrium: Equilibrium, payoff: Payoff) -> Equilibrium:
    return replace(
        equilibrium,
        attackers=payoff.attackers,
        defenders=payoff.defenders,
        information=payoff.information,
        bounds=None if payoff.losses is None else bounds(payoff),
    )


def _mixtures(B: Matrix) -> tuple[Vector, Vector, bool]:
    """Both mixtures, and whether they are the most even ones."""
    saddle = _strict_saddle(B)
    if saddle:
        return *saddle, True
    p, q = vertex(B)
    gap = _gap(B, p, q)
    if not gap <= TOLERANCE:
        raise NoEquilibriumError(f"gap: at most {TOLERANCE} of the payoffs' range, not {gap:.1e}; report the matrix")
    even = _evened(B, p, q)
    return *(even or (p, q)), even is not None


def _strict_saddle(B: Matrix) -> tuple[Vector, Vector] | None:
    """The pure equilibrium that each side loses by leaving, which is then the only one; None if there is none."""
    i, j = int(B.min(axis=1).argmax()), int(B.max(axis=0).argmin())
    lower, higher = np.delete(B[:, j], i), np.delete(B[i], j)
    if lower.max(initial=-np.inf) >= B[i, j] - TIGHT or higher.min(initial=np.inf) <= B[i, j] + TIGHT:
        return None
    return np.eye(len(B))[i], np.eye(B.shape[1])[j]


def _evened(B: Matrix, p: Vector, q: Vector) -> tuple[Vector, Vector] | None:
    """Find the equilibrium of maximum entropy, or None if it cannot be had as precisely as the one given."""
    try:
        even_p, even_q = _even_side(B, q), _even_side(1 - B.T, p)
    except (NoEquilibriumError, np.linalg.LinAlgError):
        return None
    return (even_p, even_q) if _gap(B, even_p, even_q) <= TOLERANCE else None


def _even_side(M: Matrix, q: Vector) -> Vector:
    only = only_mixture(M, q)
    return most_even(optimal_face(M, q)) if only is None else only


def _gap(A: Matrix, p: Vector, q: Vector) -> float:
    return float((A @ q).max() - (p @ A).min())


def _report(A: Matrix, p: Vector, q: Vector, maximum_entropy: bool) -> Equilibrium:
    value = float(p @ A @ q)
    attacker_regret = max(float((A @ q).max()) - value, 0.0)
    defender_regret = max(value - float((p @ A).min()), 0.0)
    return Equilibrium(
        attacker=p,
        defender=q,
        value=value,
        gap=attacker_regret + defender_regret,
        attacker_regret=attacker_regret,
        defender_regret=defender_regret,
        max_min=float(A.min(axis=1).max()),
        min_max=float(A.max(axis=0).min()),
        maximum_entropy=maximum_entropy,
    )


def _scaled(A: Matrix) -> Matrix:
    """Payoffs shifted and scaled to [0, 1], which leaves the equilibria as they are; all zero if they are all equal."""
    B = A / (np.abs(A).max() or 1.0)
    B = B - B.min()
    return np.asarray(B / (B.max() or 1.0))


def checked(payoff: Payoff | npt.ArrayLike) -> Matrix:
    """Take the matrix of a game, (attackers, defenders); ValueError if it is empty, not 2-D, not real or not finite."""
    given = payoff.matrix if isinstance(payoff, Payoff) else payoff
    if np.iscomplexobj(given) or np.ma.is_masked(given):
        raise ValueError(
            "payoff: real numbers, none of them masked; leave out the attacker or defender of a masked one"
        )
    A = np.asarray(given, dtype=np.float64)
    if A.ndim != 2 or not A.size:
        raise ValueError(f"payoff: a matrix of shape (attackers, defenders), at least one of each, not shape {A.shape}")
    if not np.isfinite(A).all():
        i, j = np.argwhere(~np.isfinite(A))[0]
        raise ValueError(f"payoff: finite everywhere, but [{i}, {j}] is {A[i, j]}; leave its attacker or defender out")
    return A
