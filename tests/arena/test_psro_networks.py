import numpy as np

from agents.attackers import PGD, BestResponse
from agents.defenders import AdversarialTraining, Plain
from arena import Ball, evaluate
from arena.psro.networks import Networks
from scenarios import WhiteBox


def test_a_defence_answers_the_known_attacks_and_stands_when_it_is_attacked_itself():
    game = Networks(
        WhiteBox(points=160, train=800, ball=Ball(0.1)),
        attacker=BestResponse(attacker=PGD(steps=4)),
        defender=AdversarialTraining(epochs=20, hidden=(32,)),
        sparring=PGD(steps=5, stop_fooled=False),
        seed=0,
    )
    lost_by_plain = game.start({"plain": Plain(epochs=10, hidden=(32,))}).mean()
    assert game.defend(np.ones(1), 0).mean() < lost_by_plain / 2
    field, judge = game.points, PGD(steps=20)
    plain, grown = (evaluate(m, field.x, field.y, judge, Ball(0.1)).attacked_accuracy for m in game.models)
    assert grown > plain + 0.1
