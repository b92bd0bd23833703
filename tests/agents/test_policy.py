"""A policy as a player: it keeps the rules, its weights are its name, and a file is never trusted."""

import pickle
import zipfile
from dataclasses import dataclass

import numpy as np
import pytest

from agents.attackers import PGD, PolicyAttacker
from agents.defenders import Plain
from arena import IllegalMove, InvalidValue, play, roster, tournament
from arena.conformance import attacker_checks
from arena.engine import mlp, save
from arena.learning.policies import Tanh, Uniform, read_policy, read_sb3
from arena.players import spec
from scenarios import Query, WhiteBox

PLAIN = Plain(epochs=5)


@pytest.mark.parametrize("check", list(attacker_checks(PolicyAttacker(policy=Uniform(40), steps=20))), ids=str)
def test_it_keeps_the_rules_of_attackers(check):
    check()


def policy(seed=0):
    return mlp((64 * 2 + 20 + 41, 16, 40), rng=np.random.default_rng(seed))


def test_it_sits_in_a_tournament_by_the_path_of_its_weights(tmp_path):
    save(policy(), tmp_path / "policy.npz")
    player = roster.build("attackers", f"policy(policy='{tmp_path / 'policy.npz'}', steps=10)")
    table = tournament(
        Query(budget=30, points=50),
        {"chance": PolicyAttacker(policy=Uniform(40)), "ours": player},
        {"plain": PLAIN},
        seeds=[0],
    )
    assert not any(record.forfeit for record in table.records)
    assert max(table.where(attacker="ours").records[0].query_counts) <= 11


def test_its_identity_is_its_weights_and_not_its_file(tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        save(policy(seed), tmp_path / name)
    a, b, c = (spec(PolicyAttacker(policy=str(tmp_path / name))) for name in "abc")
    assert a == b != c


def test_a_policy_that_points_one_way_is_followed():
    @dataclass(frozen=True)
    class Always:
        action: int

        def __call__(self, seen):
            return 1000.0 * np.tile(np.arange(40) == self.action, (len(seen), 1))

    (scored,) = play(Query(budget=9, points=30, access="labels"), PolicyAttacker(policy=Always(33)), PLAIN).rounds
    moved = scored.answer.x - scored.field.x
    quadrant = np.zeros((8, 8), bool)
    quadrant[:4, :4] = True
    rows = scored.clean  # the others are left alone
    assert (moved[rows][:, ~quadrant.ravel()] == 0).all()
    assert moved[rows][:, quadrant.ravel()].min() >= 0
    assert moved[rows].max() == pytest.approx(0.15, abs=1e-6)


@dataclass(frozen=True)
class UpTheGradient:
    def __call__(self, seen):
        return np.sign(seen[:, 148:212])  # the picture, the noise, scores and label, then the gradient


def test_a_policy_of_pixels_that_follows_the_gradient_it_sees_is_gradient_ascent():
    own, pgd = (
        play(WhiteBox(points=100), player, PLAIN).attacked_accuracy
        for player in (PolicyAttacker(policy=UpTheGradient(), moves="pixels", steps=20), PGD(steps=20))
    )
    assert own <= pgd + 0.06


def test_the_budget_is_kept_and_too_small_a_one_is_left_alone():
    for budget in (1, 2, 7):
        (scored,) = play(Query(budget=budget, points=30), PolicyAttacker(policy=Uniform(40)), PLAIN).rounds
        assert scored.queries.max() <= budget


@pytest.mark.parametrize(
    ("wrong", "told"), [(mlp((7, 40), rng=np.random.default_rng(0)), "cannot read"), (Uniform(3), "40 finite numbers")]
)
def test_a_policy_for_another_game_is_refused(wrong, told):
    with pytest.raises((InvalidValue, IllegalMove), match=told):
        play(Query(budget=9, points=30), PolicyAttacker(policy=wrong), PLAIN)


def test_a_file_that_holds_no_policy_is_refused(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"nothing")
    for path in ("x.npz", "missing.npz"):
        with pytest.raises(InvalidValue, match="holds no policy"):
            read_policy(tmp_path / path)
    with pytest.raises(InvalidValue, match="path of a policy"):
        PolicyAttacker(policy=3)


@pytest.mark.parametrize("broken", ["[1, 2]", "3", "[" * 100_000, "complex", "huge"])
def test_a_broken_policy_is_refused_in_a_sentence(tmp_path, broken):
    save(mlp((3, 4, 2), rng=np.random.default_rng(0)), tmp_path / "x.npz")
    with np.load(tmp_path / "x.npz") as stored:
        arrays = dict(stored)
    if broken == "complex":
        arrays["0.W"] = arrays["0.W"] * 1j
    elif broken != "huge":
        arrays["description"] = np.array(broken)
    np.savez(tmp_path / "x.npz", **arrays)
    if broken == "huge":  # a header that says 4 TB
        (tmp_path / "x.npz").unlink()
        head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }".ljust(117) + b"\n"
        with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
            archive.writestr("0.W.npy", b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head)
    with pytest.raises(InvalidValue, match="holds no policy"):
        read_policy(tmp_path / "x.npz")


class Bomb:
    def __reduce__(self):
        return (exec, ("raise SystemExit('a pickle ran')",))


def test_a_zip_whose_weights_are_a_pickle_is_refused_unread(tmp_path):
    pytest.importorskip("torch")
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("policy.pth", pickle.dumps(Bomb()))
        archive.writestr("data", pickle.dumps(Bomb()))
    with pytest.raises(InvalidValue, match="cannot be read safely"):
        read_sb3(tmp_path / "evil.zip")


def test_a_zip_of_other_things_than_named_weights_or_known_layers_is_refused(tmp_path):
    torch = pytest.importorskip("torch")

    def written(name, weights, described):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            with archive.open("policy.pth", "w") as file:
                torch.save(weights, file)
            archive.writestr("data", described)
        return tmp_path / name

    with pytest.raises(InvalidValue, match="no weights by name"):
        read_sb3(written("tensor.zip", torch.zeros(3), "{}"))
    described = """{"policy_kwargs": {"activation_fn": "<class 'torch.nn.modules.activation.ELU'>"}}"""
    with pytest.raises(InvalidValue, match="activation must be one of tanh, relu; got 'elu'"):
        read_sb3(written("elu.zip", {}, described))


@pytest.mark.parametrize("activation", ["Tanh", "ReLU"])
def test_the_weights_of_a_zip_give_the_actors_own_probabilities(tmp_path, activation):
    torch, sb3 = pytest.importorskip("torch"), pytest.importorskip("stable_baselines3")
    import gymnasium as gym

    import arena.envs  # noqa: F401  # registers the environments

    env = gym.make("arena/QueryAttacker-v0", opponent="plain(epochs=1)", networks=[0])
    agent = sb3.PPO(
        "MlpPolicy",
        env,
        n_steps=8,
        batch_size=8,
        seed=0,
        device="cpu",
        policy_kwargs={"activation_fn": getattr(torch.nn, activation)},
    )
    agent.learn(8)
    agent.save(tmp_path / "agent.zip")
    seen = np.random.default_rng(0).uniform(-1, 1, (5, env.observation_space.shape[0])).astype(np.float32)
    ours = PolicyAttacker.from_sb3(tmp_path / "agent").policy.logits(seen)  # the library, too, adds .zip
    theirs = agent.policy.get_distribution(torch.as_tensor(seen)).distribution.logits.detach().numpy()
    ours = ours - np.log(np.exp(ours).sum(axis=1, keepdims=True))
    assert np.allclose(ours, theirs, atol=1e-5)


def test_a_network_with_tanh_comes_back_from_its_file(tmp_path):
    network = mlp((3, 4, 2), rng=np.random.default_rng(0), activation=Tanh())
    save(network, tmp_path / "t.npz")
    x = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
    assert np.array_equal(read_policy(tmp_path / "t.npz").logits(x), network.logits(x))
