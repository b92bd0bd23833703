"""Trained policies as plain networks of ours: read from our own .npz, or from a Stable-Baselines3 zip by its weights alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import BadZipFile, ZipFile

import autograd.numpy as anp
import numpy as np
from numpy.random import Generator

from arena.checks import one_of
from arena.engine import Dense, Layer, ReLU, Sequential, load
from arena.engine.arrays import Array
from arena.errors import InvalidValue
from arena.streams import RowStreams

Policy: TypeAlias = Callable[[Array], Array]  # observations (n, k) to logits of the actions (n, actions)


@dataclass(frozen=True)
class Uniform:
    """Random search in a policy's own moves: every one of the `actions` as likely as any other."""

    actions: int

    def __call__(self, seen: Array) -> Array:
        """Equal logits (n, actions)."""
        return np.zeros((len(seen), self.actions), np.float32)


@dataclass(frozen=True)
class RandomPush:
    """Random search in pixels: a push drawn anew, evenly in [-1, 1], for each of the `features` of whatever is seen."""

    features: int

    def __call__(self, seen: Array) -> Array:
        """Actions (n, features), which depend on the rows seen alone."""
        return 2 * RowStreams(seen, np.random.default_rng(0)).uniform(slice(None), 0, self.features) - 1


@dataclass(frozen=True)
class Tanh(Layer):
    """The hyperbolic tangent: what Stable-Baselines3 puts between layers unless told otherwise."""

    def forward(self, params: Any, x: Array, rng: Generator | None = None) -> Array:
        """tanh(x)."""
        return anp.tanh(x)


def read_policy(path: str | Path) -> Sequential:
    """The policy that `train` or `save` wrote; InvalidValue where the file is none."""
    try:
        policy = load(path, layers={"Tanh": Tanh})
        if any(array.dtype.kind != "f" for arrays in policy.params for array in arrays):
            raise ValueError("its weights are no real numbers")
        return policy
    except (ValueError, OSError) as error:
        raise InvalidValue(
            f"{path} holds no policy ({error}): give the policy.npz of a `python -m arena train` run"
        ) from error


def read_sb3(path: str | Path, activation: str | None = None) -> Sequential:
    """The actor of a Stable-Baselines3 actor-critic (PPO, A2C): logits of discrete actions, or the means of others.

    Its `activation` is tanh or relu; None: the one that the zip's own description names.
    Of the zip only the weights are read, by torch.load(weights_only=True): the rest holds pickles, and a pickle can run
    anything. Needs PyTorch (extra `rl`) to read, none to play. InvalidValue where the file is none.
    """
    path = path if Path(path).exists() else f"{path}.zip"  # as the library itself has it
    try:
        import torch
    except ImportError as error:
        raise InvalidValue("reading a Stable-Baselines3 zip needs PyTorch: python -m pip install '.[rl]'") from error
    try:
        with ZipFile(path) as archive:
            weights = torch.load(BytesIO(archive.read("policy.pth")), map_location="cpu", weights_only=True)
            activation = activation or _activation(archive)
    except Exception as error:  # a broken file fails in many ways; none of them is trusted
        if isinstance(error, OSError | BadZipFile | KeyError):
            raise InvalidValue(f"{path} is no zip that Stable-Baselines3 saved: {error}") from error
        raise InvalidValue(f"the weights in {path} cannot be read safely: {error}") from error
    one_of("activation", activation, ("tanh", "relu"))
    if not isinstance(weights, dict):
        raise InvalidValue(f"{path} holds no weights by name, but a {type(weights).__name__}")
    arrays = {name: np.asarray(value.numpy(), np.float32) for name, value in weights.items()}
    names = sorted(
        (
            n.removesuffix(".weight")
            for n in arrays
            if n.startswith("mlp_extractor.policy_net.") and n.endswith(".weight")
        ),
        key=lambda name: int(name.rsplit(".", 1)[1]),
    )
    if "action_net.weight" not in arrays:
        raise InvalidValue(f"{path} holds no actor of PPO or A2C; found the weights {sorted(arrays)[:8]} …")
    layers: list[Layer] = []
    for name in names:
        layers += [_dense(arrays, name), Tanh() if activation == "tanh" else ReLU()]
    return Sequential((*layers, _dense(arrays, "action_net")))


def _activation(archive: ZipFile) -> str:
    """What stands between the layers, in the words of the description; tanh where it says nothing."""
    described = json.loads(archive.read("data")).get("policy_kwargs", {})
    named = str(described.get("activation_fn", "Tanh"))  # as in <class 'torch.nn.modules.activation.ReLU'>
    return named.strip("<>'").rsplit(".", 1)[-1].lower()


def _dense(arrays: dict[str, Array], name: str) -> Dense:
    return Dense(np.ascontiguousarray(arrays[f"{name}.weight"].T), arrays[f"{name}.bias"])
