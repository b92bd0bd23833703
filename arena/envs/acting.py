"""What an agent may say: actions are read once, at the door, so that a bad one harms nobody later."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from gymnasium import spaces
from gymnasium.error import ResetNeeded

from arena.engine.arrays import Array, Mask
from arena.errors import InvalidValue

T = TypeVar("T")


def understood(given: Any, space: spaces.Space[Any], n: int) -> Any:
    """The actions of n environments as an array; InvalidValue where they are no n of the space's.

    Numbers beyond a Box's bounds pass: whoever acts on them clips.
    """
    try:
        told = np.asarray(given)
    except ValueError as error:  # ragged
        raise InvalidValue(f"actions must be an array; got {given!r}") from error
    if isinstance(space, spaces.Discrete):
        if told.shape == (n,) and told.dtype.kind in "iu" and (told >= 0).all() and (told < space.n).all():
            return told
        wanted = f"{n} integer{'s' * (n > 1)} from 0 to {space.n - 1}"
    else:
        if told.shape == (n, *(space.shape or ())) and told.dtype.kind in "fiu" and np.isfinite(told).all():
            return told
        wanted = f"finite numbers of shape {(n, *(space.shape or ()))}"
    raise InvalidValue(f"the action must be {wanted}; got {_brief(told)}")


def begun(it: T | None) -> T:
    """What reset() made; ResetNeeded before it."""
    if it is None:
        raise ResetNeeded("nothing has begun: call reset() before step() or render()")
    return it


def playing(on: bool) -> None:
    """ResetNeeded unless an episode is on."""
    if not on:
        raise ResetNeeded("no episode is on: reset() begins one")


def chosen(options: dict[str, Any] | None, n: int) -> Mask:
    """Which of n environments are to be reset: those of options["reset_mask"], or all."""
    mask = np.asarray((options or {}).get("reset_mask", np.ones(n, np.bool_)))
    if mask.shape != (n,) or mask.dtype != np.bool_ or not mask.any():
        raise InvalidValue(f"reset_mask must be {n} truth values, one true at least; got {mask!r}")
    return mask


def _brief(told: Array) -> str:
    return repr(told.tolist()) if told.size <= 4 else f"shape {told.shape}, {told.dtype}, or NaN"
