import ast
import subprocess
import sys
from pathlib import Path

import results

ROOT = Path(results.__file__).parents[1]


def test_importing_results_is_light():
    code = "import sys, results; print([m for m in ('pandas', 'scipy', 'matplotlib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_results_knows_nobody():
    for file in Path(results.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not {name.split(".")[0] for name in names if name} & {"arena", "agents", "scenarios"}


def test_public_names_are_there_and_no_module_is_hidden():
    modules = {file.stem for file in Path(results.__file__).parent.glob("*")}
    assert all(hasattr(results, name) for name in results.__all__)
    assert not modules & set(results.__all__)
