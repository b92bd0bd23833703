"""The wake of a multirotor, far below it: momentum theory feeding a round turbulent jet.

At the rotors the air is sped up to w0 = sqrt(T / (2 ρ A)), in the far wake to 2 w0 through half the area (Leishman, Principles of
Helicopter Aerodynamics, 2006, 2.2). From there it spreads as a free round jet, w = w_c / (1 + a η²)² with w_c = B D 2 w0 / z,
η = distance from the axis / z, a = (sqrt(2) - 1) / S² (Pope, Turbulent Flows, 2000, 5.1: B = 6, S = 0.096).
"""

from __future__ import annotations

import math

import numpy as np

from arena.engine.arrays import Array

AIR, GRAVITY = 1.2, 9.81  # kg/m³, m/s²
MASS, ROTOR, ROTORS = 0.034, 0.023, 4  # a palm-sized quadrotor: kg, m
BODY = 0.01  # m², the lower one's drag area
B, S = 6.0, 0.096

DISC = ROTORS * math.pi * ROTOR**2
FAR_WAKE = 2 * math.sqrt(MASS * GRAVITY / (2 * AIR * DISC))  # m/s
DIAMETER = 2 * math.sqrt(DISC / (2 * math.pi))  # m, of the far wake


def speed(state: Array) -> Array:
    """Downward air speed (n,) in m/s at places (n, 3) relative to the upper vehicle: across, along, and below it, in m."""
    across, below = np.hypot(state[:, 0], state[:, 1]), state[:, 2]
    centre = FAR_WAKE * np.minimum(1.0, B * DIAMETER / below)
    profile: Array = (1 + (math.sqrt(2) - 1) * (across / below / S) ** 2) ** -2
    return centre * profile


def force(state: Array) -> Array:
    """The vertical force (n,) on a like vehicle at those places, in multiples of its weight; negative: downwards."""
    return -0.5 * AIR * BODY * speed(state) ** 2 / (MASS * GRAVITY)
