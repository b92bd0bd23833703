"""The tournament that the README begins with, played once through the door: its table, and its report in a browser."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.browser import CHROMIUM, complaints

HOME = Path(__file__).parent.parent
REFERENCE = (HOME / "results" / "reference" / "white_box.txt").read_text()


def door(*words):
    command = [sys.executable, "-m", "arena", *words]
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def default_run(tmp_path_factory):
    """The folder of the run, and what was printed. `tests/conftest.py` has the tests that ask for it begin together."""
    folder = tmp_path_factory.mktemp("default")
    return folder, door("tournament", "--out", str(folder))


def accuracies(told):
    """The labels and the accuracies of a printed table, in percent; a dash is NaN."""
    table = told[: told.index("training s")].splitlines()
    rows = [re.fullmatch(r"(\S.*?)((?: +(?:\d+\.\d|–))+)", line.rstrip()) for line in table]
    return {row[1]: [float(cell.replace("–", "nan")) for cell in row[2].split()] for row in rows if row}


def test_the_reference_table_is_what_the_program_prints(default_run):
    """Trained by the matrix products of an older processor, the networks differed by up to 1.4 points."""
    printed, shown = accuracies(default_run[1]), accuracies(REFERENCE)
    assert default_run[1].splitlines()[0] == REFERENCE.splitlines()[0]
    assert list(printed) == list(shown) and len(shown) == 11
    np.testing.assert_allclose(list(printed.values()), list(shown.values()), atol=3)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_has_nothing_to_complain_of_in_its_report(default_run, tmp_path):
    door("report", str(default_run[0]))
    page = default_run[0] / "report.html"
    assert "strongest" in page.read_text() and page.stat().st_size < 2_000_000
    assert complaints(page, tmp_path / "profile") == []
