"""The commands about certificates: a table and a picture, a file to go on from, and no run that a proof contradicts."""

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from agents.attackers import FGSM
from agents.defenders import FeatureSqueezing, Plain
from arena import Ball, InvalidValue, tournament
from arena.certify import Unsound
from arena.door.certified import certified_points
from arena.door.networks import rebuilt, stored
from arena.engine import mlp, save
from arena.jobs.runner import Serial
from arena.match import open_match
from arena.players import spec
from results import Store
from scenarios import WhiteBox

QUICK = ["--points", "12", "--attacker", "pgd(steps=5)", "--seconds", "1", "--radius", "0.03"]


def test_certify_prints_the_bracket_and_draws_it(door, tmp_path):
    defenders = "small=plain(hidden=[12],epochs=3),squeezed=feature-squeezing(epochs=1)"
    code, out, err = door("certify", "--defenders", defenders, *QUICK, "--out", "here")
    assert code == 0
    for word in (
        "clean",
        "attacked",
        "exact",
        "alpha-crown",
        "crown",
        "intervals",
        "lipschitz",
        "undecided",
        "12 points",
    ):
        assert word in out
    assert "squeezed is left out" in err
    assert (tmp_path / "here" / "brackets.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "here" / "brackets.txt").read_text() in out


def test_certify_reads_a_saved_network_and_refuses_what_is_none(door, tmp_path):
    save(mlp((64, 8, 10), rng=default_rng(0)), tmp_path / "mine.npz")
    assert "mine" in door("certify", "mine.npz", *QUICK)[1]
    save(mlp((63, 8, 10), rng=default_rng(0)), tmp_path / "odd.npz")
    np.savez(tmp_path / "none.npz", x=np.zeros(3))
    for name, reason in (("odd.npz", "63 features"), ("none.npz", "cannot be read"), ("absent.npz", "cannot be read")):
        code, _, err = door("certify", name, *QUICK)
        assert code == 2
        assert reason in err
    assert door("certify", "--defenders", "feature-squeezing(epochs=1)", *QUICK)[0] == 2


def test_certify_reads_the_networks_of_a_run(door, tmp_path):
    players = [
        "--attackers",
        "noise",
        "--defenders",
        "small=plain(hidden=[12],epochs=3),squeezed=feature-squeezing(epochs=1)",
    ]
    door("tournament", *players, "--seeds", "2", "--radius", "0.03", "--out", "run", "--workers", "1")
    code, out, err = door(
        "certify", "run", "--points", "12", "--attacker", "pgd(steps=5)", "--seconds", "1", "--seeds", "2"
    )
    assert code == 0
    assert "linf 0.03, 2 seeds × 12 points" in out
    assert "squeezed, seed 1, is left out" in err
    (alone, again), rules = stored(tmp_path / "run", 2)[0]["small"], rebuilt(spec(WhiteBox(ball=Ball(0.03))))
    fresh = open_match(rules, Plain(hidden=(12,), epochs=3), 0).move.model
    np.testing.assert_array_equal(alone.params[0][0], fresh.params[0][0])
    assert not np.array_equal(alone.params[0][0], again.params[0][0])
    assert door("certify", "run", "--radius", "0.05", "--points", "3", "--attacker", "fgsm", "--seconds", "1")[1].count(
        "0.05"
    )


@pytest.mark.parametrize("damage", [lambda whole: whole[:1000], lambda whole: b"garbage" * 100, lambda whole: b""])
def test_a_damaged_network_is_named_with_the_way_out(door, tmp_path, damage):
    words = ["--attackers", "noise", "--defenders", "a=plain(epochs=1),b=plain(hidden=[8],epochs=1)", "--seeds", "1"]
    play = ["tournament", "white-box(points=20, train=100)", *words, "--out", "run", "--workers", "1"]
    assert door(*play)[0] == 0
    with Store.open(tmp_path / "run") as store:
        file = store.network(store.seats()[0].training)
    whole = arrays(file)
    file.write_bytes(damage(file.read_bytes()))
    _, _, err = door("certify", "run", "--points", "2", "--attacker", "fgsm")
    assert f"a, seed 0, is left out: run/networks/{file.name} is not a network saved by this engine" in err
    assert "delete it, and the tournament's command again trains it anew" in err
    file.unlink()
    assert door(*play)[0] == 0
    np.testing.assert_equal(arrays(file), whole)
    assert "left out" not in door("certify", "run", "--points", "2", "--attacker", "fgsm")[2]


def arrays(file):
    with np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


@pytest.mark.parametrize(
    "text", ["__import__('os').getcwd()", "scenarios.white_box.WhiteBox(points=int('3'))", "WhiteBox(", "3 +"]
)
def test_a_plan_that_is_no_scenario_is_refused_and_not_run(text):
    with pytest.raises(InvalidValue, match="cannot be set up again"):
        rebuilt(text)


def test_soak_goes_on_from_its_file(door, tmp_path):
    assert "none fell" in door("soak", "--points", "500", "--seed", "3", "--out", "soak.json")[1]
    first = json.loads((tmp_path / "soak.json").read_text())
    attacked = sum(sum(by_norm.values()) for by_norm in first["points"].values())
    door("soak", "--points", attacked + 1, "--seed", "3", "--out", "soak.json")
    assert json.loads((tmp_path / "soak.json").read_text())["round"] > first["round"]
    code, _, err = door("soak", "--points", "500", "--seed", "4", "--out", "soak.json")
    assert code == 2
    assert "seed 3" in err


def test_what_a_tournament_certifies_stands_in_every_match_or_stops_it(monkeypatch):
    scenario = WhiteBox(points=30, train=200)
    defenders = {"plain": Plain(epochs=3), "squeezed": FeatureSqueezing(epochs=1)}
    table = tournament(scenario, {"fgsm": FGSM()}, defenders, seeds=[0], workers=1)
    openings = {(name, 0): open_match(scenario, player, 0) for name, player in defenders.items()}
    found = certified_points(scenario, openings, table, Serial())
    assert list(found) == [("plain", 0)]
    unbroken = {record.defender: record.attacked for record in table.records}["plain"]
    assert not (found["plain", 0] & ~unbroken).any()
    everything = lambda *given, **options: type("Yes", (), {"certified": np.ones(30, bool)})  # noqa: E731  # stands in for a function
    monkeypatch.setattr("arena.door.certified.certify", everything)
    with pytest.raises(Unsound, match="fgsm breaks it"):
        certified_points(replace(scenario), openings, table, Serial())
