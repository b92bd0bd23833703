import math

import pytest

from results import Record, ResultsTable
from results.records.lines import HEADER, OLD_HEADER

MATCH = {"scenario": "s", "attacker": "a", "defender": "d", "seed": 0, "clean": [True, True], "attacked": [True, False]}


def test_extras_survive_a_file_bit_for_bit(tmp_path):
    record = Record.of(**MATCH, extras={"z": 0.1 + 0.2, "attack_success": 1 / 3})
    ResultsTable((record,)).to_csv(tmp_path / "t.csv")
    assert ResultsTable.from_csv(tmp_path / "t.csv").records == (record,)
    assert record.extras[0][0] == "attack_success"


@pytest.mark.parametrize("extras", [{"A b": 1.0}, {"a": math.nan}, {"a=b;": 0.0}])
def test_names_are_words_and_numbers_finite(extras):
    with pytest.raises(ValueError, match="extras: "):
        Record.of(**MATCH, extras=extras)


def test_a_table_from_before_there_were_extras_is_read(tmp_path):
    table = ResultsTable(
        (Record.of(**MATCH), Record(scenario="s", attacker="a,b", defender="d", seed=1, forfeit="x, y"))
    )
    table.to_csv(tmp_path / "t.csv")
    new = (tmp_path / "t.csv").read_text()
    assert HEADER != OLD_HEADER
    cut = [",".join([*line.split(",")[:-4], *line.split(",")[-3:]]) for line in new.splitlines()]
    assert cut[0] == OLD_HEADER
    for text in ("\n".join(cut), "\n".join(cut) + "\n", "\r\n".join(cut) + "\r\n"):
        (tmp_path / "old.csv").write_text(text)
        assert ResultsTable.from_csv(tmp_path / "old.csv") == table


def test_the_frame_has_a_column_for_each():
    table = ResultsTable((Record.of(**MATCH, extras={"b": 2.0}), Record.of(**{**MATCH, "seed": 1})))
    frame = table.frame()
    assert frame["b"].tolist()[0] == 2
    assert math.isnan(frame["b"].tolist()[1])
