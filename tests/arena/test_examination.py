import numpy as np
import pytest
from numpy.random import default_rng

from arena import Ball, Batch, Deployment, GradientView, IllegalMove
from arena.engine import Average, Dense, RandomisedEnsemble, Sequential, mlp
from arena.referee import Referee, fingerprint, hits

CENTER = Batch(0.3 + 0.4 * default_rng(0).random((6, 8), dtype=np.float32), np.arange(6) % 3)


class Broken:
    features, classes = 8, 3

    def __init__(self, answer):
        self.answer = answer

    def logits(self, x):
        return self.answer(x)


def in_place(x):
    x -= 0.25
    return x[:, :3]


@pytest.mark.parametrize(
    ("move", "message"),
    [
        (None, "a defender answers with a Deployment; got NoneType"),
        (mlp((8, 3), rng=default_rng(0)), "a defender answers with a Deployment; got Sequential"),
        (Deployment(mlp((7, 3), rng=default_rng(0))), "cannot read rows of 8 features: x must be rows of shape"),
        (Deployment(mlp((8, 4), rng=default_rng(0))), r"must give 3 finite logits a row; got \(2, 4\)"),
        (Deployment(Broken(lambda x: np.full((len(x), 3), np.nan))), "must give 3 finite logits a row"),
        (Deployment(Broken(lambda x: np.full((len(x), 3), "1"))), r"must give|cannot read"),
        (Deployment(Broken(in_place)), "writes into the rows it reads"),
        (Deployment(Broken(lambda x: np.ones(3))), r"must give 3 finite logits a row; got \(3,\)"),
        (Deployment(object()), "cannot read rows of 8 features: 'object' object has no attribute 'logits'"),
    ],
    ids=["nothing", "bare", "narrow", "wide", "nan", "text", "in place", "flat", "object"],
)
def test_a_deployment_that_cannot_play_is_refused(move, message):
    with pytest.raises(IllegalMove, match=message):
        Referee(Ball(0.1)).examine(move, 8, 3)


class Sloped(Broken):
    def __init__(self, slope):
        super().__init__(lambda x: x[:, :3])
        self.vjp = lambda x: (x[:, :3], lambda g: slope(x, g))


def writing(x, g):
    x += 1
    return x


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Broken(lambda x: x[:, :3]), "has a vjp: AttributeError"),
        (Sloped(lambda x, g: 1 / 0), "has a vjp: ZeroDivisionError"),
        (Sloped(lambda x, g: g), r"must give floats of shape \(2, 8\), dL/dx; got \(2, 3\), float32"),
        (Sloped(lambda x, g: np.ones(x.shape, int)), r"must give floats of shape .* got \(2, 8\), int64"),
        (Sloped(lambda x, g: None), r"must give floats of shape .* got \(\), object"),
        (Sloped(writing), "writes into the rows it reads"),
    ],
    ids=["none", "raising", "of the logits", "whole", "nothing", "in place"],
)
def test_a_model_without_gradients_cannot_be_shown(model, message):
    referee = Referee(Ball(0.1))
    referee.examine(Deployment(model), 8, 3)
    with pytest.raises(IllegalMove, match=message):
        referee.shown(model, MANY)


LINEAR = Sequential((Dense.of(default_rng(5).standard_normal((8, 3)).astype(np.float32)),))
MANY = default_rng(6).random((60, 8), dtype=np.float32)


class Liar:
    """Honest where `honest` says so: of how often it was asked, the rows, and the rows' number; else it permutes its logits."""

    features, classes = 8, 3

    def __init__(self, honest):
        self.honest, self.asked = honest, 0

    def logits(self, x):
        self.asked += 1
        z = LINEAR.logits(x)
        return z if self.honest(self.asked, len(x)) else z[:, ::-1]

    def vjp(self, x):
        return self.logits(x), LINEAR.vjp(x)[1]


def scaled(power):
    return Sequential((Dense.of(LINEAR.layers[0].W * np.float32(10.0**power)),))


def asked_again(model, shown=None, x=MANY):
    Referee(Ball(0.1)).ask_again(model, model if shown is None else shown, Batch(x, np.zeros(len(x), int)))


@pytest.mark.parametrize(
    "honest",
    [
        lambda asked, n: asked <= 2,
        lambda asked, n: asked % 2 == 1,
        lambda asked, n: n == len(MANY),
        lambda asked, n: n >= 20 or n < 3,
    ],
    ids=["until it tires", "every other time", "about all rows alone", "unless few are asked about"],
)
def test_a_model_that_answers_by_more_than_the_row_is_refused(honest):
    with pytest.raises(IllegalMove, match="answered otherwise when it was asked again"):
        asked_again(Liar(honest))


def test_a_model_whose_vjp_brings_other_logits_is_refused():
    model = Liar(lambda asked, n: True)
    model.vjp = lambda x: (-LINEAR.logits(x), LINEAR.vjp(x)[1])
    with pytest.raises(IllegalMove, match="answered otherwise"):
        asked_again(model)


def test_the_attackers_own_copy_is_asked():
    with pytest.raises(IllegalMove, match="answered otherwise"):
        asked_again(LINEAR, Sequential((Dense.of(-LINEAR.layers[0].W),)))
    cheat = RandomisedEnsemble((LINEAR, LINEAR), (0.5, 0.5))
    with pytest.raises(IllegalMove, match="answered otherwise"):
        asked_again(cheat, RandomisedEnsemble((LINEAR, scaled(1)), (0.5, 0.5)))


def far_off(x):
    z = LINEAR.logits(x)
    z[:, 2] -= 1e9
    return z


@pytest.mark.parametrize("honest", [lambda x: LINEAR.logits(x) + 1e5, far_off], ids=["all of them", "one of them"])
def test_a_lie_does_not_hide_beside_large_logits(honest):
    liar = Broken(lambda x: honest(x) if len(x) == len(MANY) else honest(x)[:, [1, 0, 2]])
    with pytest.raises(IllegalMove, match="answered otherwise"):
        asked_again(liar)


@pytest.mark.parametrize("power", [-30, -3, 0, 3, 30])
def test_an_honest_model_may_have_logits_of_any_size(power):
    asked_again(scaled(power))
    asked_again(mlp((8, 300, 300, 3), rng=default_rng(0)), x=default_rng(0).random((500, 8), dtype=np.float32))


def test_an_honest_model_may_have_one_logit_or_some_that_are_not_finite():
    asked_again(Sequential((Dense.of(LINEAR.layers[0].W[:, :1]),)))
    for lost in (lambda x: x[:, 0] > 0.5, lambda x: x[:, 0] >= 0):
        for what in (np.nan, np.inf):
            asked_again(Broken(lambda x, lost=lost, what=what: np.where(lost(x)[:, None], what, LINEAR.logits(x))))


def test_the_arrays_of_a_deployed_model_are_locked_whoever_built_it():
    members = [Sequential((Dense.of(default_rng(seed).random((8, 3))),)) for seed in range(2)]
    for model in (members[0], Average(tuple(members))):
        Referee(Ball(0.1)).examine(Deployment(model), 8, 3)
    for member in members:
        with pytest.raises(ValueError, match="read-only"):
            member.layers[0].W[0, 0] = 1


def test_logits_that_are_not_finite_count_as_wrong():
    model = Broken(lambda x: np.where(np.arange(len(x))[:, None] == 0, np.nan, np.eye(3)[np.arange(len(x)) % 3]))
    np.testing.assert_array_equal(hits(model, CENTER), [False, True, True, True, True, True])


def test_a_round_counts_hits_before_and_after():
    model = Sequential((Dense.of(np.eye(8)[:, :3]),))
    clean = Batch(np.eye(8, dtype=np.float32)[:6], np.array([0, 1, 2, 0, 0, 1]))
    attacked = Batch(np.eye(8, dtype=np.float32)[[1, 1, 2, 3, 4, 5]], clean.y)
    scored = Referee(Ball(1.0)).score(model, clean, attacked)
    np.testing.assert_array_equal(scored.clean, [True, True, True, True, True, False])
    np.testing.assert_array_equal(scored.attacked, [False, True, True, True, True, False])
    assert (scored.clean_accuracy, scored.attacked_accuracy) == (5 / 6, 4 / 6)


def test_the_fingerprint_sees_every_array_of_a_view():
    view = GradientView(CENTER, Ball(0.1), mlp((8, 5, 3), rng=default_rng(0)))
    before = fingerprint(view)
    arrays = [view.field.x, view.field.y, *(p for layer in view.model.params for p in layer)]
    assert len(arrays) == 6
    for array in arrays:
        array.flags.writeable = True
        kept = array.flat[0]
        array.flat[0] += 1
        assert fingerprint(view) != before
        array.flat[0] = kept
    assert fingerprint(view) == before


def test_what_is_shown_is_a_copy_that_cannot_be_written():
    view = GradientView(Referee(Ball(0.1)).copy(CENTER), Ball(0.1), mlp((8, 3), rng=default_rng(0)))
    assert not np.shares_memory(view.field.x, CENTER.x)
    with pytest.raises(ValueError, match="read-only"):
        view.field.x[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        view.field.y[0] = 1
