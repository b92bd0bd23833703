import sys
from dataclasses import replace

import pytest

from arena.claims import Claim, Evidence
from arena.door import claims
from arena.door.app import main
from results import Chart, Criterion, Line, Lines, exactly


def claim(number, name, value):
    chart = Chart("title", [Lines(title="t", xlabel="x", ylabel="y", lines=[Line("l", [1, 2], [1, 2])])])
    evidence = Evidence(
        criteria=[Criterion("q", exactly(value), above=0.5)], tables=[("numbers", ("a",), [["1"]])], chart=chart
    )
    return Claim(
        number=number, name=name, statement=f"{name} is so.", otherwise="more data", measure=lambda bench: evidence
    )


@pytest.fixture
def door(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(claims, "CLAIMS", (claim(1, "true", 0.9), claim(2, "false", 0.1)))
    monkeypatch.setattr(claims, "REFERENCE", tmp_path / "reference")

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["arena", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capsys.readouterr()

    return run


def test_the_list_gives_every_claim_with_its_last_verdict(door):
    assert "not measured" in door("claims")[1]
    door("claims", "--all", "--workers", "1")
    door("claims", "2", "--seeds", "2")
    lines = door("claims")[1].splitlines()
    assert [line.split()[1] for line in lines] == ["true", "false"]
    assert "holds" in lines[0]
    assert "does not hold here" in lines[1]


def test_the_list_says_where_a_verdict_is_of_other_data(door):
    door("claims", "true")
    door("claims", "false", "--data", "signs")
    lines = door("claims")[1].splitlines()
    assert "signs" not in lines[0]
    assert "does not hold here (data signs" in lines[1]


def test_one_claim_leaves_its_table_and_figure(door, tmp_path):
    code, out, _ = door("claims", "false", "--out", "here")
    assert code == 0
    assert out.startswith("verdict: does not hold here")
    assert {path.name for path in (tmp_path / "here").iterdir()} == {"false.txt", "false.png", "README.md"}


def test_all_claims_make_a_gallery_that_shows_failures_failing(door, tmp_path):
    code, _, err = door("claims", "--all", "--workers", "1", "--out", "here")
    page = (tmp_path / "here" / "README.md").read_text()
    assert code == 0
    assert "2/2" in err
    assert "| 1 | [true is so.](#1-true) | holds |" in page
    assert "**does not hold here**" in page
    assert "What it would take: more data." in page
    assert page.count("What it would take") == 1
    assert "![false is so.](false.png)" in page


def test_a_crash_in_one_claim_spares_the_others_and_is_told(door, monkeypatch):
    def broken(bench):
        raise RuntimeError("no power")

    bad = Claim(number=3, name="bad", statement="s", otherwise="o", measure=broken)
    monkeypatch.setattr(claims, "CLAIMS", (bad, *claims.CLAIMS))
    code, _, err = door("claims", "--all", "--workers", "1")
    assert code == 2
    assert "bad: RuntimeError: no power" in err
    assert "true: holds" in err


def test_a_claim_that_reads_no_data_says_what_it_measures_and_refuses_other_data(door, monkeypatch):
    monkeypatch.setattr(claims, "CLAIMS", (replace(claim(1, "true", 0.9), model="wake model"),))
    assert "data wake model, seeds 3" in door("claims", "true")[1]
    code, _, err = door("claims", "true", "--data", "signs")
    assert (code, "leave out --data" in err) == (2, True)


def test_all_claims_on_other_data_tell_which_keep_their_own_and_leave_the_committed_tables_alone(
    door, monkeypatch, tmp_path
):
    model = replace(claim(3, "physics", 0.9), model="wake model")
    monkeypatch.setattr(claims, "CLAIMS", (*claims.CLAIMS, model))
    code, _, err = door("claims", "--all", "--workers", "1", "--data", "signs")
    tables = {path.stem: path.read_text() for path in (tmp_path / "runs" / "claims").glob("*.txt")}
    assert code == 0
    assert "physics keeps to its wake model: it reads no data set" in err
    assert "true keeps" not in err
    assert "data signs, 500 test points, radius 0.03, seeds 3" in tables["true"]
    assert "data wake model, seeds 3" in tables["physics"]
    assert not list((tmp_path / "reference").glob("*"))


def test_a_claim_that_fails_is_not_told_with_the_verdict_of_an_earlier_run(door, monkeypatch):
    door("claims", "--all", "--workers", "1")
    needy = replace(claims.CLAIMS[0], pictures=True, data="no-such.npz")
    monkeypatch.setattr(claims, "CLAIMS", (needy,))
    _, _, err = door("claims", "--all", "--workers", "1")
    assert "true: not measured" in err
    assert "no-such.npz does not exist" in err


def test_what_cannot_be_is_refused(door):
    assert "did you mean 'true'" in door("claims", "tru")[2]
    assert "not both" in door("claims", "true", "--all")[2]


def test_an_example_is_drawn_of_the_label_asked_for(door, tmp_path):
    code, _, _ = door(
        "example", "a.png", "--label", "3", "--defender", "plain(epochs=5)", "--attacker", "pgd(steps=10)"
    )
    assert code == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    code, _, err = door("example", "a.png", "--label", "ten", "--defender", "plain(epochs=1)")
    assert code == 2
    assert "no label of digits is called 'ten'" in err
