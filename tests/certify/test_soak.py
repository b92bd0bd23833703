from types import SimpleNamespace

import numpy as np

from arena.certify import soak


def test_no_attack_succeeds_inside_thousands_of_certified_balls():
    rounds = [soak.soak_round(7, number) for number in range(25)]
    assert sum(one.certified for one in rounds) > 3000
    assert sum(one.fell for one in rounds) == 0
    assert {one.method for one in rounds} == set(soak.METHODS)
    assert len({one.norm for one in rounds}) == 3


def test_the_soak_would_notice_a_certificate_that_says_yes_to_everything(monkeypatch):
    yes = lambda model, x, y, ball, method: SimpleNamespace(certified=np.ones(len(x), bool))  # noqa: E731  # stands in for a function
    monkeypatch.setattr(soak, "certify", yes)
    assert sum(soak.soak_round(7, number).fell for number in range(3)) > 0
