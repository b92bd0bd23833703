"""The variance of a mean over seeds × points, both of them samples, and how well it is known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def variances(parts: Array, by_seed: Array) -> tuple[float, float]:
    """Variances of a mean: by the points, from parts of shape (seeds, points), and by the seeds, from (seeds,)."""
    seeds, points = parts.shape
    by_point = _squares(np.add.reduce(parts) / seeds) / points**2
    return by_point, _squares(by_seed) / (seeds * (seeds - 1)) if seeds > 1 else 0.0


def _squares(values: Array) -> float:
    """The sum of squared deviations from the mean, in fewer calls than NumPy's: a table asks ten thousand times."""
    apart = values - np.add.reduce(values) / len(values)
    return float(apart.dot(apart))


def satterthwaite(variances: tuple[float, float], freedoms: tuple[float, float]) -> float:
    """Degrees of freedom of a sum of two estimated variances; those of the first where both are zero."""
    first, second = (max(freedom, 1) for freedom in freedoms)
    total = sum(variances)
    if total == 0:
        return first
    return 1 / ((variances[0] / total) ** 2 / first + (variances[1] / total) ** 2 / second)
