"""Traffic signs, drawn and photographed by a program: any number of i.i.d. samples from a seed."""

from __future__ import annotations

from arena.batch import Batch
from arena.checks import whole
from arena.data import Dataset
from scenarios.signs.photographs import photographs
from scenarios.signs.templates import NAMES


def signs(n: int = 4000, seed: int = 0) -> Dataset:
    """Colour pictures (32, 32, 3) of 12 kinds of signs under random pose, light, blur, dirt and background; n from a seed.

    InvalidValue for fewer than two pictures, or a seed that is no whole number.
    """
    whole("n", n, least=2)
    whole("seed", seed, least=0)
    x, y = photographs(int(n), int(seed))
    return Dataset("signs", Batch(x.reshape(n, -1), y), x.shape[1:], names=NAMES)
