"""First deployments on disk: what is trained once is loaded again, bit for bit, or trained again where that cannot be."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import is_dataclass
from pathlib import Path

from arena.engine.layers import Layer
from arena.engine.storage import load_value, save_value
from arena.keeping.keys import kinds
from arena.keeping.sources import reached
from arena.moves import Deployment
from arena.players import Defender, spec


def keep(move: Deployment, path: Path, defender: Defender) -> bool:
    """Write a deployment as .npz if it comes back the same from there; whether it does."""
    try:
        path.parent.mkdir(exist_ok=True)
        save_value(move, path)
        if spec(load_value(path, _classes(defender))) == spec(move):
            return True
    except (TypeError, ValueError):
        pass  # made of more than arrays, plain values and dataclasses
    path.unlink(missing_ok=True)
    return False


def kept(path: Path, defender: Defender) -> Deployment | None:
    """The deployment that was kept, or None; a file names classes of the defender's own code alone, and runs nothing else."""
    try:
        found = load_value(path, _classes(defender))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, Deployment) else None


def _classes(defender: Defender) -> Mapping[str, type]:
    modules = reached(kind.__module__ for kind in {Deployment, *kinds(defender)})
    values = [value for name in sorted(modules & sys.modules.keys()) for value in vars(sys.modules[name]).values()]
    own = [value for value in values if isinstance(value, type) and value.__module__ in modules]
    return {kind.__name__: kind for kind in own if is_dataclass(kind) or issubclass(kind, Layer)}
