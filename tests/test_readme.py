"""The README's Python runs, and its commands are commands."""

import re
from pathlib import Path

import pytest

from arena.door.app import app

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
