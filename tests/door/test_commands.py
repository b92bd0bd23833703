import numpy as np
import pytest

from results import Store

SMALL = ["--attackers", "noise,pgd(steps=5)", "--defenders", "plain(epochs=3),dropout(epochs=3)", "--seeds", "2"]


def test_a_tournament_prints_its_table_and_leaves_a_run_folder(door, tmp_path):
    code, out, _ = door("tournament", *SMALL, "--out", "here", "--workers", "1")
    assert code == 0
    for word in ("clean", "noise", "pgd(steps=5)", "worst case", "max-min", "min-max", "equilibrium"):
        assert word in out
    names = {path.name for path in (tmp_path / "here").iterdir()}
    assert names == {
        "run.sqlite", "writer.lock", "log.jsonl", "networks", "examples", "table.txt", "heat_map.png", "example.png",
        "about.json", "findings.json",
    }  # fmt: skip
    with Store.open(tmp_path / "here") as store:
        assert len(store.table()) == 2 * 2 * 2
        assert store.plans()[0].about["seeds"] == [0, 1]
    assert (tmp_path / "here" / "heat_map.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("scenario", "attacker", "probed"),
    [("transfer(points=50)", "noise", True), ("tampering(points=50)", "weight-noise", False),
     ("disturbance(points=50)", "dusk", False)],
)  # fmt: skip
def test_only_attacks_within_a_ball_are_probed_for_hidden_gradients(door, tmp_path, scenario, attacker, probed):
    code, out, err = door(
        "tournament", scenario, "--attackers", attacker, "--defenders", "plain(epochs=2)", "--seeds", "1",
        "--out", "here", "--workers", "1",
    )  # fmt: skip
    assert code == 0
    assert ("probing" in err, "flag" in out, (tmp_path / "here" / "findings.json").exists()) == (probed,) * 3


def test_a_regression_is_played_told_and_reported_like_any_game(door, tmp_path):
    game = "downwash(points=60, train=300)"
    code, out, err = door(
        "tournament", game, "--defenders", "constant-regression,regression(epochs=2)", "--seeds", "1", "--out", "here",
        "--workers", "1", "--radius", "0.02", "--norm", "linf",
    )  # fmt: skip
    assert code == 0
    assert "60 to be foretold within 0.1 of the weight" in err and "linf ball of radius 0.02" in err
    for word in ("state-ascent", "worst case", "equilibrium", "downwash: absolute error, mean (largest)"):
        assert word in out
    assert not (tmp_path / "here" / "findings.json").exists() and "certified" not in out
    assert door("table", "here")[0] == 0
    assert door("report", "here", "--to", "markdown")[0] == 0
    assert "absolute error, mean (largest)" in (tmp_path / "here" / "report.md").read_text()
    code, out, _ = door("play", game, "--attacker", "state-ascent", "--defender", "constant-regression")
    assert code == 0 and "mean error attacked" in out
    assert "has none: choose white-box" in door("certify", "here")[2]
    for command in (("tournament", game), ("play", game, "--attacker", "noise")):
        code, _, err = door(*command, "--data", "digits")
        assert code == 2 and "makes its own data and reads no other: leave out --data digits" in err


def test_tampering_is_told_turn_by_turn(door):
    code, out, _ = door("play", "tampering(points=50)", "--attacker", "weight-noise", "--defender", "plain(epochs=1)")
    assert code == 0 and "attacker  tampers with the weights" in out


def test_the_stored_table_can_be_printed_again(door):
    door("tournament", *SMALL, "--out", "here", "--workers", "1")
    code, out, _ = door("table", "here")
    assert code == 0
    assert "noise" in out
    assert "equilibrium" in out


def test_a_run_is_told_in_one_file(door, tmp_path):
    door("tournament", *SMALL, "--out", "here", "--workers", "1")
    (tmp_path / "here" / "psro.txt").write_text("grown by <best> responses")
    code, out, _ = door("report", "here")
    page = (tmp_path / "here" / "report.html").read_text()
    assert code == 0 and "written to here/report.html" in out
    for word in (
        "pgd(steps=5)",
        "equilibrium",
        "data:image/png;base64,",
        "linf ball of radius 0.15",
        "tournament --attackers",
        "Checked:",
        "&lt;best&gt;",
        ">certified<",
    ):
        assert word in page
    assert door("report", "here", "--to", "markdown", "--output", "told.md")[0] == 0
    assert "](<here/example.png>)" in (tmp_path / "told.md").read_text()
    assert door("report", "here", "--to", "latex")[0] == 0
    assert (tmp_path / "here" / "report.tex").read_text().startswith("\\documentclass")
    code, _, err = door("report", "nowhere")
    assert code == 2 and "give a run folder" in err
    damaged = {"about.json": ">certified<", "findings.json": "Checked:", "psro.txt": "&lt;best&gt;"}
    for name in damaged:
        (tmp_path / "here" / name).write_bytes(b'{"flags": \xff')
    code, _, err = door("report", "here")
    assert code == 0 and all(f"here/{name} cannot be read" in err for name in damaged)
    page = (tmp_path / "here" / "report.html").read_text()
    assert "worst case" in page and not any(told in page for told in damaged.values())


def test_the_default_run_folder_is_named_by_its_rules(door, tmp_path):
    door("tournament", *SMALL, "--workers", "1")
    door("tournament", *SMALL, "--workers", "1", "--radius", "0.1")
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_play_narrates_every_turn(door):
    code, out, _ = door("play", "white-box(rounds=2)", "--attacker", "pgd(steps=5)", "--defender", "plain(epochs=3)")
    assert code == 0
    assert out.count("defender  trains on") == 2
    assert out.count("attacker  moves") == 2
    assert "250 attacked ones it has faced" in out
    assert "round 1: clean" in out


def test_list_shows_everybody_with_parameters(door):
    code, out, _ = door("list")
    assert code == 0
    for word in (
        "noise",
        "momentum-pgd",
        "adversarial-training",
        "white-box",
        "digits",
        "mnist",
        "steps=40",
        "kappa=2.0",
    ):
        assert word in out
    assert "expectation-over-transformation Any" in out  # the longest name, and still apart from what is said of it


def test_the_users_own_data_is_played(door, tmp_path):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 120)
    np.savez(tmp_path / "own.npz", x=(60 * y[:, None] + rng.integers(0, 40, (120, 9))).astype(np.uint8), y=y)
    code, out, err = door("tournament", *SMALL, "--data", "own.npz", "--workers", "1", "--out", "here")
    assert code == 0
    assert "divided by 255" in err
    assert "clean" in out


def stored(tmp_path, **arrays):
    np.savez(tmp_path / "bad.npz", **arrays)
    return ["tournament", "--data", "bad.npz"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tournament", "--attackers", "pdg"], "did you mean 'pgd'"),
        (["tournament", "--defenders", "plane"], "did you mean 'plain'"),
        (["tournament", "whitebox"], "did you mean 'white-box'"),
        (["tournament", "--attackers", "pgd(stepss=3)"], "did you mean 'steps'"),
        (["tournament", "--attackers", "pgd(steps=0)"], "steps must be a whole number of at least 1; got 0"),
        (["tournament", "--attackers", "pgd(steps=__import__('os'))"], "plain literals"),
        (["tournament", "--defenders", "dropout(rate=1.0)"], "rate must be a share in [0, 1); got 1.0"),
        (["tournament", "--radius", "0"], "radius must be a finite number above 0; got 0"),
        (["tournament", "--radius", "nan"], "radius must be a finite number above 0; got nan"),
        (["tournament", "--norm", "l3"], "norm must be one of linf, l2, l1; got 'l3'"),
        (["tournament", "--data", "nowhere.npz"], "does not exist"),
        (["tournament", "--data", "digit"], "did you mean 'digits'"),
        (["table", "nowhere"], "does not exist"),
        (["tournament", "--attackers", ","], "names nobody"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_gets_a_message_that_names_the_way_out(door, words, message):
    code, _, err = door(*words)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.random.default_rng(0).random((30, 4)), "y": np.linspace(0, 1, 30)}, "integer labels"),
        ({"x": np.random.default_rng(0).random((30, 4)) * 255, "y": np.arange(30) % 3}, "divide by 255"),
        ({"x": np.random.default_rng(0).standard_normal((30, 4)), "y": np.arange(30) % 3}, "rescale with"),
        ({"x": np.full((30, 4), np.nan), "y": np.arange(30) % 3}, "NaN"),
        ({"x": np.random.default_rng(0).random((30, 4)), "y": np.arange(29) % 3}, "one label for each of the 30 rows"),
        ({"x": np.random.default_rng(0).random((30, 4))}, "missing ['y']"),
        ({"x": np.array([{"a": 1}] * 30, dtype=object), "y": np.arange(30)}, "is no plain .npz"),
    ],
    ids=["labels", "pixels", "features", "nan", "lengths", "missing", "pickled"],
)
def test_data_that_breaks_a_rule_is_refused_by_name(door, tmp_path, arrays, message):
    np.savez(tmp_path / "bad.npz", **arrays)
    code, _, err = door("tournament", "--data", "bad.npz")
    assert code == 2
    assert message in err


def test_a_run_folder_that_cannot_be_written_is_an_error_before_any_match(door, tmp_path):
    (tmp_path / "file").write_text("in the way")
    code, _, err = door("tournament", *SMALL, "--out", "file/run")
    assert code == 2
    assert "cannot be written" in err
    assert "--out" in err


def test_a_transfer_tournament_adds_its_matrix_and_the_masking_report(door, tmp_path):
    attackers = "noise,small=surrogate-transfer(surrogates=['plain(epochs=3)'], attack='fgsm')"
    words = [
        "--attackers",
        attackers,
        "--defenders",
        "plain(epochs=3),dropout(epochs=3)",
        "--seeds",
        "1",
        "--workers",
        "1",
    ]
    code, out, _ = door("tournament", "transfer(points=100)", *words, "--out", "here")
    assert code == 0
    for word in ("small", "points read right that got fooled", "white box", "checked:"):
        assert word in out
    assert (tmp_path / "here" / "transfer.png").read_bytes().startswith(b"\x89PNG")


def test_a_query_tournament_adds_medians_and_curves(door, tmp_path):
    attackers = "noise,ask=substitute-training(surrogates=['plain(epochs=3)'], rounds=1)"
    words = ["--attackers", attackers, "--defenders", "plain(epochs=3)", "--seeds", "1", "--workers", "1"]
    code, out, _ = door("tournament", "query(points=100, budget=20, access='labels')", *words, "--out", "here")
    assert code == 0
    for word in ("queries it took to fool a point", "ask", "checked:"):
        assert word in out
    assert (tmp_path / "here" / "queries.png").read_bytes().startswith(b"\x89PNG")
