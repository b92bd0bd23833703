"""The referee on poison: counts distinct rows touched, lets nothing through that was not allowed, clips nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from arena.batch import Batch
from arena.engine.arrays import Array, Indices, Labels, Mask
from arena.errors import IllegalMove
from arena.moves import Poison
from arena.streams import stream
from arena.threat import Contamination


@dataclass(frozen=True, eq=False)
class Poisoned:
    """The training set after the attack, and which of its rows (n,) were touched."""

    train: Batch
    touched: Mask


@dataclass(frozen=True, eq=False)
class PoisonReferee:
    """Judges poison of `train`, of whose rows the attacker knows the first `known`."""

    allowance: Contamination
    train: Batch
    classes: int
    known: int

    def judge(self, move: object) -> Poisoned:
        """The poisoned training set; IllegalMove names the rule, the value, the denominator and the way out."""
        if not isinstance(move, Poison):
            raise IllegalMove(f"a poisoner answers training rows with Poison; got {type(move).__name__}")
        rows = self._rows(move.rows)
        x = self.train.x[rows] if move.x is None else self._x("x", move.x, len(rows))
        y = self.train.y[rows] if move.y is None else self._y("y", move.y, len(rows))
        x = np.where(
            x == self.train.x[rows], self.train.x[rows], x
        )  # -0 for 0 is no change, and must be none to a hash
        touched = self._changes(rows, x, y)
        added = self._added(move)
        self._counted(int(touched.sum()), len(added))
        whole = Batch(_with(self.train.x, rows, x), _with(self.train.y, rows, y))
        marks = np.zeros(len(whole), np.bool_)
        marks[rows] = touched
        return _shuffled_in(Poisoned(whole, marks), added)

    def _rows(self, given: Any) -> Indices:
        rows = np.asarray(given)
        if rows.ndim != 1 or (rows.dtype.kind not in "iu" and rows.size):
            raise IllegalMove(
                f"poison.rows are the indices of training rows, (k,) integers; got {rows.shape}, {rows.dtype}"
            )
        rows = rows.astype(np.intp)
        if rows.size and not (rows.min() >= 0 and rows.max() < self.known):
            raise IllegalMove(f"poison.rows lie in 0..{self.known - 1}, the rows shown; got {rows.min()}..{rows.max()}")
        if len(np.unique(rows)) < len(rows):
            raise IllegalMove("poison.rows names a row twice; name each once, with what it becomes in the end")
        return rows

    def _x(self, name: str, given: Any, n: int) -> Array:
        x = np.asarray(given)
        if x.shape != (n, self.train.x.shape[1]) or x.dtype.kind != "f":
            raise IllegalMove(
                f"poison.{name} must be float rows ({n}, {self.train.x.shape[1]}); got {x.shape}, {x.dtype}"
            )
        x = x.astype(np.float32)
        low, high = self.allowance.box
        if not ((x >= low) & (x <= high)).all():  # NaN fails both
            row = int(np.argmin(((x >= low) & (x <= high)).all(axis=1)))
            raise IllegalMove(f"row {row} of poison.{name} leaves the box [{low:g}, {high:g}] or holds NaN; np.clip it")
        return x + np.float32(0)  # no -0: it is as large as 0, and has another hash

    def _y(self, name: str, given: Any, n: int) -> Labels:
        y = np.asarray(given)
        if y.shape != (n,) or (n and y.dtype.kind not in "iu"):
            raise IllegalMove(f"poison.{name} must be {n} integer labels; got {y.shape}, {y.dtype}")
        if n and not (y.min() >= 0 and y.max() < self.classes):
            raise IllegalMove(f"labels lie in 0..{self.classes - 1}; poison.{name} holds {y.min()}..{y.max()}")
        return y.astype(np.intp)

    def _changes(self, rows: Indices, x: Array, y: Labels) -> Mask:
        """Which rows truly changed; IllegalMove if in a way that is not allowed."""
        relabelled, moved = y != self.train.y[rows], (x != self.train.x[rows]).any(axis=1)
        if relabelled.any() and not self.allowance.may_relabel:
            raise IllegalMove(
                f"training row {rows[relabelled.argmax()]} got another label, and may_relabel is False: leave y as it was"
            )
        ball = self.allowance.may_edit
        if moved.any() and ball is None:
            raise IllegalMove(
                f"training row {rows[moved.argmax()]} was edited, and may_edit is None: leave x as it was"
            )
        if ball is not None and len(rows):
            excess = ball.violation(x, self.train.x[rows])
            if excess.max() > ball.tolerance:
                raise IllegalMove(
                    f"training row {rows[excess.argmax()]} leaves the {ball.norm} ball of radius {ball.radius:g} around"
                    f" what it was by {excess.max():.3g}; end with may_edit.project(x, train.x[rows])"
                )
        return relabelled | moved

    def _added(self, move: Poison) -> Batch:
        if (move.added_x is None) != (move.added_y is None):
            raise IllegalMove("an inserted row has an x and a y: give both added_x and added_y, or neither")
        if move.added_x is None:
            return self.train[:0]
        n = len(np.atleast_1d(move.added_x))
        if n and not self.allowance.may_insert:
            raise IllegalMove(f"{n} rows were inserted, and may_insert is False: change rows that are there")
        return Batch(self._x("added_x", move.added_x, n), self._y("added_y", move.added_y, n))

    def _counted(self, changed: int, added: int) -> None:
        n = len(self.train)
        if changed + added > self.allowance.limit(n):
            raise IllegalMove(
                f"{changed + added} distinct rows were touched ({changed} changed, {added} inserted); the limit is"
                f" floor({self.allowance.fraction:g} · {n}) = {self.allowance.limit(n)} of all {n} training rows, of every"
                f" class: stay within view.limit"
            )


def _with(array: Any, rows: Indices, values: Any) -> Any:
    changed = array.copy()
    changed[rows] = values
    return changed


def _shuffled_in(poisoned: Poisoned, added: Batch) -> Poisoned:
    """The set with the added rows at places drawn by their content: where a row stands says nothing about who put it there."""
    if not len(added):
        return poisoned
    n = len(poisoned.train)
    places = [
        stream("inserted", x.tobytes(), int(y)).uniform(-0.5, n - 0.5) for x, y in zip(added.x, added.y, strict=True)
    ]
    order = np.argsort(np.concatenate([np.arange(n), places]), kind="stable")
    marks = np.concatenate([poisoned.touched, np.ones(len(added), np.bool_)])
    return Poisoned(poisoned.train.joined(added)[order], marks[order])
