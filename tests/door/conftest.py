import sys

import pytest

from arena.door.app import main


@pytest.fixture
def door(monkeypatch, capsys, tmp_path):
    """Run `python -m arena …` in an empty folder; its exit code, what it printed, what it complained of."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["arena", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return ended.value.code or 0, printed.out, printed.err

    return run
