"""What a gradient attack ascends: a loss by name, away from the true label or towards a target."""

from __future__ import annotations

from typing import Literal, TypeAlias

from arena.checks import whole
from arena.engine import DLR, CrossEntropy, Loss, Margin, Towards
from arena.errors import InvalidValue

LossName: TypeAlias = Literal["cross-entropy", "margin", "dlr"]
LOSSES: dict[str, Loss] = {"cross-entropy": CrossEntropy(), "margin": Margin(), "dlr": DLR()}


def check_target(target: int | None) -> None:
    """Require a label, or none."""
    if target is not None:
        whole("target", target, least=0)


def goal(loss: LossName, target: int | None, classes: int) -> Loss:
    """The loss to ascend; InvalidValue if the target is no class of the model's."""
    if target is not None and target >= classes:
        raise InvalidValue(f"target must be one of the model's labels 0..{classes - 1}; got {target}")
    return LOSSES[loss] if target is None else Towards(LOSSES[loss], target)
