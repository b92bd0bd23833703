import csv
import io
import json
import sys

import pytest

from results import Record, ResultsTable, Seat, StoreWriter
from results.storage.export import export
from tests.door.conftest import ATTACKERS, Falls


def exported(text: str) -> ResultsTable:
    """The records in an exported CSV."""
    rows = [{**row, "match": ""} for row in csv.DictReader(io.StringIO(text))]
    fields = ("scenario", "attacker", "defender", "forfeit")
    return ResultsTable(tuple(
        Record(
            **{name: row[name] for name in fields}, seed=int(row["seed"]), round=int(row["round"]), points=int(row["points"]),
            queries=bytes.fromhex(row["queries"]), clean_hits=bytes.fromhex(row["clean_hits"]),
            attacked_hits=bytes.fromhex(row["attacked_hits"]), extras=tuple(json.loads(row["extras"]).items()),
        )
        for row in rows
    ))  # fmt: skip


def test_an_export_holds_every_bit_in_the_order_of_the_keys_and_no_clock(door, run):
    table = run("here")
    _, out, _ = door("export", "here")
    assert {*exported(out).records} == {*table.records}
    keys = [row["match"] for row in csv.DictReader(io.StringIO(out))]
    assert keys == sorted(keys) and "seconds" not in out
    turned = dict(reversed(ATTACKERS.items()))
    run("there", turned)
    assert door("export", "there")[1] == out
    _, timed, _ = door("export", "here", "--timings")
    assert all(float(row["match_seconds"]) >= 0 for row in csv.DictReader(io.StringIO(timed)))


def test_json_lines_go_to_a_file_in_one_step(door, run, tmp_path):
    table = run("here")
    assert door("export", "here", "--to", "jsonl", "--output", "out.jsonl")[:2] == (0, "")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {(r["attacker"], r["seed"], r["attacked_accuracy"]) for r in lines} == {
        (r.attacker, r.seed, r.attacked_accuracy) for r in table.records
    }
    assert not list(tmp_path.glob(".out*"))
    code, _, err = door("export", "here", "--output", "no/where.csv")
    assert (code, "cannot be written" in err) == (2, True)


@pytest.mark.parametrize("timings", [(), ("--timings",)], ids=["", "timings"])
def test_parquet_holds_what_csv_holds(door, run, timings):
    parquet = pytest.importorskip("pyarrow.parquet")

    run("here", {"falls": Falls(), **ATTACKERS})
    assert door("export", "here", "--to", "parquet", "--output", "out.parquet", *timings)[:2] == (0, "")
    columns = parquet.read_table("out.parquet")
    rows = list(csv.DictReader(io.StringIO(door("export", "here", *timings)[1])))
    assert columns.column_names == list(rows[0])
    assert [{k: "" if v is None else str(v) for k, v in row.items()} for row in columns.to_pylist()] == rows
    assert {str(columns.schema.field(name).type) for name in ("seed", "round", "points")} == {"int64"}
    assert {str(columns.schema.field(f"{side}_accuracy").type) for side in ("clean", "attacked")} == {"double"}


def test_parquet_of_a_run_without_a_match_keeps_its_columns(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    with StoreWriter.open(tmp_path) as store:
        store.begin("s", {"seeds": [0]}, [Seat("a", "d", 0, "a", "t")])
        table = parquet.read_table(io.BytesIO(export(store, "parquet")))
        assert table.column_names == export(store, "csv").decode().strip().split(",")
    assert len(table) == 0


def test_parquet_without_pyarrow_names_the_extra(door, run, monkeypatch):
    run("here")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, _, err = door("export", "here", "--to", "parquet", "--output", "out.parquet")
    assert code == 2
    assert "parquet needs pyarrow: python -m pip install '.[parquet]', or export csv or jsonl" in err
