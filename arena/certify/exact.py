"""The exact answer: verified, broken or unknown for every row, by mixed-integer programming where bounds leave it open."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from arena.certify.alpha import alpha_bounds
from arena.certify.intervals import margin_sizes
from arena.certify.network import ReLUNet, precision_of
from arena.certify.program import Program
from arena.certify.proofs import checked, margins
from arena.certify.region import Region
from arena.checks import positive, whole
from arena.engine.arrays import Array, Labels, Mask
from arena.engine.model import Model
from arena.errors import ArenaError
from arena.evaluation import evaluate
from arena.jobs.runner import Failure, runner
from arena.threat import Ball

Progress: TypeAlias = Callable[[int, int], None]
_CUTS = 40  # rounds of cutting an L2 ball out of its enclosing polytope, for each rival


@dataclass(frozen=True, eq=False)
class Verdicts:
    """For each row: proven to stand (`verified`), shown to fall (`broken`, with its witness in `x`), or neither.

    `lower` (n,) is the proven bound on the margin, -inf where none was needed because the row is broken.
    """

    verified: Mask
    broken: Mask
    x: Array
    lower: Array
    ball: Ball
    network: str

    @property
    def unknown(self) -> Mask:
        """Rows whose time ran out."""
        return ~(self.verified | self.broken)

    @property
    def bracket(self) -> tuple[float, float]:
        """The exact robust accuracy lies between these shares: the verified, and all that are not broken."""
        return float(self.verified.mean()), float(1 - self.broken.mean())

    def __str__(self) -> str:
        parts = (f"{name} {int(getattr(self, name).sum())}" for name in ("verified", "broken", "unknown"))
        return f"exact, {self.ball.norm} {self.ball.radius:g}: {', '.join(parts)} of {len(self.x)} points"


@dataclass(frozen=True, kw_only=True)
class ExactVerifier:
    """Decides each row within `seconds`; rows that the `attacker` breaks or α-CROWN certifies never reach the solver.

    The dual bound certifies, never the incumbent; a witness counts only where the model itself misreads it inside the ball.
    With `gap` 0.9 the solver stops once a margin's sign is sure; 1e-6 asks for the margin itself. In L2 the program's region
    is cut down to the ball step by step: verified stays proven, more rows may stay unknown.
    """

    seconds: float = 60.0
    gap: float = 0.9
    attacker: Any = None

    def __post_init__(self) -> None:
        positive("seconds", self.seconds)
        positive("gap", self.gap)

    def verify(
        self, model: Model, x: Array, y: Labels, ball: Ball, *, workers: int = 1, progress: Progress | None = None
    ) -> Verdicts:
        """Verdicts on rows x (n, d) with labels y (n,), in so many processes; `progress` is told (rows done, of how many)."""
        whole("workers", workers)
        net = ReLUNet.of(model)
        x, y = checked(net, np.asarray(x, np.float32), y, ball)
        broken, found = _attacked(model, x, y, ball, self.attacker)
        verified, lower = np.zeros(len(x), bool), np.full(len(x), -np.inf)
        with runner(min(workers, int((~broken).sum()))) as running:
            for i in np.flatnonzero(~broken):
                running.submit(i, self._decide, net, model, x[i : i + 1], y[i : i + 1], ball)
            for done, (i, ended) in enumerate(running.completed(), start=1 + int(broken.sum())):
                if isinstance(ended, Failure):
                    raise ArenaError(f"the exact verifier failed on row {i}: {ended.kind}: {ended.text}")
                lower[i], witness = ended
                verified[i] = lower[i] > 0
                if witness is not None:
                    broken[i], found[i] = True, witness
                if progress is not None:
                    progress(done, len(x))
        return Verdicts(verified, broken, found, lower, ball, net.digest)

    def _decide(self, net: ReLUNet, model: Model, x: Array, y: Labels, ball: Ball) -> tuple[float, Array | None]:
        """The proven margin of one row, and a witness if one turned up; -inf where it did, or where nothing is proven."""
        region, ends, precision = Region.of(x, ball), time.monotonic() + self.seconds, precision_of(model)
        quick = margins(net, region, y, "alpha-crown", precision)[0]
        sign_only = self.gap >= 0.1
        if quick.min() > 0 and sign_only:
            return float(quick.min()), None
        bounds = alpha_bounds(net, region, net.slack())
        if not all(np.isfinite(L).all() and np.isfinite(U).all() for L, U in bounds):
            return -np.inf, None
        program, off = (
            Program(net, region, bounds),
            net.rounding(margin_sizes(net, region, y), region.largest, precision)[0],
        )
        for k in np.argsort(quick):
            if k == y[0] or (quick[k] > 0 and sign_only):
                continue
            D, offset = net.W[-1][:, y[0]] - net.W[-1][:, k], float(net.b[-1][y[0]] - net.b[-1][k])
            quick[k], witness = self._settle(program, (D, offset), (model, x, y, ball, region), ends, off[k])
            if witness is not None:
                return -np.inf, witness
            if not quick[k] > 0:
                break
        return float(quick.min()), None

    def _settle(
        self, program: Program, margin: tuple[Array, float], row: tuple[Any, ...], ends: float, off: float
    ) -> tuple[float, Array | None]:
        """The best proven bound on one rival's margin, and a witness: first for its sign alone, then to the end."""
        model, x, y, ball, region = row
        best, (D, offset) = -np.inf, margin
        off = off + program.tolerance(D)
        for gap in dict.fromkeys((self.gap, min(self.gap, 1e-6))):
            for _ in range(_CUTS):
                solved = program.minimise(D, offset, ends - time.monotonic(), gap)
                witness = None if solved.x is None else _witness(model, solved.x[None], x, y, ball)
                best = float(np.fmax(best, solved.bound - off))
                if witness is not None or best > 0 or time.monotonic() > ends:
                    return best, witness
                if solved.x is None or not program.cut(solved.x, region):
                    break
        return best, None


def _attacked(model: Model, x: Array, y: Labels, ball: Ball, attacker: Any) -> tuple[Mask, Array]:
    """Which rows fall clean or to the attacker, and the points they fall at."""
    wrong = np.asarray(model.logits(x)).argmax(axis=1) != y
    if attacker is None:
        return wrong, x.copy()
    judged = evaluate(model, x, y, attacker, ball)
    return ~judged.attacked, np.where(wrong[:, None], x, judged.x)


def _witness(model: Model, found: Array, x: Array, y: Labels, ball: Ball) -> Array | None:
    """The solver's point, put into the ball exactly, if the model misreads it there."""
    point = ball.project(found.astype(np.float32), x)
    inside = ball.violation(point, x)[0] <= ball.tolerance
    return point[0] if inside and np.asarray(model.logits(point)).argmax(axis=1)[0] != y[0] else None
