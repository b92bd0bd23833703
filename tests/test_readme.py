"""The README's Python runs, and its commands are commands."""

import re
from pathlib import Path

import numpy as np
import pytest

from arena import roster, tournament
from arena.door.app import app
from scenarios import WhiteBox
from scenarios.task import DEFENDERS

HOME = Path(__file__).parent.parent
README = (HOME / "README.md").read_text()
REFERENCE = (HOME / "results" / "reference" / "white_box.txt").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_the_snippet_runs(snippet, capsys):
    exec(compile(snippet, "README.md", "exec"), {"__name__": "readme"})
    printed = capsys.readouterr().out
    assert "worst case" in printed or all(0 < float(number) < 1 for number in printed.split())


def test_every_command_named_exists():
    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert set(re.findall(r"python -m arena ([a-z]+)", README)) == known


def test_the_table_shown_is_the_reference_table():
    assert REFERENCE.strip() in README


def cells(table: str, row: str) -> list[float]:
    """The accuracies of one row of a printed table, in percent."""
    (line,) = (line for line in table.splitlines() if line.split()[:1] == [row])
    return [float(cell) for cell in line.split()[1:]]


def test_the_reference_table_is_what_the_program_prints():
    """Two of the nine columns, played again; a network trained on another processor may differ by a point or two."""
    attackers = {name: roster.build("attackers", name) for name in ("noise", "fgsm", "pgd")}
    columns = ("plain", "feature-squeezing")
    defenders = {name: roster.build("defenders", name) for name in columns}
    printed = str(tournament(WhiteBox(), attackers, defenders, seeds=range(3), workers=1).grid())
    assert printed.splitlines()[0] == REFERENCE.splitlines()[0]
    for row in ("clean", *attackers):
        shown = [cells(REFERENCE, row)[DEFENDERS.index(name)] for name in columns]
        np.testing.assert_allclose(cells(printed, row), shown, atol=2)
