from numpy.random import default_rng

from arena.certify import soak


def test_no_attack_succeeds_inside_thousands_of_certified_balls():
    rounds = [soak.round_of(default_rng([7, i])) for i in range(30)]
    assert sum(certified for certified, _ in rounds) > 3000
    assert sum(broken for _, broken in rounds) == 0


def test_the_soak_would_notice(monkeypatch):
    """A planted certificate that says yes to everything."""
    from types import SimpleNamespace

    import numpy as np

    monkeypatch.setattr(
        soak, "certify", lambda model, x, y, ball, method: SimpleNamespace(certified=np.ones(len(x), bool))
    )
    assert sum(soak.round_of(default_rng([7, i]))[1] for i in range(5)) > 0
