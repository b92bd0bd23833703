import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from arena.door.app import app
from arena.errors import InvalidValue

QUICK = [
    "--first", "plain(epochs=12,hidden=(32,)),other=plain(epochs=12,hidden=(24,))",
    "--attacker", "best-response(attacker='pgd(steps=4)')",
    "--defender", "adversarial-training(epochs=6,hidden=(32,))",
    "--fresh", "noise,pgd(steps=5)",
]  # fmt: skip


def grown(folder, turns, scenario="white-box(points=160,train=400)", players=QUICK):
    command = ["psro", scenario, *players, "--iterations", str(turns), "--out", str(folder)]
    answer = CliRunner().invoke(app, command)
    if answer.exception:
        raise answer.exception
    return answer.stdout


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("psro")
    return folder, grown(folder, 3)


def test_it_tells_the_bracket_the_mixture_and_what_fresh_attacks_take(whole):
    folder, told = whole
    assert len(json.loads((folder / "seed-0/turns.json").read_text())) == 3
    for part in ("Best bracket", 'deploy     mixture(members=["stored(path=', "own attacks", "held-out exploitability"):
        assert part in told
    assert (folder / "exploitability.png").stat().st_size > 10_000


def test_a_game_that_was_stopped_goes_on_bit_for_bit(whole, tmp_path):
    grown(tmp_path / "run", 1)
    grown(tmp_path / "run", 3)
    for name in ("turns.json", "game.npz"):
        assert (tmp_path / "run/seed-0" / name).read_bytes() == (whole[0] / "seed-0" / name).read_bytes()


def test_a_turn_torn_by_a_crash_is_played_again(whole, tmp_path):
    shutil.copytree(whole[0], tmp_path / "run")
    short = grown(tmp_path / "short", 1)
    shutil.copy(tmp_path / "short/seed-0/turns.json", tmp_path / "run/seed-0/turns.json")
    assert "Best bracket" in short
    grown(tmp_path / "run", 3)
    assert (tmp_path / "run/seed-0/turns.json").read_bytes() == (whole[0] / "seed-0/turns.json").read_bytes()


def test_the_entries_are_the_losses_of_the_stored_attacks(whole):
    from arena.batch import Batch
    from arena.engine import load
    from arena.referee import hits
    from scenarios import WhiteBox

    with np.load(whole[0] / "seed-0/game.npz", allow_pickle=False) as game:
        losses, answers = game["losses"], game["answers"]
    field = WhiteBox(points=160, train=400, rounds=2).deal.fields[0]
    for j in range(losses.shape[1]):
        model = load(whole[0] / f"seed-0/networks/{j:03}.npz")
        for i in range(losses.shape[0]):
            np.testing.assert_array_equal(losses[i, j], ~hits(model, Batch(answers[i], field.y)))


def test_another_game_in_the_folder_and_damaged_files_are_refused(whole, tmp_path):
    shutil.copytree(whole[0], tmp_path / "run")
    with pytest.raises(InvalidValue, match="another game"):
        grown(tmp_path / "run", 3, players=[*QUICK, "--radius", "0.2"])
    turns = tmp_path / "run/seed-0/turns.json"
    whole_turns = turns.read_text()
    turns.write_text(json.dumps(json.loads(whole_turns)[1:]))
    with pytest.raises(InvalidValue, match="do not fit"):
        grown(tmp_path / "run", 4)
    turns.write_text(whole_turns)
    (tmp_path / "run/seed-0/game.npz").write_bytes(b"nothing")
    with pytest.raises(InvalidValue, match="choose another --out"):
        grown(tmp_path / "run", 4)


def test_the_game_is_grown_where_networks_are_seen(tmp_path):
    with pytest.raises(InvalidValue, match="white-box"):
        grown(tmp_path, 1, scenario="transfer")


def test_the_mixture_found_is_played_by_any_command(whole):
    mixture = next(line for line in whole[1].splitlines() if line.startswith("deploy")).removeprefix("deploy").strip()
    played = CliRunner().invoke(app, ["play", "white-box(points=40)", "--attacker", "greedy", "--defender", mixture])
    assert played.exit_code == 0, played.output
    assert "attacked" in played.stdout


def test_exploit_deploys_the_equilibrium_and_attacks_it_with_players_not_in_the_table(tmp_path):
    command = [
        "exploit",
        "white-box(points=60,train=150)",
        "--attackers",
        "noise,fgsm",
        "--seeds",
        "2",
        "--workers",
        "1",
        "--out",
        str(tmp_path),
    ]
    players = ["--defenders", "plain(epochs=3,hidden=(16,)),dropout(epochs=3,hidden=(16,))"]
    told = CliRunner().invoke(app, [*command, *players, "--fresh", "pgd(steps=5)"])
    assert told.exit_code == 0, told.output
    for part in ("value", "exploitability inside the table 0 %", "own attacks", "held-out exploitability"):
        assert part in told.stdout
    reported = CliRunner().invoke(app, ["report", str(tmp_path), "--to", "markdown"])
    assert reported.exit_code == 0, reported.output
    assert "held-out exploitability" in (tmp_path / "report.md").read_text()
    again = CliRunner().invoke(app, [*command, *players, "--fresh", "fgsm"])
    assert isinstance(again.exception, InvalidValue)
