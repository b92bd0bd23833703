import numpy as np
import pytest

from agents.attackers import Strongest
from arena import Ball
from arena import bracket as module
from arena.bracket import Unsound, bracket
from arena.certify import ExactVerifier


def test_the_bracket_is_in_order_and_says_so(digits, net):
    test = digits[1][:40]
    found = bracket(net, test.x, test.y, Strongest(), Ball(0.03), exact=ExactVerifier(seconds=10))
    shares = [max(m.mean() for m in found.certified.values()), *found.verdicts.bracket]
    assert shares == sorted(shares)
    assert shares[1] <= found.judged.attacked_accuracy <= found.judged.clean_accuracy
    assert "attacked" in str(found)


def test_a_contradiction_stops_the_run(digits, net, monkeypatch):
    test = digits[1][:60]

    class Yes:
        certified = np.ones(60, bool)

    monkeypatch.setattr(module, "certify", lambda *given, **options: Yes)
    with pytest.raises(Unsound, match="proves row"):
        bracket(net, test.x, test.y, Strongest(), Ball(0.1))
