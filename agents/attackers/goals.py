"""What a gradient attack ascends: a loss by name, away from the true label or towards a target."""

from __future__ import annotations

from typing import Literal, TypeAlias

from arena.engine import DLR, CrossEntropy, Loss, Margin, Towards

LossName: TypeAlias = Literal["cross-entropy", "margin", "dlr"]
LOSSES: dict[str, Loss] = {"cross-entropy": CrossEntropy(), "margin": Margin(), "dlr": DLR()}


def goal(loss: LossName, target: int | None) -> Loss:
    """The loss to ascend."""
    return LOSSES[loss] if target is None else Towards(LOSSES[loss], target)
