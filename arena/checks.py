"""Checks of hyperparameters: each returns nothing, or raises InvalidValue naming the parameter, its value and the rule."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from numbers import Integral, Real

from arena.errors import InvalidValue, nearest


def whole(name: str, value: object, *, least: int = 1) -> None:
    """Require an integer of at least `least`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise InvalidValue(f"{name} must be a whole number of at least {least}; got {value!r}")


def positive(name: str, value: object) -> None:
    """Require a finite number above zero."""
    if not _number(value) or not value > 0:  # type: ignore[operator]  # _number has just shown that it is real
        raise InvalidValue(f"{name} must be a finite number above 0; got {value!r}")


def not_negative(name: str, value: object) -> None:
    """Require a finite number of at least zero."""
    if not _number(value) or not value >= 0:  # type: ignore[operator]  # _number has just shown that it is real
        raise InvalidValue(f"{name} must be a finite number of at least 0; got {value!r}")


def share(name: str, value: object) -> None:
    """Require a number in [0, 1)."""
    if not _number(value) or not 0 <= value < 1:  # type: ignore[operator]  # _number has just shown that it is real
        raise InvalidValue(f"{name} must be a share in [0, 1); got {value!r}")


def flag(name: str, value: object) -> None:
    """Require True or False."""
    if not isinstance(value, bool):
        raise InvalidValue(f"{name} must be True or False; got {value!r}")


def weights(name: str, value: object, several: int) -> tuple[float, ...]:
    """Require a probability for each of several, summing to 1; None gives equal ones."""
    if value is None:
        return (1 / several,) * several
    given = tuple(value) if isinstance(value, Iterable) else ()
    if len(given) != several or not all(_number(w) and w >= 0 for w in given) or abs(sum(given) - 1) > 1e-6:
        raise InvalidValue(f"{name} must be {several} probabilities that sum to 1, one a member; got {value!r}")
    return tuple(float(w) for w in given)


def printable(name: str, value: str) -> None:
    """Require text without line breaks and control characters."""
    if not value.isprintable():
        raise InvalidValue(f"{name} must be printable, without line breaks and control characters; got {value!r}")


def one_of(name: str, value: object, options: Collection[str]) -> None:
    """Require one of the options."""
    if value not in options:
        raise InvalidValue(
            f"{name} must be one of {', '.join(options)}; got {value!r}; {nearest(str(value), options)}".rstrip("; ")
        )


def _number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
