import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from results import Record, ResultsTable

visible = st.characters(categories=("L", "N", "P", "S")) | st.sampled_from(' ,"')
names = st.text(visible, min_size=1, max_size=8).filter(str.isprintable)
bits = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=20)
matches = st.fixed_dictionaries(
    {"scenario": names, "attacker": names, "defender": names, "seed": st.integers(), "round": st.integers(0, 9)}
)


@st.composite
def records(draw):
    match = draw(matches)
    if draw(st.booleans()):
        return Record(**match, points=draw(st.integers(0, 50)), forfeit="x" + draw(st.text(max_size=30)))
    clean, attacked = np.array(draw(bits)).T
    counts = st.none() | st.lists(st.integers(0, 2**32 - 1), min_size=clean.size, max_size=clean.size)
    return Record.of(**match, clean=clean, attacked=attacked, queries=draw(counts))


tables = st.lists(records(), max_size=5, unique_by=lambda r: (r.scenario, r.attacker, r.defender, r.seed, r.round))


@settings(deadline=None, max_examples=50)
@given(table=tables)
def test_a_file_keeps_every_bit(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    ResultsTable(tuple(table)).to_csv(path)
    assert ResultsTable.from_csv(path).records == tuple(table)
    assert [file.name for file in path.parent.iterdir()] == ["t.csv"]


@pytest.fixture
def three():
    hits = {"clean": [True] * 9, "attacked": [True, False, True] * 3}
    first = Record.of(scenario="s", attacker="a, b", defender='"d"', seed=0, **hits)
    second = Record(scenario="s", attacker="ä", defender="d", seed=1, forfeit='he said "no", and left')
    return first, second, Record.of(scenario="s", attacker="a", defender="d", seed=2, queries=np.arange(9), **hits)


def test_a_crash_at_any_byte_keeps_the_finished_records(tmp_path, three):
    path = tmp_path / "t.csv"
    ResultsTable(three).to_csv(path)
    whole = path.read_bytes()
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        kept = ResultsTable.from_csv(path).records
        assert kept == three[: len(kept)]
        assert len(kept) >= whole[:size].count(b"\n") - 1


def test_a_failed_write_leaves_the_old_file(tmp_path, three, monkeypatch):
    path = tmp_path / "t.csv"
    ResultsTable(three).to_csv(path)
    before = path.read_bytes()
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        ResultsTable(three[:1]).to_csv(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]


def test_spreadsheet_line_ends_and_byte_order_mark_are_read(tmp_path, three):
    path = tmp_path / "t.csv"
    ResultsTable(three).to_csv(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert ResultsTable.from_csv(path).records == three


def test_there_is_no_limit_to_the_points(tmp_path):
    hits = {"clean": np.ones(600_000, dtype=bool), "attacked": np.zeros(600_000, dtype=bool)}
    record = Record.of(scenario="s", attacker="a", defender="d", seed=0, queries=np.arange(600_000), **hits)
    ResultsTable((record,)).to_csv(tmp_path / "t.csv")
    assert ResultsTable.from_csv(tmp_path / "t.csv").records == (record,)


HEADER = (
    "scenario,attacker,defender,seed,round,points,forfeit,clean_accuracy,attacked_accuracy,"
    "queries,clean_hits,attacked_hits"
)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("s,a,d,0,0,8,,1.0,0.5,,ff", "line 2: 12 columns, not 13"),
        ("s,a,d,zero,0,8,,1.0,0.5,,ff,f0", "line 2, column seed: cannot read 'zero'"),
        ("s,a,d,0,0,8,,1.0,0.5,,ff,xy", "line 2, column attacked_hits: cannot read 'xy'"),
        ("s,a,d,0,0,9,,1.0,0.5,,ff,f0", "line 2, column clean_hits: 9 points pack into 2 bytes"),
        ("s,a,d,0,0,1,,1.0,0.0,0100,80,00", "line 2, column queries: 1 points take 4 bytes or none, not 2"),
        ("s,a,d,0,0,8,,1.0,0.75,,ff,f0", "line 2, column attacked_accuracy: '0.75', but attacked_hits say 0.5"),
        ("s,,d,0,0,8,,1.0,0.5,,ff,f0", "line 2, column attacker: "),
        ('s,"a,d,0,0,8,,1.0,0.5,,ff,f0', "line 2: .*mend the line"),
        ("s,\udcff,d,0,0,8,,1.0,0.5,,ff,f0", "line 2: not UTF-8"),
    ],
)
def test_a_malformed_line_is_named(tmp_path, line, complaint):
    path = tmp_path / "t.csv"
    path.write_bytes(f"{HEADER}\n{line}\n".encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=complaint):
        ResultsTable.from_csv(path)


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "\n", "not a table"])
def test_another_file_is_not_read(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match="line 1: a table of records begins with"):
        ResultsTable.from_csv(path)
    assert path.read_text() == content
