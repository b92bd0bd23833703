"""What a class means: a digest of the code behind it, so that changed code never passes for what was played before.

The code of a class is its module and every module that one imports, as far as they are ours to change: the arena, the
packages of registered plug-ins, and whatever lies outside of the installed libraries, a script and its neighbours.
"""

from __future__ import annotations

import ast
import marshal
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import resolve_name
from pathlib import Path
from types import FunctionType

from arena import roster
from arena.streams import digest

_INSTALLED = ("site-packages", "dist-packages")


def code(kinds: Iterable[type]) -> str:
    """The digest of the code of some classes."""
    found = reached({kind.__module__ for kind in kinds})
    bare = sorted(_functions(kind) for kind in kinds if _file(kind.__module__) is None)
    return digest(*(digest(name, _file(name).read_bytes()) for name in sorted(found)), *bare)  # type: ignore[union-attr]  # reached has files


def reached(modules: Iterable[str]) -> set[str]:
    """The modules among ours that these import, themselves included, however indirectly and wherever in their text."""
    found: set[str] = set()
    waiting = {name for name in modules if _file(name)}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= _imports(name) - found
    return found


@cache
def _imports(module: str) -> frozenset[str]:
    file = _file(module)
    if file is None or file.suffix != ".py":
        return frozenset()
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    nodes = ast.walk(ast.parse(file.read_bytes()))
    return frozenset(name for node in nodes for name in _imported(node, package) if _ours(name) and _file(name))


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    """The modules that a statement takes something from; a name of a package is sought where it was defined."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        source = "." * node.level + (node.module or "")
        source = resolve_name(source, package) if node.level else source
        if not _ours(source):
            return
        for alias in node.names:
            home = getattr(getattr(sys.modules.get(source), alias.name, None), "__module__", None) or source
            yield f"{source}.{alias.name}" if _file(f"{source}.{alias.name}") else home


@cache
def _ours(module: str) -> bool:
    top = module.partition(".")[0]
    if top in roster.packages():
        return True
    file = _file(top)
    library = Path(sysconfig.get_path("stdlib"))
    return file is not None and not file.is_relative_to(library) and not {*_INSTALLED} & {*file.parts}


@cache
def _file(module: str) -> Path | None:
    """Where a module's code lies, found without importing anything; None for what is built in or typed in."""
    loaded = getattr(sys.modules.get(module), "__file__", None)
    found = loaded or _sought(module)
    path = Path(found) if found else None
    return path if path and path.is_file() else None


def _sought(module: str) -> str | None:
    package, dot, _ = module.rpartition(".")
    inside = _file(package) if dot else None
    if dot and (inside is None or inside.name != "__init__.py"):
        return None
    spec = PathFinder.find_spec(module, [str(inside.parent)] if inside else None)
    return spec.origin if spec else None


def _functions(kind: type) -> str:
    """The compiled functions of a class that was typed in and has no file."""
    codes = [f.__code__ for f in vars(kind).values() if isinstance(f, FunctionType)]
    return digest(kind.__qualname__, *(marshal.dumps(code) for code in codes))
