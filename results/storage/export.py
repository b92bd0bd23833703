"""A run in formats that other programs read: a row a match and round, in the order of the matches' keys."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from results.records.lines import COLUMNS, DERIVED
from results.storage.schema import StoreError
from results.storage.store import Store

CLOCKS = ("match_seconds", "training_seconds")


def export(store: Store, kind: str, *, timings: bool = False, plan: int | None = None) -> bytes:
    """The run as CSV, Parquet (with pyarrow) or JSON lines; bytes in hexadecimal. Without `timings` it holds no clock."""
    rows = list(_rows(store, timings, plan))
    if kind == "parquet":
        return _parquet(rows, _columns(timings))
    text = io.StringIO()
    if kind == "csv":
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_columns(timings))
        writer.writerows(row.values() for row in rows)
    else:
        text.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return text.getvalue().encode()


def _columns(timings: bool) -> tuple[str, ...]:
    return ("match", *COLUMNS, *(CLOCKS if timings else ()))


def _rows(store: Store, timings: bool, plan: int | None) -> Iterator[dict[str, Any]]:
    seats = {(seat.attacker, seat.defender, seat.seed): seat for seat in store.seats(plan)}
    records = [(seats[r.attacker, r.defender, r.seed], r) for r in store.table(plan).records]
    for seat, r in sorted(records, key=lambda pair: (pair[0].match, pair[0].attacker, pair[0].defender, pair[1].round)):
        values = [getattr(r, column) for column in COLUMNS]
        cells = [value.hex() if isinstance(value, bytes) else value for value in values]
        seconds = (store.seconds(seat.match), store.seconds(seat.training)) if timings else ()
        row = dict(zip(_columns(timings), (seat.match, *cells, *seconds), strict=True))
        row["extras"] = json.dumps(dict(r.extras))
        if r.forfeit:
            row["clean_accuracy"] = row["attacked_accuracy"] = None
        yield row


def _parquet(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> bytes:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise StoreError("parquet needs pyarrow: python -m pip install '.[parquet]', or export csv or jsonl") from error
    numbers = dict.fromkeys(("seed", "round", "points"), pyarrow.int64())
    shares = dict.fromkeys((*DERIVED, *CLOCKS), pyarrow.float64())
    types = {**numbers, **shares}
    schema = pyarrow.schema([(name, types.get(name, pyarrow.string())) for name in columns])
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content
