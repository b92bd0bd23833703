"""What may not change the outcome of an attack: threads, chunks, neighbours; and what every attack must keep to."""

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import FGSM, PGD, MomentumPGD, Noise
from arena import Ball
from arena.engine import threads
from tests.agents.judged import BALLS, answer, fooled

ATTACKERS = {
    "noise": Noise(), "fgsm": FGSM(), "pgd": PGD(steps=20), "constant": PGD(steps=20, schedule="constant"),
    "margin": PGD(steps=20, loss="margin"), "dlr": PGD(steps=20, loss="dlr"), "momentum": MomentumPGD(steps=20),
    "no start": PGD(steps=20, random_start=False), "targeted": PGD(steps=20, target=3),
    "unstopped": PGD(steps=20, stop_fooled=False), "fgsm margin": FGSM(loss="margin"), "fgsm targeted": FGSM(target=3),
}  # fmt: skip


@pytest.fixture(params=BALLS)
def view(request, look):
    return look(BALLS[request.param])


@pytest.mark.parametrize("name", ATTACKERS)
def test_every_attack_moves_and_is_legal_in_every_norm(name, look):
    for ball in (*BALLS.values(), Ball(1e-3), Ball(0.01, "l2"), Ball(3.0, "l2"), Ball(20.0, "l1"), Ball(2.0)):
        view = look(ball, 60)
        x = answer(ATTACKERS[name], view)  # judged by the referee
        assert x.dtype == np.float32
        assert (x != view.field.x).any(axis=1).mean() > 0.9


@pytest.mark.parametrize("name", ["pgd", "momentum", "unstopped", "margin"])
def test_the_number_of_threads_changes_not_a_bit(name, view, monkeypatch):
    moves = []
    for cores in (1, 2, 4):
        monkeypatch.setattr(threads, "cores", lambda cores=cores: cores)
        monkeypatch.setattr(threads.over_chunks, "__kwdefaults__", {"chunk": 64})
        with threads.one_blas_thread():
            moves.append(ATTACKERS[name].move(view, default_rng(0)).x)
    np.testing.assert_array_equal(moves[0], moves[1])
    np.testing.assert_array_equal(moves[0], moves[2])


@pytest.mark.parametrize("name", ["pgd", "momentum", "unstopped", "margin"])
def test_the_size_of_the_chunks_changes_no_success(name, view, monkeypatch):
    successes = []
    for chunk in (37, 256, 1000):
        monkeypatch.setattr(threads.over_chunks, "__kwdefaults__", {"chunk": chunk})
        successes.append(fooled(ATTACKERS[name], view))
    # a product of another height may round its last bit another way: no more than a point may notice
    assert (successes[0] != successes[1]).sum() <= 1
    assert (successes[0] != successes[2]).sum() <= 1


@pytest.mark.parametrize("name", ATTACKERS)
def test_the_same_stream_gives_the_same_move_and_the_arrays_shown_stay(name, look):
    view = look(BALLS["l2"], 100)
    before = view.field.x.tobytes(), view.field.y.tobytes()
    first, again, other = (ATTACKERS[name].move(view, default_rng(seed)).x for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    random = not name.startswith("fgsm") and name != "no start"
    assert np.array_equal(first, other) != random
    assert (view.field.x.tobytes(), view.field.y.tobytes()) == before


def test_a_row_is_attacked_alone(look):
    """FGSM and PGD from the centre draw nothing: each row's answer is the one it gets on its own."""
    view = look(BALLS["linf"], 30)
    for player in (FGSM(), PGD(steps=5, random_start=False)):
        together = player.move(view, default_rng(0)).x
        for i in (0, 11, 29):
            one = type(view)(view.field[i : i + 1], view.ball, view.model)
            np.testing.assert_allclose(player.move(one, default_rng(0)).x, together[i : i + 1], atol=1e-6)
