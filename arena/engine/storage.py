"""Networks as .npz files: arrays and a JSON description, nothing pickled, written to a temporary name and renamed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from arena.engine.arrays import Array
from arena.engine.layers import Dense, Dropout, Layer, ReLU
from arena.engine.network import Sequential
from arena.engine.spectral_norm import SpectralNorm

_KNOWN: dict[str, type[Layer]] = {kind.__name__: kind for kind in (Dense, ReLU, Dropout, SpectralNorm)}


def save(model: Sequential, path: str | Path) -> None:
    """Write a network of dataclass layers to `path`."""
    arrays: dict[str, Array] = {}
    description = [_encode(layer, f"{i}", arrays) for i, layer in enumerate(model.layers)]
    target = Path(path)
    handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".npz.part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, description=np.array(json.dumps(description)), **arrays)  # type: ignore[arg-type]  # stubs
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(path: str | Path, *, layers: Mapping[str, type[Layer]] | None = None) -> Sequential:
    """Read a network; `layers` maps the names of your own layer classes. ValueError on an unknown layer or a bad file."""
    known = {**_KNOWN, **(layers or {})}
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            description = json.loads(str(stored["description"]))
            return Sequential(tuple(_decode(entry, stored, known) for entry in description))
    except (KeyError, json.JSONDecodeError, TypeError, BadZipFile, EOFError) as error:
        raise ValueError(f"{path} is not a network saved by this engine: {error}") from error


def _encode(layer: Layer, prefix: str, arrays: dict[str, Array]) -> dict[str, Any]:
    entry: dict[str, Any] = {"layer": type(layer).__name__}
    stateless = not is_dataclass(layer)
    if stateless and vars(layer):
        raise ValueError(f"{entry['layer']} keeps state outside of dataclass fields: make it a frozen dataclass")
    for field in () if stateless else fields(layer):  # type: ignore[arg-type]  # the line above has shown it
        value = getattr(layer, field.name)
        if isinstance(value, np.ndarray):
            arrays[f"{prefix}.{field.name}"] = value
            entry[field.name] = {"array": f"{prefix}.{field.name}"}
        elif isinstance(value, Layer):
            entry[field.name] = _encode(value, f"{prefix}.{field.name}", arrays)
        else:
            entry[field.name] = value.item() if isinstance(value, np.generic) else value
    return entry


def _decode(entry: dict[str, Any], stored: Mapping[str, Array], known: Mapping[str, type[Layer]]) -> Layer:
    values = dict(entry)
    name = values.pop("layer")
    if name not in known:
        raise ValueError(f"unknown layer '{name}': pass load(path, layers={{'{name}': its class}})")
    return known[name](**{key: _value(value, stored, known) for key, value in values.items()})


def _value(value: Any, stored: Mapping[str, Array], known: Mapping[str, type[Layer]]) -> Any:
    if isinstance(value, dict):
        return stored[value["array"]] if "array" in value else _decode(value, stored, known)
    return value
