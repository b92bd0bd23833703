"""The signs as a camera on the road sees them: pose, light, dirt, blur and noise, all drawn at random."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from arena.engine.arrays import Array, Labels
from arena.streams import stream
from scenarios.signs.templates import SIDE, templates

PIXELS, FINE = 32, 2  # side of a photograph, and how finely it is sampled before pixels are averaged
CHUNK = 250


def photographs(n: int, seed: int) -> tuple[Array, Labels]:
    """Pictures (n, 32, 32, 3) in [0, 1], rounded to 1/255, and labels (n,); the first k of n are those of k in steps of 250."""
    parts = [_chunk(min(CHUNK, n - start), stream("signs", seed, start)) for start in range(0, n, CHUNK)]
    x, y = (np.concatenate(part) for part in zip(*parts, strict=True))
    return x, y


def _chunk(n: int, rng: Generator) -> tuple[Array, Labels]:
    y = rng.integers(len(templates()), size=n)
    seen = _warped(templates()[y], _pose(n, rng))
    colour, opacity = seen[..., :3], seen[..., 3:]
    scene = _backgrounds(n, rng) * (1 - opacity) + colour * _dirt(n, rng)
    lit = scene * _light(n, rng)
    pixels = _blurred(lit, rng).reshape(n, PIXELS, FINE, PIXELS, FINE, 3).mean(axis=(2, 4))
    grain = rng.uniform(0.005, 0.03, (n, 1, 1, 1)) * rng.standard_normal(pixels.shape)
    return (np.clip(pixels + grain, 0, 1) * 255).round().astype(np.float32) / np.float32(255), y


def _pose(n: int, rng: Generator) -> Array:
    """Maps from places of the photograph in [-1, 1]² to places of the sign: (n, 2, 3), turned, sheared, scaled, shifted."""
    angle, size = rng.normal(0, 0.1, n), rng.uniform(0.75, 0.97, n)
    shear, narrow = rng.normal(0, 0.08, n), rng.uniform(0.85, 1.0, n)
    shift = rng.uniform(-1, 1, (n, 2)) * (1 - size)[:, None]
    turn = np.stack([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
    squeeze = np.stack([[size * narrow, size * shear], [np.zeros(n), size]]).transpose(2, 0, 1)
    back = np.linalg.inv(turn @ squeeze)
    return np.concatenate([back, -back @ shift[:, :, None]], axis=2)


def _warped(signs: Array, pose: Array) -> Array:
    """The signs (n, SIDE, SIDE, 4) as they stand in the photograph, by bilinear interpolation; nothing outside."""
    n, fine = len(signs), PIXELS * FINE
    line = (np.arange(fine) + 0.5) / fine * 2 - 1
    u, v = np.meshgrid(line, line)
    places = np.einsum("nij,jp->nip", pose, np.stack([u.ravel(), v.ravel(), np.ones(fine**2)]))
    at = np.clip((places + 1) / 2 * SIDE + 0.5, 0, SIDE + 1).astype(np.float32)
    framed = np.pad(signs, ((0, 0), (1, 1), (1, 1), (0, 0))).reshape(n, -1, 4)  # a border that nothing is drawn on
    column, row = np.minimum(at.astype(np.intp), SIDE).transpose(1, 0, 2)
    right, down = (at.transpose(1, 0, 2) - [column, row])[..., None].astype(np.float32)
    chosen = np.arange(n)[:, None]

    def corner(i: int, j: int) -> Array:
        return framed[chosen, (row + i) * (SIDE + 2) + column + j]

    above = corner(0, 0) * (1 - right) + corner(0, 1) * right
    below = corner(1, 0) * (1 - right) + corner(1, 1) * right
    return (above * (1 - down) + below * down).reshape(n, fine, fine, 4)


def _clouds(n: int, cells: int, rng: Generator) -> Array:
    """Smooth random fields in [0, 1] (n, fine, fine, 1): a coarse grid of numbers, interpolated."""
    fine = PIXELS * FINE
    grid = rng.random((n, cells + 1, cells + 1), dtype=np.float32)
    at = np.linspace(0, cells, fine, endpoint=False)
    low, part = at.astype(int), (at % 1).astype(np.float32)
    rows = grid[:, low] * (1 - part)[:, None] + grid[:, low + 1] * part[:, None]
    both: Array = rows[:, :, low] * (1 - part) + rows[:, :, low + 1] * part
    return both[..., None]


def _backgrounds(n: int, rng: Generator) -> Array:
    """Sky, leaves, walls: two random colours, mixed by clouds."""
    first, second = rng.uniform(0.1, 0.95, (2, n, 1, 1, 3)).astype(np.float32)
    grey = rng.random((n, 1, 1, 1), dtype=np.float32)
    first, second = (c * (1 - grey) + c.mean(axis=-1, keepdims=True) * grey for c in (first, second))
    mix = 0.6 * _clouds(n, 3, rng) + 0.4 * _clouds(n, 12, rng)
    return first * mix + second * (1 - mix)


def _dirt(n: int, rng: Generator) -> Array:
    """What dirt and wear leave of the sign's colour, in [0.4, 1]."""
    amount = rng.uniform(0, 0.6, (n, 1, 1, 1)).astype(np.float32) * (rng.random((n, 1, 1, 1)) < 0.6)
    spots: Array = np.clip(4 * (_clouds(n, 7, rng) - 0.6), 0, 1)
    return 1 - amount * spots


def _light(n: int, rng: Generator) -> Array:
    """Brightness, a cast of colour, and a shadow that falls across."""
    level = rng.uniform(0.45, 1.15, (n, 1, 1, 1)) * rng.normal(1, 0.04, (n, 1, 1, 3))
    return (level * (1 - rng.uniform(0, 0.35, (n, 1, 1, 1)) * _clouds(n, 1, rng))).astype(np.float32)


def _blurred(images: Array, rng: Generator) -> Array:
    """Each picture mixed with a blurred one, by an amount of its own."""
    from scipy.ndimage import gaussian_filter

    soft = gaussian_filter(images, (0, 1.8, 1.8, 0))
    amount = rng.random((len(images), 1, 1, 1), dtype=np.float32)
    return images * (1 - amount) + soft * amount
