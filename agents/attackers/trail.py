"""How far a sequence of attacks came, as a file that it can go on from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from arena.engine.arrays import Array, Indices
from arena.engine.storage import write_arrays
from arena.errors import InvalidValue


@dataclass(frozen=True, eq=False)
class Trail:
    """`done` attacks, the points x (n, d) they found, the rows still `standing`, and the digest of the view it is `of`."""

    done: int
    x: Array
    standing: Indices
    of: str

    def save(self, path: str | Path) -> None:
        """Write an .npz, moved into place when it is whole."""
        write_arrays(path, {name: np.asarray(value) for name, value in vars(self).items()})

    @classmethod
    def load(cls, path: str | Path, of: str) -> Trail:
        """Read the trail of the view with that digest; InvalidValue for anything else."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                found = cls(int(stored["done"]), stored["x"], stored["standing"], str(stored["of"]))
        except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
            raise InvalidValue(f"{path} is no trail of attacks ({error}): name another file") from error
        if found.of != of:
            raise InvalidValue(f"{path} is the trail of another network, field or ball: name another file")
        return found
