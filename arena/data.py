"""Data sets: named ones through the roster, and any .npz of a user's own with `x` and `y`."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

import numpy as np
from numpy.lib.npyio import NpzFile

from arena.batch import Batch
from arena.engine.arrays import Array
from arena.errors import InvalidValue

_SIDES = {64: (8, 8), 784: (28, 28), 3072: (32, 32, 3)}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Rows in [0, 1] with their labels, the shape a row has as a picture, and what was done to the raw file.

    `names` holds what the labels stand for, where they stand for more than themselves.
    """

    name: str
    rows: Batch
    shape: tuple[int, ...]
    note: str = ""
    names: tuple[str, ...] = ()

    @property
    def classes(self) -> int:
        """One more than the largest label."""
        return int(self.rows.y.max()) + 1

    @property
    def pictured(self) -> bool:
        """Whether the rows are pictures: of more than one line, grey or in three colours."""
        return len(self.shape) in (2, 3) and self.shape[0] > 1 and self.shape[2:] in ((), (1,), (3,))

    def label(self, y: int) -> str:
        """What label y stands for."""
        return self.names[y] if self.names else str(y)

    @classmethod
    def of(cls, name: str, x: object, y: object) -> Dataset:
        """A data set from raw arrays: x (n, d) or (n, h, w[, c]), y (n,).

        Integer pixels up to 255 are divided by 255, and the note says so. Floats outside [0, 1], NaN and labels
        that are no integers raise InvalidValue.
        """
        pixels, targets = np.asarray(x), np.asarray(y)
        if pixels.ndim < 2 or len(pixels) < 2 or not pixels.size:
            raise InvalidValue(f"{name}: x must be at least two rows, (n, d) or (n, h, w); got shape {pixels.shape}")
        shape = pixels.shape[1:] if pixels.ndim > 2 else _SIDES.get(pixels.shape[1], (1, pixels.shape[1]))
        scaled, note = _unit_scale(name, pixels.reshape(len(pixels), -1))
        try:
            batch = Batch(scaled, targets)
        except InvalidValue as error:
            raise InvalidValue(f"{name}: {error}") from error
        if batch.y.max() >= max(len(batch), 1000):
            raise InvalidValue(
                f"{name}: labels must count the classes from 0; {len(batch)} rows cannot fill {batch.y.max() + 1} classes:"
                f" renumber with np.unique(y, return_inverse=True)[1]"
            )
        if batch.y.min() == batch.y.max():
            raise InvalidValue(f"{name}: y must name at least two classes; all labels are {batch.y[0]}")
        return cls(name, batch, shape, note)


def read_npz(path: Path) -> Dataset:
    """The data set in an .npz with arrays `x` and `y`; nothing in the file is ever unpickled."""
    try:
        with path.open("rb") as file, _archive(file) as stored:
            missing = {"x", "y"} - set(stored.files)
            if missing:
                raise InvalidValue(
                    f"{path} must hold arrays 'x' and 'y'; missing {sorted(missing)}, found {stored.files}"
                )
            return Dataset.of(str(path), stored["x"], stored["y"])
    except FileNotFoundError as error:
        raise InvalidValue(
            f"{path} does not exist: give the path of an .npz with x and y, or a name from `list`"
        ) from error
    except (ValueError, BadZipFile, OSError, EOFError, MemoryError, zlib.error) as error:
        if isinstance(error, InvalidValue):
            raise
        why = str(error).splitlines()[0].split(". If you trust", maxsplit=1)[0]  # NumPy goes on to advise unpickling
        raise InvalidValue(
            f"{path} is no plain .npz of arrays ({why}); save it with np.savez(path, x=…, y=…)"
        ) from error


def _archive(file: BinaryIO) -> NpzFile:
    stored = np.load(file, allow_pickle=False)
    if not isinstance(stored, NpzFile):
        raise ValueError("it holds a lone array")
    return stored


def _unit_scale(name: str, x: Array) -> tuple[Array, str]:
    if x.dtype.kind in "iub":
        low, high = int(x.min()), int(x.max())
        if low < 0 or high > 255:
            raise InvalidValue(
                f"{name}: integer features must be pixels in 0..255; got {low}..{high}: scale them to [0, 1]"
            )
        if high <= 1:
            return x.astype(np.float32), ""
        return x.astype(np.float32) / np.float32(255), f"{name}: integer pixels 0..{high} were divided by 255"
    if x.dtype.kind != "f":
        raise InvalidValue(f"{name}: x must hold numbers; got dtype {x.dtype}")
    if not np.isfinite(x).all():
        raise InvalidValue(f"{name}: x holds NaN or infinity; drop or fill those rows")
    low_f, high_f = float(x.min()), float(x.max())
    if low_f < 0 or high_f > 1:
        way = "divide by 255" if high_f > 1.5 and low_f >= 0 else "rescale with (x - x.min(0)) / (x.max(0) - x.min(0))"
        raise InvalidValue(f"{name}: features must lie in the box [0, 1]; got {low_f:g}..{high_f:g}: {way}")
    return x.astype(np.float32), ""
