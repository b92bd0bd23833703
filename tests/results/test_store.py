import signal
import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from results import Record, ResultsTable, Seat, Store, StoreError, StoreWriter


def seats_of(table: ResultsTable) -> list[Seat]:
    """A seat a match, its key said by its labels."""
    matches = dict.fromkeys((r.attacker, r.defender, r.seed) for r in table.records)
    return [Seat(*match, match=repr(match), training=repr(match[1:])) for match in matches]


def fill(folder, table: ResultsTable, about="plan") -> None:
    with StoreWriter.open(folder) as store:
        store.begin(table.records[0].scenario, {"about": about}, seats_of(table))
        for seat in store.missing():
            same = table.where(attacker=seat.attacker, defender=seat.defender, seed=seat.seed)
            store.add(seat.match, same.records, seconds=0.5)


@pytest.fixture
def odd(play) -> ResultsTable:
    """Rounds, a forfeit, queries, extras, a seed beyond 64 bits, and names that are no identifiers."""
    hits = {"clean": np.array([True] * 9), "attacked": np.array([True, False, True] * 3)}
    asked = Record.of(scenario="s", attacker="ä, b", defender='"d"', seed=2**80, queries=np.arange(9), **hits)
    noted = Record.of(scenario="s", attacker="a", defender='"d"', seed=1, extras={"found": 0.1, "share": 1 / 3}, **hits)
    lost = Record(scenario="s", attacker="a", defender="e", seed=1, forfeit="he said 'no'; and left", points=9)
    return ResultsTable((asked, noted, lost, *(play("b", "e", 1, "110", "010", round=k) for k in range(3))))


def test_a_store_keeps_every_bit_and_the_order(tmp_path, odd):
    fill(tmp_path, odd)
    with Store.open(tmp_path) as store:
        assert store.table() == odd
        assert store.missing() == []
        assert store.seats() == seats_of(odd)
        assert store.seconds(seats_of(odd)[0].match) == 0.5


def test_outcomes_are_the_hits_of_the_records(tmp_path, tournament):
    table = tournament(points=21)
    fill(tmp_path, table)
    with Store.open(tmp_path) as store:
        found = store.outcomes()
    assert found.attacked.shape == (2, 3, 3, 21) and found.played.all()
    for r in table.records:
        place = found.attackers.index(r.attacker), found.defenders.index(r.defender), found.seeds.index(r.seed)
        np.testing.assert_array_equal(found.clean[place], r.clean)
        np.testing.assert_array_equal(found.attacked[place], r.attacked)


def test_outcomes_mark_what_was_not_played(odd):
    from results import outcomes_of

    some = ResultsTable((odd.records[1], odd.records[2]))
    found = outcomes_of(some.records)
    np.testing.assert_array_equal(found.played[:, :, 0], [[True, False]])
    assert not found.clean[0, 1].any()


def test_a_match_is_stored_once_and_what_was_first_stays(tmp_path, play):
    first, second = play("a", "d", 0, "11", "11"), play("a", "d", 0, "11", "00")
    fill(tmp_path, ResultsTable((first,)))
    with StoreWriter.open(tmp_path) as store:
        store.add(seats_of(ResultsTable((first,)))[0].match, [second])
    with Store.open(tmp_path) as store:
        assert store.table().records == (first,)


def test_another_plan_extends_a_run_and_replaces_nothing(tmp_path, tournament):
    whole = tournament(attackers=("fgsm", "pgd", "apgd"))
    fill(tmp_path, whole.where(attacker="pgd"), "first")
    with StoreWriter.open(tmp_path) as store:
        store.begin("white-box", {"about": "second"}, seats_of(whole))
        assert {seat.attacker for seat in store.missing()} == {"fgsm", "apgd"}
        assert [(p.number, p.matches, p.stored) for p in store.plans()] == [(2, 27, 9), (1, 9, 9)]
        assert store.table(1) == whole.where(attacker="pgd") == store.table()
    fill(tmp_path, whole, "second")
    fill(tmp_path, whole.where(attacker="pgd"), "first")
    with Store.open(tmp_path) as store:
        assert [(p.number, p.about) for p in store.plans()] == [(1, {"about": "first"}), (2, {"about": "second"})]
        assert store.table(2) == whole


def test_two_names_for_one_player_share_their_match(tmp_path, play):
    record = play("a", "d", 0, "10", "10")
    twins = [Seat(name, "d", 0, "key", "training") for name in ("a", "b")]
    with StoreWriter.open(tmp_path) as store:
        store.begin("s", {}, twins)
        store.add("key", [record])
        store.flush()
        assert [r.attacker for r in store.table().records] == ["a", "b"]


def test_a_second_writer_is_refused_and_readers_are_not(tmp_path, tournament):
    fill(tmp_path, tournament())
    with StoreWriter.open(tmp_path) as store:
        with pytest.raises(StoreError, match="another process is writing"):
            StoreWriter.open(tmp_path)
        with Store.open(tmp_path) as reader:
            assert reader.table() == store.table()
    StoreWriter.open(tmp_path).close()


def test_forfeits_of_the_machine_can_be_forgotten(tmp_path, play):
    late = Record(scenario="s", attacker="a", defender="d", seed=1, forfeit="TimeLimit: 3 s")
    own = Record(scenario="s", attacker="a", defender="d", seed=2, forfeit="RuntimeError: TimeLimit: no")
    fill(tmp_path, ResultsTable((play("a", "d", 0, "1", "1"), late, own)))
    with StoreWriter.open(tmp_path) as store:
        assert store.forget(["TimeLimit", "MemoryLimit"]) == 1
        assert [seat.seed for seat in store.missing()] == [1]


WRITER = """
import sys
from results import Record, Seat, StoreWriter
import numpy as np
hits = np.ones(100, bool)
with StoreWriter.open(sys.argv[1]) as store:
    store.begin("s", {}, [Seat("a", "d", seed, str(seed), "t") for seed in range(100_000)])
    for seat in store.missing():
        store.add(seat.match, [Record.of(scenario="s", attacker="a", defender="d", seed=0, round=k, clean=hits,
                                         attacked=hits) for k in range(2)])
        if seat.seed % 100 == 0:
            store.flush()
            print(seat.seed, flush=True)
"""


def test_a_writer_killed_at_any_moment_loses_nothing_it_had_committed(tmp_path):
    for kept in (1, 3, 8):
        run = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        said = [int(run.stdout.readline()) for _ in range(kept)]
        run.send_signal(signal.SIGKILL)
        run.wait()
        run.stdout.close()
        with StoreWriter.open(tmp_path) as store:
            stored = [(r.seed, r.round) for r in store.table().records]
            assert store._one("PRAGMA integrity_check") == ("ok",)
        assert len(stored) == len(set(stored))
        assert {(seed, k) for seed in range(said[-1] + 1) for k in range(2)} <= set(stored)
        assert {seed for seed, k in stored if k == 0} == {seed for seed, k in stored if k == 1}


FULL = """
import resource, signal, sys
from results import StoreError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (90_000, 90_000))
try:
    exec(open(sys.argv[2]).read())
except StoreError as error:
    print(error)
"""


def test_a_full_disk_is_said_and_costs_nothing_that_was_stored(tmp_path):
    script = tmp_path / "writer.py"
    script.write_text(WRITER.replace("100_000", "400"))
    pytest.importorskip("resource")
    folder = tmp_path / "run"
    words = [sys.executable, "-c", FULL, str(folder), str(script)]
    full = subprocess.run(words, capture_output=True, text=True, check=True)
    message = full.stdout.splitlines()[-1]
    assert "Nothing stored before is lost" in message
    subprocess.run([sys.executable, str(script), str(folder)], check=True, capture_output=True)
    with Store.open(folder) as store:
        assert len(store.table()) == 800
        assert store._one("PRAGMA integrity_check") == ("ok",)


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough to be read as one" * 20])
def test_another_file_in_its_place_is_refused_by_name(tmp_path, content):
    (tmp_path / "run.sqlite").write_bytes(content)
    with pytest.raises(StoreError, match=r"run.sqlite is no run"):
        Store.open(tmp_path)
    if content:
        with pytest.raises(StoreError, match=r"run.sqlite is no run"):
            StoreWriter.open(tmp_path)
        assert (tmp_path / "run.sqlite").read_bytes() == content


def test_another_programs_database_is_not_taken_for_a_run(tmp_path):
    with sqlite3.connect(tmp_path / "run.sqlite") as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    for kind in (Store, StoreWriter):
        with pytest.raises(StoreError, match="is no run of this version"):
            kind.open(tmp_path)


def test_where_there_is_no_run_the_way_out_is_named(tmp_path):
    with pytest.raises(StoreError, match=r"holds no run.sqlite: give a run folder"):
        Store.open(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        StoreWriter.open(tmp_path / "file" / "run")
    assert not (tmp_path / "nowhere").exists()
    with StoreWriter.open(tmp_path) as empty, pytest.raises(StoreError, match="holds no plan yet"):
        empty.table()
