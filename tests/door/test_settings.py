import json

import pytest

from arena.door.settings import settings
from arena.errors import InvalidValue
from arena.threat import Ball

FILE = """
scenario = "white-box(points=60, train=150)"
seeds = [0, 3]
radius = 0.1
norm = "l2"
time-limit = 30
out = "there"

[attackers]
control = "noise"
strong = "pgd(steps=100)"
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "run.toml"
        path.write_text(text)
        return path

    return write


def test_a_file_says_what_the_flags_say(file):
    read = settings(file(FILE), {})
    flags = {
        "scenario": "white-box(points=60, train=150)", "radius": 0.1, "norm": "l2", "time_limit": 30, "out": "there",
        "attackers": "control=noise,strong=pgd(steps=100)", "seeds": [0, 3],
    }  # fmt: skip
    assert read == settings(None, flags)
    assert read.rules().ball == Ball(0.1, "l2")
    assert read.attackers == {"control": "noise", "strong": "pgd(steps=100)"}


def test_flags_go_first(file):
    both = settings(file(FILE), {"seeds": 2, "radius": 0.2, "attackers": "fgsm", "norm": None})
    assert (both.seeds, both.radius, both.norm, both.attackers) == ([0, 1], 0.2, "l2", {"fgsm": "fgsm"})


def test_every_mistake_is_told_at_once_with_its_path(file):
    wrong = file("""
        scenaro = "white-box"
        seeds = 0
        radius = -1
        workers = 0
        data = "digit"
        defenders = ["plain", "dropout(rate=2)"]
        [attackers]
        strong = "pgd(stepss=100)"
        weak = "fgsm"
        odd = 3
    """)
    with pytest.raises(InvalidValue, match=r"9 mistakes in .*run\.toml") as told:
        settings(wrong, {"norm": "l3"})
    lines = str(told.value)
    for words in (
        "\n  scenaro: ", "\n  seeds: ", "\n  radius: radius must be a finite number above 0; got -1", "\n  workers: ",
        "\n  data: no dataset is called 'digit'; did you mean 'digits'", "\n  attackers.odd: ", "\n  norm: norm must be one of",
        "\n  defenders.dropout(rate=2): dropout: rate must be a share",
        "\n  attackers.strong: pgd has no parameter 'stepss'; did you mean 'steps'",
    ):  # fmt: skip
        assert words in lines, lines


def test_a_key_in_both_spellings_is_one_mistake_among_the_others(file):
    wrong = file("time-limit = 3\ntime_limit = 4\nradius = -1\n")
    with pytest.raises(InvalidValue, match=r"2 mistakes in .*run\.toml") as told:
        settings(wrong, {})
    assert "\n  time_limit: is given twice, as time-limit too: keep one\n  radius: " in str(told.value)
    assert settings(file("time_limit = 4"), {"time_limit": 5.0}).time_limit == 5
    assert settings(file("time-limit = 4"), {"time_limit": 5.0}).time_limit == 5


@pytest.mark.parametrize("path", ["two\nlines", "red\x1b[31m"])
def test_a_path_that_cannot_be_printed_is_refused_and_shown(door, file, tmp_path, path):
    code, out, err = door("tournament", "--out", path)
    assert (code, out) == (2, "")
    assert f"the path out must be printable, without line breaks and control characters; got {path!r}" in err
    for words in (("table", path), ("export", path), ("compare", path, "there"), ("example", path), ("runs", path)):
        code, _, err = door(*words)
        assert (code, "must be printable" in err, path in err) == (2, True, False), words
    with pytest.raises(InvalidValue, match="out: out must be printable"):
        settings(file(f"out = {json.dumps(path)}"), {})
    assert list(tmp_path.iterdir()) == [tmp_path / "run.toml"]


def test_a_file_that_is_no_toml_is_named(file, tmp_path):
    with pytest.raises(InvalidValue, match=r"run\.toml cannot be read as TOML"):
        settings(file("seeds = = 3"), {})
    with pytest.raises(InvalidValue, match=r"nowhere\.toml cannot be read"):
        settings(tmp_path / "nowhere.toml", {})


def test_a_tournament_runs_from_a_file(door, file):
    path = file(
        'scenario = "white-box(points=60, train=150)"\nattackers = ["noise"]\ndefenders = ["plain(epochs=1)"]\n'
    )
    code, out, _ = door("tournament", path, "--seeds", "1", "--workers", "1", "--out", "here")
    assert code == 0
    assert "1 seed × 60 points" in out


def test_a_truth_is_no_number(file):
    with pytest.raises(InvalidValue) as caught:
        settings(file("radius = true\ntime-limit = true"), {})
    assert [line.split(":")[0].strip() for line in str(caught.value).splitlines()[1:]] == ["radius", "time-limit"]
    assert settings(file("radius = 1"), {}).radius == 1.0


def test_one_name_for_two_players_is_refused():
    with pytest.raises(InvalidValue, match="'a' names two players, pgd and noise"):
        settings(None, {"attackers": "a=pgd,a=noise"})
    assert settings(None, {"attackers": "pgd,pgd"}).attackers == {"pgd": "pgd"}
