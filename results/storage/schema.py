"""The database of a run: its tables, how it is opened, and one writer at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATABASE = "run.sqlite"
LOCK = "writer.lock"
VERSION = 1
_APPLICATION = 0x6D6D6172  # "mmar", so that another program's database is not taken for a run

_TABLES = """
CREATE TABLE plans (plan INTEGER PRIMARY KEY, turn INTEGER NOT NULL, scenario TEXT NOT NULL, about TEXT NOT NULL UNIQUE)
STRICT;
CREATE TABLE seats (
    plan INTEGER NOT NULL, place INTEGER NOT NULL, attacker TEXT NOT NULL, defender TEXT NOT NULL, seed TEXT NOT NULL,
    match TEXT NOT NULL, training TEXT NOT NULL, PRIMARY KEY (plan, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE rounds (
    match TEXT NOT NULL, round INTEGER NOT NULL, points INTEGER NOT NULL, forfeit TEXT NOT NULL, extras TEXT NOT NULL,
    queries BLOB NOT NULL, clean BLOB NOT NULL, attacked BLOB NOT NULL, PRIMARY KEY (match, round)
) STRICT, WITHOUT ROWID;
CREATE TABLE clock (key TEXT PRIMARY KEY, seconds REAL NOT NULL) STRICT, WITHOUT ROWID;
"""


class StoreError(Exception):
    """A run cannot be read or written; the message says which, why and what to do."""


def connected(folder: Path, *, write: bool) -> sqlite3.Connection:
    """Open the database of a run; a writer makes one where there is none. Raises StoreError."""
    path = folder / DATABASE
    if not write and not path.exists():
        raise StoreError(f"{folder} does not exist or holds no {DATABASE}: give a run folder (`runs` lists them)")
    with speaking(path):
        uri = f"{path.resolve().as_uri()}?mode={'rwc' if write else 'ro'}"
        database = sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)
        if write and not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            _create(database)
        _known(database, path)
        database.execute("PRAGMA synchronous = NORMAL")
        return database


def sole_writer(folder: Path) -> sqlite3.Connection:
    """Take the run for writing until the connection closes or the process dies; StoreError where another has it."""
    with speaking(folder / LOCK):
        lock = sqlite3.connect(folder / LOCK, timeout=0, isolation_level=None)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            if "locked" not in str(error):
                raise
            raise StoreError(
                f"another process is writing to {folder}: wait for it, stop it, or choose another folder"
            ) from error
    return lock


@contextmanager
def speaking(path: Path) -> Iterator[None]:
    """Say what a failure of the database means for the run."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"{path}: {error}. Nothing stored before is lost: make room or mend the folder, then give the same command"
        ) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path} is no run's database ({error}): choose another folder") from error


def _create(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA journal_mode = WAL")
    marks = f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {VERSION};"
    database.executescript(f"BEGIN IMMEDIATE; {_TABLES} {marks} COMMIT;")


def _known(database: sqlite3.Connection, path: Path) -> None:
    found = tuple(database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    if found != (_APPLICATION, VERSION):
        raise StoreError(f"{path} is no run of this version (found {found}): choose another folder")
