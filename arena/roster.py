"""The roster: names to players, scenarios and data sets by entry point; the one place where plug-ins load."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields, is_dataclass
from functools import cache, lru_cache
from importlib.metadata import EntryPoint, entry_points, packages_distributions
from pathlib import Path
from typing import Any

from arena import specs
from arena.data import Dataset, read_npz
from arena.errors import ArenaError, InvalidValue, RosterError, did_you_mean

GROUPS = ("attackers", "defenders", "scenarios", "datasets")
CONTROLS = ("noise", "plain")  # what every table is read against stands first in it


def names(group: str) -> list[str]:
    """The names registered in a group: the control, then the others in alphabetical order."""
    return sorted(_entries(group), key=lambda name: (name not in CONTROLS, name))


def ready(group: str) -> list[str]:
    """The names in a group that need no parameter: who can play without being told how."""
    return [name for name in names(group) if not told(group, name)]


def told(group: str, name: str) -> bool:
    """Whether it must be told something before it can play; RosterError as by `find`."""
    return "required" in parameters(find(group, name)).values()


def find(group: str, name: str) -> Any:
    """What a name stands for; RosterError if it is unknown or cannot be imported."""
    entry, *rivals = _entries(group).get(name, [None])
    if entry is None:
        raise RosterError(f"no {group[:-1]} is called '{name}'; {did_you_mean(name, _entries(group))}")
    if rivals:
        owners = " and ".join(f"{_owner(one)} ({one.value})" for one in (entry, *rivals))
        raise RosterError(f"more than one {group[:-1]} is called '{name}', of {owners}: rename or uninstall one")
    try:
        found = entry.load()
    except KeyboardInterrupt:  # the user's
        raise
    except BaseException as error:  # a module may even exit
        raise RosterError(_culprit(entry, f"{type(error).__name__}: {error}")) from error
    if not callable(found):
        raise RosterError(_culprit(entry, f"it is no class or function but {found!r:.60}"))
    return found


def build(group: str, text: str, **defaults: Any) -> Any:
    """The player or scenario that a spec like `pgd(steps=40)` describes."""
    name, given = specs.parse(text)
    kind = find(group, name)
    known = parameters(kind)
    for key in given:
        if key not in known:
            raise InvalidValue(f"{name} has no parameter '{key}'; {did_you_mean(key, known)}")
    try:
        return kind(**{**{k: v for k, v in defaults.items() if k in known}, **given})
    except ArenaError as error:
        raise InvalidValue(f"{name}: {error}") from error
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"{name} cannot be made from {text!r}: {error}") from error


def parameters(kind: Any) -> dict[str, str]:
    """Parameter names with their defaults as text."""
    if is_dataclass(kind):
        return {f.name: _default(f) for f in fields(kind) if f.init}
    return {p.name: repr(p.default) for p in inspect.signature(kind).parameters.values()}


def dataset(name: str) -> Dataset:
    """A registered data set by name, or the .npz at a path; read once, and again when the file has changed."""
    if not (name.endswith(".npz") or "/" in name):
        return _registered(name)
    path = Path(name)
    now = path.stat() if path.is_file() else None
    return _read(path, (now.st_mtime_ns, now.st_size, now.st_ino) if now else None)


@lru_cache(maxsize=4)
def _read(path: Path, stamp: tuple[int, ...] | None) -> Dataset:
    return read_npz(path)


@cache
def _registered(name: str) -> Dataset:
    made = find("datasets", name)()
    if not isinstance(made, Dataset):
        raise RosterError(f"data set '{name}' must be a function returning a Dataset; got {type(made).__name__}")
    return made


@cache
def packages() -> frozenset[str]:
    """The top-level packages that take part: the arena's own, and those of every registered name."""
    modules = {entry.module for group in GROUPS for entry in entry_points(group=f"arena.{group}")}
    return frozenset(module.partition(".")[0] for module in {__name__, *modules})


@cache
def _entries(group: str) -> dict[str, list[EntryPoint]]:
    """By name: one each, unless several distributions want it for different things."""
    if group not in GROUPS:
        raise RosterError(f"no group is called '{group}'; {did_you_mean(group, GROUPS)}")
    found: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=f"arena.{group}"):
        named = found.setdefault(entry.name, [])
        if all(entry.value != other.value for other in named):
            named.append(entry)
    if not found:
        raise RosterError(
            f"no {group} are registered: install the project (python -m pip install .) before using names"
        )
    return found


def _default(field: Any) -> str:
    if field.default is not MISSING:
        return repr(field.default)
    return "required" if field.default_factory is MISSING else repr(field.default_factory())


def _owner(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "an unknown distribution"


def _culprit(entry: EntryPoint, reason: str) -> str:
    package = entry.value.split(":")[0].split(".")[0]
    owner = _owner(entry)
    others = [name for name in packages_distributions().get(package, []) if name != owner]
    clash = f"; the import name '{package}' is also installed by {', '.join(others)}" if others else ""
    return f"'{entry.name}' from {owner} ({entry.value}) cannot be imported: {reason}{clash}"
