import numpy as np
import pytest

from agents.attackers import FGSM, PGD, Noise, Portfolio, SubstituteTraining
from agents.defenders import Plain
from arena import Mismatch, play
from arena.match import open_match
from arena.players import needs
from arena.views import GradientView, LabelView
from scenarios import Query, WhiteBox

WHITE = WhiteBox()


@pytest.fixture(scope="module")
def opening():
    return open_match(WHITE, Plain())


def test_it_needs_what_its_most_demanding_member_needs():
    assert needs(Portfolio(attackers=(Noise(), PGD()))) is GradientView
    assert needs(Portfolio(attackers=(Noise(), SubstituteTraining()))) is LabelView
    with pytest.raises(Mismatch, match="Portfolio needs a GradientView"):
        play(Query(), Portfolio(), Plain(epochs=1))


def test_it_fools_whatever_a_member_fools_and_more(opening):
    members = (FGSM(), PGD(steps=10), PGD(steps=10, loss="dlr"))
    together = play(WHITE, Portfolio(attackers=members), Plain(), opening=opening).rounds[0].attacked
    alone = [play(WHITE, member, Plain(), opening=opening).rounds[0].attacked for member in members]
    assert not (together & ~alone[0]).any()
    assert together.mean() <= min(a.mean() for a in alone) + 0.004


def test_later_members_see_only_what_stands():
    seen = []

    class Watcher:
        def __repr__(self):
            return "Watcher()"

        def move(self, view: GradientView, rng):
            seen.append(len(view.field))
            return FGSM().move(view, rng)

    played = play(WHITE, Portfolio(attackers=(FGSM(), Watcher())), Plain())
    first = play(WHITE, FGSM(), Plain())
    assert seen == [int(first.rounds[0].attacked.sum())]
    np.testing.assert_array_equal(played.rounds[0].attacked, first.rounds[0].attacked)


def test_easy_examples_cost_the_fewest_queries():
    scenario = Query(access="labels", budget=30)
    portfolio = Portfolio(
        attackers=("noise", "noise", "substitute-training(surrogates=['plain(epochs=10)'], rounds=1)")
    )
    outcome = play(scenario, portfolio, Plain()).rounds[0]
    assert set(outcome.queries[~outcome.clean]) == {1}
    assert outcome.queries[outcome.clean & outcome.attacked].min() == 1 + 1 + 1 + 2 + 1


def test_members_can_be_named_and_an_empty_portfolio_is_refused():
    assert Portfolio(attackers=["fgsm", "pgd(steps=3)"]) == Portfolio(attackers=(FGSM(), PGD(steps=3)))
    with pytest.raises(ValueError, match="must name at least one"):
        Portfolio(attackers=())
