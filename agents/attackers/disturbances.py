"""Nature instead of an attacker: common corruptions at five severities, after Hendrycks & Dietterich (2019, arXiv:1903.12261)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.random import Generator

from arena.checks import whole
from arena.engine.arrays import Array
from arena.errors import InvalidValue
from arena.moves import Perturbation
from arena.views import DisturbanceView


@dataclass(frozen=True, kw_only=True)
class Disturbance(ABC):
    """A change that means nobody harm: `severity` 1 to 5 chooses a strength from `levels`."""

    severity: int = 3

    levels: ClassVar[tuple[float, ...]]

    def __post_init__(self) -> None:
        whole("severity", self.severity)
        if self.severity > 5:
            raise InvalidValue(f"severity must be 1 to 5; got {self.severity}")

    def move(self, view: DisturbanceView, rng: Generator) -> Perturbation:
        """The field as it looks now, put back into the box."""
        pictures = view.pictures(view.field.x)
        changed = self.changed(pictures, self.levels[self.severity - 1], rng)
        return Perturbation(np.clip(changed, *view.ball.box).astype(np.float32).reshape(view.field.x.shape))

    @abstractmethod
    def changed(self, pictures: Array, level: float, rng: Generator) -> Array:
        """Pictures (n, h, w, c) in [0, 1] at the given strength; what leaves the box is clipped."""


@dataclass(frozen=True, kw_only=True)
class GaussianNoise(Disturbance):
    """Gaussian noise of the standard deviation `levels`, in pixels."""

    levels = (0.04, 0.08, 0.12, 0.18, 0.26)

    def changed(self, pictures: Array, level: float, rng: Generator) -> Array:
        """Pictures plus noise."""
        return pictures + level * rng.standard_normal(pictures.shape)


@dataclass(frozen=True, kw_only=True)
class SaltAndPepper(Disturbance):
    """A share of the pixels black or white."""

    levels = (0.01, 0.03, 0.06, 0.1, 0.17)

    def changed(self, pictures: Array, level: float, rng: Generator) -> Array:
        """Pictures with grains on them."""
        struck = rng.random((*pictures.shape[:3], 1)) < level
        return np.where(struck, rng.integers(0, 2, struck.shape), pictures)


@dataclass(frozen=True, kw_only=True)
class Blur(Disturbance):
    """Gaussian blur; levels are shares of the picture's side."""

    levels = (0.0125, 0.025, 0.0375, 0.053, 0.075)

    def changed(self, pictures: Array, level: float, rng: Generator) -> Array:
        """Pictures out of focus."""
        from scipy.ndimage import gaussian_filter

        side = max(pictures.shape[1:3])
        return np.asarray(gaussian_filter(pictures, (0, level * side, level * side, 0)))


@dataclass(frozen=True, kw_only=True)
class Contrast(Disturbance):
    """What is left of each picture's contrast around its mean."""

    levels = (0.75, 0.6, 0.45, 0.3, 0.2)

    def changed(self, pictures: Array, level: float, rng: Generator) -> Array:
        """Pictures in fog."""
        middle = pictures.mean(axis=(1, 2, 3), keepdims=True)
        return middle + level * (pictures - middle)


@dataclass(frozen=True, kw_only=True)
class Brightness(Disturbance):
    """All pixels lighter, or all darker, at random."""

    levels = (0.1, 0.15, 0.2, 0.3, 0.4)

    def changed(self, pictures: Array, level: float, rng: Generator) -> Array:
        """Pictures badly exposed."""
        return pictures + level * rng.choice([-1.0, 1.0], (len(pictures), 1, 1, 1))


@dataclass(frozen=True, kw_only=True)
class Occlusion(Disturbance):
    """A grey square somewhere; levels are its share of the picture's side."""

    levels = (0.15, 0.25, 0.35, 0.45, 0.55)

    def changed(self, pictures: Array, level: float, rng: Generator) -> Array:
        """Pictures with something in front."""
        n, *sides, _ = pictures.shape
        hidden = np.ones((n, *sides, 1), bool)
        for axis, side in enumerate(sides):
            size = max(round(level * side), 1)
            start = rng.integers(0, side - size + 1, n)[:, None]
            inside = (np.arange(side) >= start) & (np.arange(side) < start + size)
            hidden &= np.expand_dims(inside, (2 - axis, 3))
        return np.where(hidden, rng.uniform(0.2, 0.8, (n, 1, 1, 1)), pictures)


@dataclass(frozen=True, kw_only=True)
class Dusk(Disturbance):
    """Evening: less light, bluer where there is colour, and the camera's noise; levels are the light left."""

    levels = (0.7, 0.5, 0.35, 0.25, 0.18)

    def changed(self, pictures: Array, level: float, rng: Generator) -> Array:
        """Pictures taken at dusk."""
        cast = np.array([0.85, 0.95, 1.2]) if pictures.shape[3] == 3 else np.ones(1)
        return level * cast * pictures + 0.03 * (1 - level) * rng.standard_normal(pictures.shape)


@dataclass(frozen=True, kw_only=True)
class Shift(Disturbance):
    """Moved in a random direction; levels are shares of the picture's side."""

    levels = (0.03, 0.06, 0.09, 0.12, 0.16)

    def changed(self, pictures: Array, level: float, rng: Generator) -> Array:
        """Pictures off centre."""
        angle = rng.uniform(0, 2 * np.pi, len(pictures))
        way = level * max(pictures.shape[1:3]) * np.stack([np.sin(angle), np.cos(angle)], axis=1)
        return _moved(pictures, np.zeros(len(pictures)), way)


@dataclass(frozen=True, kw_only=True)
class Rotation(Disturbance):
    """Turned to a random side; levels are degrees."""

    levels = (4.0, 8.0, 13.0, 20.0, 30.0)

    def changed(self, pictures: Array, level: float, rng: Generator) -> Array:
        """Pictures askew."""
        angle = np.deg2rad(level) * rng.choice([-1.0, 1.0], len(pictures))
        return _moved(pictures, angle, np.zeros((len(pictures), 2)))


def _moved(pictures: Array, angles: Array, ways: Array) -> Array:
    """Each picture turned about its middle by its angle (n,) in radians and shifted by its way (n, 2) in pixels."""
    from scipy.ndimage import affine_transform

    middle, moved = (np.array(pictures.shape[1:3]) - 1) / 2, np.empty_like(pictures)
    for picture, angle, way, out in zip(pictures, angles, ways, moved, strict=True):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for channel in range(pictures.shape[3]):
            out[..., channel] = affine_transform(
                picture[..., channel], turn, middle - turn @ (middle + way), order=1, mode="nearest"
            )
    return moved
