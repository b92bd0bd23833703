"""Networks as .npz files: arrays and a JSON description, nothing pickled, written to a temporary name and renamed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import BadZipFile

import numpy as np

from arena.engine.arrays import Array
from arena.engine.layers import Dense, Dropout, Layer, ReLU
from arena.engine.network import Sequential
from arena.engine.spectral_norm import SpectralNorm

LAYERS: Mapping[str, type] = {kind.__name__: kind for kind in (Dense, ReLU, Dropout, SpectralNorm)}


def save(model: Sequential, path: str | Path) -> None:
    """Write a network of dataclass layers to `path`."""
    save_value(list(model.layers), path)


def load(path: str | Path, *, layers: Mapping[str, type[Layer]] | None = None) -> Sequential:
    """Read a network; `layers` maps the names of your own layer classes. ValueError on an unknown layer or a bad file."""
    stored = load_value(path, {**LAYERS, **(layers or {})})
    if not isinstance(stored, list) or not all(isinstance(layer, Layer) for layer in stored):
        raise Unreadable(f"{path} holds no list of layers")
    return Sequential(tuple(stored))


def save_value(value: Any, path: str | Path) -> None:
    """Write arrays, plain values and dataclasses of them, however nested; TypeError or ValueError on anything else."""
    arrays: dict[str, Array] = {}
    description = json.dumps(_encode(value, "", arrays))
    write_arrays(path, {"description": np.array(description), **arrays})


_BROKEN = (
    AttributeError,
    BadZipFile,
    EOFError,
    KeyError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
    zlib.error,
)


class Unreadable(ValueError):
    """A file that is none of ours, or damaged."""


def load_value(path: str | Path, known: Mapping[str, type]) -> Any:
    """Read what `save_value` wrote, with the classes that are `known` by name and no other.

    ValueError on an unknown class; Unreadable, which is one too, on a file that is none of ours or damaged.
    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        description = json.loads(str(arrays["description"]))
    except _BROKEN as error:
        raise Unreadable(f"{path} is not a network saved by this engine: {error}") from error
    try:
        return _decode(description, arrays, known)
    except (KeyError, RecursionError, TypeError) as error:
        raise Unreadable(f"{path} is not a network saved by this engine: {error}") from error


def write_arrays(path: str | Path, arrays: Mapping[str, Array]) -> None:
    """Write an .npz in one step: a reader finds the old file or the new, never a part."""
    target = Path(path)
    draft = target.with_name(f"{uuid4().hex}.npz.part")
    try:
        with draft.open("xb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]  # stubs
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _encode(value: Any, name: str, arrays: dict[str, Array]) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        arrays[name] = np.asarray(value)
        return {"array" if isinstance(value, np.ndarray) else "number": name}
    if isinstance(value, list | tuple):
        items = [_encode(item, f"{name}.{i}".lstrip("."), arrays) for i, item in enumerate(value)]
        return items if isinstance(value, list) else {"tuple": items}
    if is_dataclass(value):
        inside = {
            f.name: _encode(getattr(value, f.name), f"{name}.{f.name}".lstrip("."), arrays) for f in fields(value)
        }
        return {"layer": type(value).__name__, **inside}
    if isinstance(value, Layer):
        if vars(value):
            raise ValueError(
                f"{type(value).__name__} keeps state outside of dataclass fields: make it a frozen dataclass"
            )
        return {"layer": type(value).__name__}
    return value


def _decode(entry: Any, stored: Mapping[str, Array], known: Mapping[str, type]) -> Any:
    if isinstance(entry, list):
        return [_decode(item, stored, known) for item in entry]
    if not isinstance(entry, dict):
        return entry
    if "layer" not in entry:
        ((kind, inside),) = entry.items()
        if kind == "tuple":
            return tuple(_decode(item, stored, known) for item in inside)
        return stored[inside] if kind == "array" else stored[inside][()]
    name = entry["layer"]
    if name not in known:
        raise ValueError(f"unknown layer '{name}': pass load(path, layers={{'{name}': its class}})")
    return known[name](**{key: _decode(value, stored, known) for key, value in entry.items() if key != "layer"})
