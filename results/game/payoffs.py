"""The payoff table of a tournament: what every attacker takes from every defender."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from results.records.packing import Hits

Matrix = npt.NDArray[np.float64]
Information = Literal["draw", "answers", "mixture", "none"]
INFORMATION = ("draw", "answers", "mixture", "none")
ADAPTIVE = ("draw", "answers")  # what lets an attack suit the model that was drawn


@dataclass(frozen=True, eq=False)
class Payoff:
    """The attackers' payoffs: `matrix[i, j]` is the share of test points that defender j lost to attacker i.

    `matrix` has shape (attackers, defenders) and is read-only. `left_out` names the attackers and defenders that are
    not in it because a match of theirs was forfeited or not played. `information` says what an attacker saw before it
    moved: the model that was drawn (`draw`), that model's answers (`answers`), only how the defender mixes (`mixture`), or
    nothing of these (`none`); None where nobody said. A defender that is a mixture itself counts as one model, of which an
    attacker who saw it knows the members and weights. `losses` holds the outcomes behind the matrix, true where a point was
    lost: booleans of shape (attackers, defenders, seeds, points), None for a bare matrix. Raises ValueError where names and
    shapes differ.
    """

    matrix: Matrix
    attackers: tuple[str, ...]
    defenders: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    information: Information | None = None
    losses: Hits | None = None

    def __post_init__(self) -> None:
        matrix = np.array(self.matrix, dtype=np.float64)
        if matrix.shape != (len(self.attackers), len(self.defenders)):
            names = f"{len(self.attackers)} attackers and {len(self.defenders)} defenders"
            raise ValueError(f"matrix: one row an attacker, one column a defender; {matrix.shape} is not for {names}")
        if self.information not in (None, *INFORMATION):
            raise ValueError(f"information: what the attacker sees, one of {INFORMATION}, not {self.information!r}")
        if self.losses is not None:
            if self.losses.shape[:2] != matrix.shape or self.losses.ndim != 4 or not self.losses.size:
                raise ValueError(f"losses: shape {matrix.shape} and then (seeds, points), not {self.losses.shape}")
            if not np.allclose(self.losses.mean(axis=(2, 3)), matrix, rtol=0, atol=1e-6):
                raise ValueError("losses: outcomes whose means are the matrix; these are of another table")
        matrix.flags.writeable = False
        object.__setattr__(self, "matrix", matrix)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Payoff):
            return NotImplemented
        return self._names() == other._names() and np.array_equal(self.matrix, other.matrix, equal_nan=True)

    def __hash__(self) -> int:
        return hash(self._names())

    def _names(self) -> tuple[tuple[str, ...], ...]:
        return self.attackers, self.defenders, self.left_out


def complete_part(payoff: Payoff) -> Payoff:
    """Leave out the attackers and defenders that leave a NaN in the matrix, and name them.

    The line with the largest share of NaN goes first, the attacker's on a tie, until no NaN is left.
    """
    matrix, attackers, defenders = payoff.matrix, list(payoff.attackers), list(payoff.defenders)
    left_out = list(payoff.left_out)
    while np.isnan(matrix).any():
        holes = np.isnan(matrix)
        rows, columns = holes.mean(axis=1), holes.mean(axis=0)
        axis = 0 if rows.max() >= columns.max() else 1
        worst = int((rows, columns)[axis].argmax())
        matrix = np.delete(matrix, worst, axis=axis)
        left_out.append((attackers, defenders)[axis].pop(worst))
    return Payoff(matrix, tuple(attackers), tuple(defenders), tuple(left_out))
