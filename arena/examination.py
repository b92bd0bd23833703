"""What a deployed model must be able to do before anyone plays against it; who deploys another makes an illegal move."""

from __future__ import annotations

import numpy as np

from arena.engine.arrays import Array
from arena.engine.model import Model
from arena.errors import IllegalMove


def reads(model: Model, features: int, classes: int) -> None:
    """IllegalMove if the model's logits of a row are not `classes` finite numbers, or it writes into the row."""
    rows = _rows(features)
    try:
        logits = np.asarray(model.logits(rows))
    except Exception as error:
        raise IllegalMove(f"the deployed model cannot read rows of {features} features: {error}") from error
    real = logits.dtype.kind in "fiu"
    if logits.shape != (2, classes) or not real or not np.isfinite(logits).all():
        what = f"{logits.shape}, or NaN" if real else f"dtype {logits.dtype}"
        raise IllegalMove(f"the deployed model must give {classes} finite logits a row; got {what}")
    _untouched(rows)


def slopes(model: Model) -> None:
    """IllegalMove if the model, in plain sight, has no vjp that takes dL/dlogits (n, classes) to dL/dx (n, features)."""
    try:
        rows = _rows(model.features)
        pull = model.vjp(rows)[1]
        slope = np.asarray(pull(np.ones((2, model.classes), np.float32)))
    except Exception as error:
        raise IllegalMove(
            f"a model that is attacked in plain sight says its `features` and `classes` and has a vjp: {error!r}"
        ) from error
    if slope.shape != rows.shape or slope.dtype.kind != "f":
        raise IllegalMove(
            f"the deployed model's vjp must give floats of shape {rows.shape}, dL/dx; got {slope.shape}, {slope.dtype}"
        )
    _untouched(rows)


def _rows(features: int) -> Array:
    return np.full((2, features), 0.5, np.float32)


def _untouched(rows: Array) -> None:
    if (rows != 0.5).any():
        raise IllegalMove("the deployed model writes into the rows it reads; copy them before changing them")
