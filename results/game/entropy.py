"""The most even of many optimal mixtures: the point of maximum entropy on a face of equilibria."""

from __future__ import annotations

import numpy as np

from results.game.minimax import RANK, Face, Vector, to_mixture
from results.game.payoffs import Matrix

WALLS = tuple(10.0**-power for power in range(1, 13))
NEAR = 1e-5  # what the last wall leaves of an inequality that holds with equality
STEPS = 60


def most_even(face: Face) -> Vector:
    """Find the mixture of maximum entropy on a face: shape (rows,), zero on the rows that the face does not use.

    Newton's method in the null space of the equalities, with a logarithmic wall at each inequality that is then
    lowered (Boyd and Vandenberghe, "Convex Optimization", 2004, chapters 10 and 11); at the end the walls that the
    mixture leans on become equalities, which takes away the last error.
    """
    mixture = np.zeros(face.used.size)
    with np.errstate(all="ignore"):
        p, directions = _onto(face.equal, face.inside), _directions(face.equal)
        for wall in WALLS if face.above.shape[1] else (0.0,):
            p = _climb(p, directions, face.above, wall)
        mixture[face.used] = to_mixture(_lean(p, face))
    return mixture


def _climb(p: Vector, directions: Matrix, above: Matrix, wall: float) -> Vector:
    """Maximise `H(p) + wall sum log(p @ above)` along the directions, from a mixture strictly inside."""
    for _ in range(STEPS if directions.shape[1] else 0):
        slack = p @ above
        slope = directions.T @ (-np.log(p) - 1 + above @ (wall / slack))
        steep = directions.T @ above / slack
        bend = directions.T @ (directions / p[:, None]) + wall * steep @ steep.T
        step = directions @ np.linalg.solve(bend, slope)
        longer = _search(p, step, above, wall)
        if np.abs(longer - p).max() < 1e-15:
            break
        p = longer
    return p


def _search(p: Vector, step: Vector, above: Matrix, wall: float) -> Vector:
    """Halve a step until it stays inside and does not lose height; p itself if no length will do."""
    height = _height(p, above, wall)
    for length in 0.5 ** np.arange(40):
        if _height(p + length * step, above, wall) > height:
            return np.asarray(p + length * step)
    return p


def _height(p: Vector, above: Matrix, wall: float) -> float:
    slack = p @ above
    if p.min() <= 0 or (slack <= 0).any():
        return -np.inf
    return float(-(p * np.log(p)).sum() + wall * np.log(slack).sum())


def _lean(p: Vector, face: Face) -> Vector:
    """Climb without walls, along the inequalities that all but bind at p; p itself if that leads off the face."""
    near = p @ face.above < NEAR
    equal = np.c_[face.equal, face.above[:, near]]
    start = _onto(equal, p)
    if start.min() <= 0:
        return p
    end = _climb(start, _directions(equal), face.above[:, :0], 0.0)
    stays = (end @ face.above >= -1e-12).all() and np.abs(end - p).max() < 100 * NEAR
    return end if stays else p


def _onto(equal: Matrix, p: Vector) -> Vector:
    """Move p to the nearest point that sums to one and satisfies `p @ equal == 0`."""
    C = _equations(equal)
    error = np.r_[np.zeros(len(C) - 1), 1.0] - C @ p
    return np.asarray(p + np.linalg.lstsq(C, error, rcond=RANK)[0])


def _directions(equal: Matrix) -> Matrix:
    """Orthonormal columns that span the moves which keep the sum and `p @ equal`."""
    from scipy.linalg import null_space

    return null_space(_equations(equal), rcond=RANK)


def _equations(equal: Matrix) -> Matrix:
    return np.vstack([equal.T, np.ones(equal.shape[0])])
