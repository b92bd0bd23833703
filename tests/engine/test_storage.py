from dataclasses import dataclass

import autograd.numpy as anp
import numpy as np
import pytest
from numpy.random import default_rng

from arena.engine import Dense, Dropout, Layer, ReLU, Sequential, SpectralNorm, load, mlp, save


@dataclass(frozen=True, eq=False)
class Swish(Layer):
    weights = ("beta",)
    beta: np.ndarray
    power: float = 1.0

    def forward(self, params, x, rng=None):
        return x / (1 + anp.exp(-params[0] * x)) ** self.power


class Halve(Layer):
    """A layer without state needs no dataclass."""

    def forward(self, params, x, rng=None):
        return x / 2


class Stateful(Layer):
    def __init__(self):
        self.factor = 3.0

    def forward(self, params, x, rng=None):
        return x * self.factor


X = default_rng(9).standard_normal((20, 6)).astype(np.float32)


def everything() -> Sequential:
    rng = default_rng(0)
    return Sequential((
        SpectralNorm(Dense.he(6, 8, rng), 0.5), ReLU(), Dropout(0.25, inverted=False), Dense.he(8, 7, rng),
        Swish(rng.random(7, dtype=np.float32), 0.5), Halve(), Dropout(0.1), Dense.he(7, 3, rng),
    ))  # fmt: skip


def test_a_network_comes_back_as_it_was(tmp_path):
    model = everything()
    save(model, tmp_path / "net.npz")
    back = load(tmp_path / "net.npz", layers={"Swish": Swish, "Halve": Halve})
    assert [type(layer) for layer in back.layers] == [type(layer) for layer in model.layers]
    assert back.layers[0].kappa == 0.5
    np.testing.assert_array_equal(back.layers[0].u, model.layers[0].u)
    assert (back.layers[2].rate, back.layers[2].inverted, back.layers[6].inverted) == (0.25, False, True)
    assert back.layers[4].power == 0.5
    np.testing.assert_array_equal(back.logits(X), model.logits(X))
    for own, other in zip(back.params, model.params, strict=True):
        for p, q in zip(own, other, strict=True):
            assert p.dtype == q.dtype
            assert p.tobytes() == q.tobytes()


def test_a_float64_network_stays_float64(tmp_path):
    model = Sequential((Dense.of(np.eye(3)),))
    save(model, tmp_path / "net.npz")
    assert load(tmp_path / "net.npz").dtype == np.float64


def test_a_parameter_given_as_a_numpy_number_is_saved_as_a_number(tmp_path):
    save(mlp((6, 4, 3), rng=default_rng(0), kappa=np.float32(2.0)), tmp_path / "net.npz")
    assert load(tmp_path / "net.npz").layers[0].kappa == 2.0


def test_an_unknown_layer_is_named_with_the_way_out(tmp_path):
    save(everything(), tmp_path / "net.npz")
    with pytest.raises(ValueError, match=r"unknown layer 'Swish': pass load\(path, layers=\{'Swish': its class\}\)"):
        load(tmp_path / "net.npz")


def test_a_layer_with_hidden_state_is_not_saved_and_leaves_no_file(tmp_path):
    with pytest.raises(
        ValueError, match="Stateful keeps state outside of dataclass fields: make it a frozen dataclass"
    ):
        save(Sequential((Dense.he(6, 3, default_rng(0)), Stateful())), tmp_path / "net.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_keeps_the_old_file_and_leaves_no_other(tmp_path):
    save(everything(), tmp_path / "net.npz")
    before = (tmp_path / "net.npz").read_bytes()
    unsaveable = Sequential((Dense.he(6, 3, default_rng(0)), Swish(np.ones(3), power=1j)))
    with pytest.raises(TypeError):
        save(unsaveable, tmp_path / "net.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["net.npz"]
    assert (tmp_path / "net.npz").read_bytes() == before


def test_a_pickled_object_is_refused_and_never_loaded(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("the file was unpickled",))

    np.savez(tmp_path / "bomb.npz", description=np.array([Bomb()], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load(tmp_path / "bomb.npz")
    description = '[{"layer": "Dense", "W": {"array": "W"}, "b": {"array": "W"}}]'
    np.savez(tmp_path / "bomb.npz", description=np.array(description), W=np.array([Bomb()], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load(tmp_path / "bomb.npz")


def broken_files(folder):
    np.savez(folder / "other.npz", x=np.ones(3))
    np.savez(folder / "no json.npz", description=np.array("layers: many"))
    np.savez(folder / "no arrays.npz", description=np.array('[{"layer": "Dense", "W": {"array": "0.W"}, "b": 1}]'))
    np.savez(folder / "wrong fields.npz", description=np.array('[{"layer": "ReLU", "slope": 0.1}]'))
    np.savez(folder / "no layers.npz", description=np.array("[]"))
    (folder / "empty.npz").write_bytes(b"")
    save(everything(), folder / "whole.npz")
    (folder / "torn.npz").write_bytes((folder / "whole.npz").read_bytes()[:300])
    (folder / "whole.npz").unlink()
    with (folder / "plain array.npz").open("wb") as file:
        np.save(file, np.ones(3))
    return sorted(folder.iterdir())


def test_a_file_that_is_no_network_is_a_value_error(tmp_path):
    files = broken_files(tmp_path)
    assert len(files) == 8
    for path in files:
        with pytest.raises(ValueError, match=r"is not a network saved by this engine|at least one layer"):
            load(path)
