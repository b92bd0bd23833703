"""The house stands: floors by contract, seven names at the top, a light import, and a wheel of four packages."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_no_arrow_runs_back_up():
    lint_imports = pytest.importorskip("importlinter.cli").lint_imports
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_the_top_level_holds_the_seven_names_and_a_licence():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("no git checkout")
    top = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    seven = {"pyproject.toml", "README.md", "arena", "agents", "scenarios", "tests", "results"}
    assert {name for name in top if not name.startswith(".")} == seven | {"LICENSE"}


def test_importing_the_arena_loads_none_of_the_heavy_libraries():
    heavy = ("pandas", "scipy", "sklearn", "matplotlib", "gymnasium", "pebble", "typer", "rich", "pydantic")
    program = f"import sys, arena; print([m for m in {heavy} if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_wheel_holds_four_packages(tmp_path):
    build = pytest.importorskip("hatchling.builders.wheel")
    built = next(build.WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    with zipfile.ZipFile(built) as wheel:
        top = {name.split("/")[0] for name in wheel.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"agents", "arena", "results", "scenarios"}


def test_every_entry_point_can_be_imported():
    from arena import roster

    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    for group in roster.GROUPS:
        assert set(declared[f"arena.{group}"]) <= set(roster.names(group))
        for name in declared[f"arena.{group}"]:
            assert callable(roster.find(group, name))


def test_no_file_or_function_grows_a_second_concern():
    import ast

    long_files, long_functions = [], []
    for path in (p for package in ("arena", "agents", "scenarios", "results") for p in (ROOT / package).rglob("*.py")):
        text = path.read_text()
        if text.count("\n") > 200:
            long_files.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 60:
                long_functions.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not long_files
    assert not long_functions
