"""The poisoner's, the defender's and the repeated game's seats, each against the same thing done by hand."""

import gymnasium as gym
import numpy as np
import pytest

import arena.envs  # noqa: F401  # registers the environments
from arena import InvalidValue, Poison, play
from arena.envs.hosts import rules
from arena.envs.opponents import Mixture
from results import Record, ResultsTable, solve

RPS = [[0.5, 0.0, 1.0], [1.0, 0.5, 0.0], [0.0, 1.0, 0.5]]


class Stored:
    """A poisoner that puts down what it was made with."""

    def __init__(self, rows, y):
        self._rows, self._y = rows, y

    def move(self, view, rng):
        return Poison(self._rows, y=self._y)

    def __repr__(self):
        return "Stored()"


def test_the_poisoners_damage_is_that_of_the_same_poison_in_a_match():
    env = gym.make("arena/Poisoner-v0", opponent="plain(epochs=4)", steps=3).unwrapped
    env.reset(seed=0)
    env.action_space.seed(0)
    over, rewards = False, []
    while not over:
        _, reward, over, _, info = env.step(env.action_space.sample())
        rewards.append(reward)
    rows = np.flatnonzero(env._touched)
    assert 0 < info["rows"] == len(rows) <= info["limit"]
    (scored,) = play(rules("poisoning", "digits"), Stored(rows, env._labels[rows]), env._defender, seed=0).rounds
    assert rewards[:-1] == [0, 0]
    assert rewards[-1] == scored.clean_accuracy - scored.attacked_accuracy


def test_the_poisoner_touches_no_row_twice_and_stays_within_its_allowance():
    env = gym.make("arena/Poisoner-v0", opponent="plain(epochs=1)", steps=6).unwrapped
    env.reset(seed=0)
    for _ in range(6):
        *_, info = env.step(0)  # always the same class, which runs out of rows
    y = env._view.train.y
    assert info["rows"] == min((y == 0).sum(), info["limit"])


def test_the_defenders_rewards_are_the_rounds_that_the_referee_scored():
    options = {"scenario": "white-box(rounds=3, points=90, train=300)", "epochs": 1, "cost": 0.5}
    env = gym.make("arena/Defender-v0", opponent="fgsm", **options).unwrapped
    env.reset(seed=0)
    action = np.array([0, 0, -1, -1, 1], np.float32)  # 5 of 10 attack steps
    steps = [env.step(action) for _ in range(3)]
    scored = [r.attacked_accuracy for r in env._rounds.sitting.rounds]
    assert [info["attacked_accuracy"] for *_, info in steps] == scored
    assert [reward for _, reward, *_ in steps] == pytest.approx([a - 0.5 * 0.5 for a in scored])
    assert [over for _, _, over, *_ in steps] == [False, False, True]


def test_training_on_attacks_serves_the_defender_better_than_plain_training():
    options = {"scenario": "white-box(rounds=3)", "epochs": 8, "cost": 0.0, "opponent": "pgd(steps=10)"}
    last = {}
    for name, steps in (("plain", -1.0), ("hardened", 0.0)):
        env = gym.make("arena/Defender-v0", **options).unwrapped
        env.reset(seed=0)
        for _ in range(3):
            _, last[name], *_ = env.step(np.array([0.33, steps, -1, -1, 1], np.float32))
    assert last["hardened"] > last["plain"] + 0.1


@pytest.mark.parametrize("side", ["attacker", "defender"])
def test_the_repeated_game_pays_what_the_table_says(side):
    env = gym.make("arena/MetaGame-v0", table=RPS, side=side, opponent="uniform", rounds=50).unwrapped
    env.reset(seed=0)
    for t in range(50):
        action = t % 3
        _, reward, terminated, truncated, info = env.step(action)
        paid = RPS[action][info["answer"]] if side == "attacker" else -RPS[info["answer"]][action]
        assert reward == paid
        assert (terminated, truncated) == (False, t == 49)


def test_one_who_answers_the_past_beats_a_pure_strategy_and_an_equilibrium_is_never_beaten():
    env = gym.make("arena/MetaGame-v0", table=RPS, opponent="best-response", rounds=30).unwrapped
    env.reset(seed=0)
    assert [env.step(0)[1] for _ in range(30)][1:] == [0.0] * 29
    many = gym.make_vec("arena/MetaGame-v0", num_envs=400, table=RPS, rounds=100)
    many.reset(seed=0)
    means = [np.mean([many.step(np.full(400, k))[1].mean() for _ in range(90)]) for k in range(1)]
    assert means == pytest.approx([0.5], abs=0.01)


def test_many_tables_play_as_one_does():
    one = gym.make("arena/MetaGame-v0", table=RPS, opponent=[0.2, 0.3, 0.5], rounds=5).unwrapped
    many = gym.make_vec("arena/MetaGame-v0", num_envs=1, table=RPS, opponent=[0.2, 0.3, 0.5], rounds=5)
    assert np.array_equal(one.reset(seed=3)[0], many.reset(seed=3)[0][0])
    for t in range(5):
        alone, (obs, reward, _, truncated, _) = one.step(t % 3), many.step(np.array([t % 3]))
        assert np.array_equal(alone[0], obs[0])
        assert (alone[1], alone[3]) == (reward[0], truncated[0])
    obs, reward, *_ = many.step(np.array([0]))
    assert np.array_equal(obs[0], one.reset()[0])
    assert reward[0] == 0


@pytest.fixture
def run(tmp_path):
    """A stored run of matching pennies between specs, whose equilibrium is half and half."""
    right, wrong = np.ones(10, bool), np.zeros(10, bool)
    records = [
        Record.of(scenario="w", attacker=a, defender=d, seed=0, clean=right, attacked=wrong if i == j else right)
        for i, a in enumerate(("fgsm", "noise"))
        for j, d in enumerate(("plain", "dropout"))
    ]
    ResultsTable(tuple(records)).to_csv(tmp_path / "records.csv")
    return tmp_path / "records.csv"


def test_the_path_of_a_run_is_its_equilibrium(run):
    mixture = Mixture.of("defenders", str(run))
    assert mixture.names == ("plain", "dropout")
    assert mixture.p == pytest.approx((0.5, 0.5))
    env = gym.make("arena/MetaGame-v0", table=str(run)).unwrapped
    assert np.array_equal(env.game.gains, [[1, 0], [0, 1]])
    assert env.game.mixture == pytest.approx(solve([[1, 0], [0, 1]]).defender)


def test_labels_that_are_no_specs_are_refused_with_the_way_out(run):
    run.write_text(run.read_text().replace("dropout", "my best"))
    with pytest.raises(InvalidValue, match="'my best', which is a label and no spec"):
        Mixture.of("defenders", str(run))


def test_the_folder_of_a_tournament_is_an_opponent_and_a_table(tmp_path, monkeypatch):
    from arena.door.app import main

    words = [
        "tournament",
        "white-box(points=60)",
        "--attackers",
        "noise,fgsm",
        "--defenders",
        "plain(epochs=2),dropout(epochs=2)",
    ]
    monkeypatch.setattr("sys.argv", ["arena", *words, "--seeds", "1", "--workers", "1", "--out", str(tmp_path / "run")])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert set(Mixture.of("defenders", "run").names) <= {"plain(epochs=2)", "dropout(epochs=2)"}
    assert gym.make("arena/MetaGame-v0", table="run").unwrapped.game.gains.shape == (2, 2)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"table": [[0.0, float("nan")]]}, "finite"),
        ({"opponent": [0.5, 0.6]}, "sum to 1"),
        ({"opponent": "nobody"}, "opponent"),
        ({"side": "referee"}, "side"),
        ({"table": "no/such/run"}, "does not exist"),
    ],
)
def test_a_wrong_table_is_refused(options, told):
    with pytest.raises(InvalidValue, match=told):
        gym.make("arena/MetaGame-v0", **options)
