"""A ReLU network over a region as a mixed-integer program (Tjeng et al., 2019, arXiv:1711.07356).

Variables: the inputs, every hidden h, a binary d for each neuron whose sign the bounds leave open (and, in L1 and L2, the
inputs' distances). h >= z, h <= z - L (1 - d), h <= U d, with each neuron's own L and U and never a global constant.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from arena.certify.intervals import Bounds
from arena.certify.network import ReLUNet
from arena.certify.region import Region
from arena.engine.arrays import Array

FEASIBLE = 1e-6  # what HiGHS may violate a row, a bound or an integrality by
OPTIMAL = 1e-7  # what it may violate the sign of a reduced cost by


@dataclass(frozen=True, eq=False)
class Solved:
    """`bound`: the solver's dual bound, below every value the objective takes; `x`: its best input, None where it has none."""

    bound: float
    x: Array | None


@contextmanager
def _quiet() -> Iterator[None]:
    """Inside, nothing reaches the process's standard output: HiGHS prints there whatever it is told."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


class Program:
    """The constraints of one row's region (one centre) and its bounds; objectives are asked one after another."""

    def __init__(self, net: ReLUNet, region: Region, bounds: Bounds) -> None:
        self._net, self._bounds = net, [(low[0], high[0]) for low, high in bounds]
        self._blocks: list[tuple[Any, Array, Array]] = []
        self._low, self._high = [region.low[0]], [region.high[0]]
        self._binary = [np.zeros(len(region.low[0]))]
        self._width = len(region.low[0])
        if region.norm != "linf":
            self._distances(region)
        self._hidden()
        self._one = self._add(np.ones(1), np.ones(1))

    @property
    def binaries(self) -> int:
        """How many neurons are left open."""
        return int(sum(b.sum() for b in self._binary))

    def tolerance(self, D: Array) -> float:
        """What the solver's tolerances may move the minimum of D (width of the last h,) by, layer by layer and range by range."""
        error = np.full(len(self._net.W[0]), FEASIBLE)
        for W, (L, U) in zip(self._net.W[:-1], self._bounds, strict=True):
            error = error @ np.abs(W) + FEASIBLE * (1 + np.abs(L) + np.abs(U))
        ranges = sum(float((high - low).sum()) for low, high in zip(self._low, self._high, strict=True))
        return float(error @ np.abs(D)) + OPTIMAL * ranges

    def minimise(self, D: Array, offset: float, seconds: float, gap: float) -> Solved:
        """The minimum of <D, h> + offset over the region, h the last hidden layer (or the inputs of a linear network).

        The offset stands inside the objective, because `gap` is relative to it.
        """
        from scipy.optimize import Bounds as Box
        from scipy.optimize import LinearConstraint, milp

        objective = np.zeros(self._width)
        objective[self._last : self._last + len(D)] = D
        objective[self._one] = offset
        rows = [LinearConstraint(self._wide(A), low, high) for A, low, high in self._blocks]
        box = Box(np.concatenate(self._low), np.concatenate(self._high))
        options: Any = {"time_limit": max(seconds, 1e-3), "mip_rel_gap": gap}
        with _quiet():
            found = milp(
                objective, integrality=np.concatenate(self._binary), bounds=box, constraints=rows, options=options
            )
        bound = getattr(found, "mip_dual_bound", None)
        if bound is None and found.status == 0:  # a linear program: HiGHS reports no bound of its own
            bound = found.fun
        x = None if found.x is None else np.asarray(found.x[: len(self._low[0])])
        return Solved(-np.inf if bound is None or np.isnan(bound) else float(bound), x)

    def cut(self, x: Array, region: Region) -> bool:
        """Cut an input x (d,) outside the L2 ball off, by the half space that touches the ball there; False if it is inside."""
        from scipy.sparse import csr_array

        d = x - region.center[0]
        length = float(np.linalg.norm(d))
        if region.norm != "l2" or length <= region.radius * (1 + 1e-9):
            return False
        v = d / (length * (1 + 1e-12))  # a touch shorter: |v| <= 1 whatever the division rounded
        high = np.nextafter(v @ region.center[0] + region.radius * (1 + 1e-12) + 1e-12, np.inf)
        self._blocks.append((csr_array(v[None]), np.array([-np.inf]), np.array([high])))
        return True

    def _add(self, low: Array, high: Array, binary: bool = False) -> int:
        """New variables; the index of the first."""
        self._low.append(low)
        self._high.append(high)
        self._binary.append(np.full(len(low), float(binary)))
        self._width += len(low)
        return self._width - len(low)

    def _wide(self, A: Any) -> Any:
        from scipy.sparse import csr_array

        A = A.tocoo()
        return csr_array((A.data, (A.row, A.col)), shape=(A.shape[0], self._width))

    def _distances(self, region: Region) -> None:
        """T >= |x - x0| with sum t <= r in L1; in L2 the sum is at most r sqrt(d), a superset of the ball."""
        from scipy.sparse import csr_array, eye_array, hstack

        d, center = len(self._low[0]), region.center[0]
        self._add(np.zeros(d), np.full(d, region.radius))
        one = eye_array(d)
        self._blocks.append((hstack([one, -one]).tocsr(), np.full(d, -np.inf), center))
        self._blocks.append((hstack([one, one]).tocsr(), center, np.full(d, np.inf)))
        most = region.radius * (1.0 if region.norm == "l1" else np.sqrt(d))
        total = csr_array(np.concatenate([np.zeros(d), np.ones(d)])[None])
        self._blocks.append((total, np.array([-np.inf]), np.array([most])))

    def _hidden(self) -> None:
        before = 0
        for (L, U), W, b in zip(self._bounds, self._net.W[:-1], self._net.b[:-1], strict=True):
            h = self._add(np.maximum(L, 0) * (U > 0), np.maximum(U, 0))
            on, unsure = np.flatnonzero(L >= 0), np.flatnonzero((L < 0) & (U > 0))
            binary = self._add(np.zeros(len(unsure)), np.ones(len(unsure)), binary=True)
            self._rows(h, before, W, on, b[on], b[on])
            self._rows(h, before, W, unsure, b[unsure], np.full(len(unsure), np.inf))
            upper = b[unsure] - L[unsure]
            self._rows(h, before, W, unsure, np.full(len(unsure), -np.inf), upper, binary, -L[unsure])
            zero, none = np.zeros(len(unsure)), np.full(len(unsure), -np.inf)
            self._rows(h, before, np.zeros_like(W), unsure, none, zero, binary, -U[unsure])
            before = h
        self._last = before

    def _rows(
        self, h: int, before: int, W: Array, chosen: Any, low: Array, high: Array, binary: int = 0, factor: Any = None
    ) -> None:
        """Rows h_j - <W_j, previous> + factor_j d_j between low and high, for the chosen neurons j."""
        from scipy.sparse import coo_array

        m, n = len(chosen), len(W)
        if not m:
            return
        row = np.arange(m)
        values, rows, columns = (
            [np.ones(m), -W[:, chosen].T.ravel()],
            [row, np.repeat(row, n)],
            [h + chosen, np.tile(before + np.arange(n), m)],
        )
        if factor is not None:
            values, rows, columns = [*values, factor], [*rows, row], [*columns, binary + row]
        data, at = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
        kept = data != 0
        self._blocks.append((coo_array((data[kept], (at[0][kept], at[1][kept])), shape=(m, self._width)), low, high))
