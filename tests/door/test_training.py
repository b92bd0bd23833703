"""`python -m arena train`: what it leaves behind can be seated, and wrong words are refused with the way out."""

import sys

import pytest

from arena.door.app import main

QUICK = ["--questions", "3000", "--opponent", "plain(epochs=2)", "--scenario", "query(budget=11, points=40)"]


@pytest.fixture
def door(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["arena", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code or 0, printed.out, printed.err

    return run


@pytest.mark.parametrize(
    ("seat", "extra", "search", "moves"),
    [
        ("query-attacker", [], "square", ""),
        ("query-attacker", ["--scenario", "query(access='labels', budget=11, points=40)"], "hopskipjump", ""),
        ("evasion-attacker", [], "square", ", moves='pixels'"),
    ],
)
def test_a_training_leaves_a_policy_that_can_be_seated(door, tmp_path, seat, extra, search, moves):
    code, out, _ = door("train", seat, *QUICK, *extra, "--out", "here")
    assert code == 0
    for word in ("random search", search, "reinforce"):
        assert word in out
    files = {path.name for path in (tmp_path / "here").iterdir()}
    assert files == {"policy.npz", "learning.png", "curve.csv", "table.txt", "records.csv"}
    assert (tmp_path / "here" / "learning.png").read_bytes().startswith(b"\x89PNG")
    player = out.splitlines()[-1].split('"')[1]
    assert player == f"policy(policy='here/policy.npz'{moves})"
    game = extra[1] if extra else "query(budget=11, points=40)"
    code, out, _ = door("play", game, "--attacker", player, "--defender", "plain(epochs=2)")
    assert code == 0
    assert "attacked" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nobody"], "train knows the seats query-attacker and evasion-attacker; got 'nobody'"),
        (["defender"], "gymnasium.make('arena/Defender-v0')"),
        (["--scenario", "white-box"], "a scenario that counts them"),
        (["--out", "taken"], "choose another with --out"),
        (["--algorithm", "magic"], "algorithm must be one of reinforce, ppo"),
        (["--opponent", "no/such/run"], "does not exist"),
        (["--scenario", "transfer"], "answers questions"),
    ],
)
def test_wrong_words_are_refused(door, tmp_path, words, told):
    (tmp_path / "taken").touch()
    code, _, complaint = door("train", *words)
    assert code == 2
    assert told in complaint


def test_another_training_gets_another_folder(door, tmp_path):
    for opponent in ("plain(epochs=1)", "plain(epochs=2)"):
        assert door("train", *QUICK, "--opponent", opponent)[0] == 0
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_ppo_without_its_extra_says_what_to_install(door):
    try:
        import stable_baselines3  # noqa: F401  # whether it is there is the question
    except ImportError:
        code, _, complaint = door("train", *QUICK, "--algorithm", "ppo")
        assert code == 2
        assert "pip install '.[rl]'" in complaint
    else:
        for seat in ("query-attacker", "evasion-attacker"):
            assert door("train", seat, *QUICK, "--algorithm", "ppo", "--out", "here")[0] == 0
