"""What a deployed model must be able to do, and must not have done when the attack is over: else it was no legal move."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from arena.engine.arrays import Array, Mask
from arena.engine.model import Model, logits_of, vjp_of
from arena.errors import IllegalMove
from arena.streams import stream

_TIMES, _SPARED = 3, 0.01  # how often it is asked again; the share of rows that may differ: a vote falls by a rounding
_CLOSE, _ROUNDINGS = 1e-3, 32 * np.finfo(np.float32).eps  # products round otherwise in batches of another size


def reads(model: Model, features: int, classes: int) -> None:
    """IllegalMove if the model's logits of a row are not `classes` finite numbers, or it writes into the row."""
    rows = _rows(features)
    before = rows.copy()
    try:
        logits = np.asarray(model.logits(rows))
    except Exception as error:
        raise IllegalMove(f"the deployed model cannot read rows of {features} features: {error}") from error
    real = logits.dtype.kind in "fiu"
    if logits.shape != (2, classes) or not real or not np.isfinite(logits).all():
        what = f"{logits.shape}, or NaN" if real else f"dtype {logits.dtype}"
        raise IllegalMove(f"the deployed model must give {classes} finite logits a row; got {what}")
    _untouched(rows, before)


def slopes(model: Model, x: Array) -> None:
    """IllegalMove if the model, in plain sight, has no vjp that takes dL/dlogits to dL/dx at rows x (n, features)."""
    for rows in (_rows(x.shape[1]), x[:1], x):
        _sloped(model, rows.copy())


def _sloped(model: Model, rows: Array) -> None:
    before = rows.copy()
    try:
        pull = model.vjp(rows)[1]
        slope = np.asarray(pull(np.ones((len(rows), model.classes), np.float32)))
    except Exception as error:
        raise IllegalMove(
            f"a model that is attacked in plain sight says its `features` and `classes` and has a vjp: {error!r}"
        ) from error
    if slope.shape != rows.shape or slope.dtype.kind != "f":
        raise IllegalMove(
            f"the deployed model's vjp must give floats of shape {rows.shape}, dL/dx; got {slope.shape}, {slope.dtype}"
        )
    _untouched(rows, before)


def constant(model: Model, shown: Model, x: Array) -> None:
    """IllegalMove if `shown`, asked about some of the rows x and in another order, does not answer as `model` does about all.

    So it is noticed if the attacker was given other answers than the referee: by who asked how often, or what beside it.
    """
    whole = logits_of(model, x)
    _same(lambda rows: logits_of(shown, rows), whole, x)
    if hasattr(shown, "vjp"):
        _same(lambda rows: vjp_of(shown, rows)[0], whole, x)


def _same(ask: Callable[[Array], Array], whole: Array, x: Array) -> None:
    draw, close = stream("asked again", x.tobytes()), _close(whole)
    for _ in range(_TIMES):
        part = draw.permutation(len(x))[: draw.integers(1, len(x) + 1)]
        again, before = ask(x[part]), whole[part]
        if again.shape != before.shape or (~_alike(again, before, close[part])).sum() > 1 + _SPARED * len(part):
            raise IllegalMove(
                "the deployed model answered otherwise when it was asked again about the same rows: the logits of a row depend"
                " on nothing but the row; who answers at random deploys a RandomisedEnsemble, as mixture(…) does"
            )


def _close(z: Array) -> Array:
    """How far each logit may be off: by its distance from the middle of its row, by the usual one, and by its own digits."""
    sound = np.isfinite(z).all(axis=1)
    with np.errstate(invalid="ignore"):
        apart = np.abs(z - np.median(z, axis=1, keepdims=True)) if z.shape[1] > 1 else np.abs(z)
    usual = np.median(apart[sound]) if sound.any() else 0
    return np.asarray(_CLOSE * (apart + usual) + _ROUNDINGS * np.abs(z))


def _alike(again: Array, before: Array, close: Array) -> Mask:
    """Which rows (n,) have the same logits, or in both none that count."""
    lost, still = (~np.isfinite(z).all(axis=1) for z in (again, before))
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(again - before) <= close).all(axis=1) | (lost & still))


def _rows(features: int) -> Array:
    """Two rows that differ, and in themselves: some models divide by a row's spread."""
    up = np.linspace(0, 1, features, dtype=np.float32)
    return np.stack([up, up[::-1]])


def _untouched(rows: Array, before: Array) -> None:
    if (rows != before).any():
        raise IllegalMove("the deployed model writes into the rows it reads; copy them before changing them")
