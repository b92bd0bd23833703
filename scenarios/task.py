"""What the evasion scenarios share: the data, the ball, the deal, and what a match is keyed by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from arena import roster
from arena.checks import share, whole
from arena.data import Dataset
from arena.errors import InvalidValue
from arena.players import spec
from arena.streams import digest
from arena.threat import Ball
from scenarios.deal import Deal, deal

if TYPE_CHECKING:
    from scenarios.white_box import WhiteBox


DEFENDERS = (
    "plain",
    "adversarial-augmentation",
    "adversarial-training",
    "dropout",
    "ensemble",
    "feature-squeezing",
    "noise-augmentation",
    "randomised-input",
    "spectral-normalisation",
)  # the default table of a terminal's width; any other is one --defenders away


@dataclass(frozen=True, kw_only=True)
class EvasionTask:
    """Data by registered name, path of an .npz, or as a Dataset; how far a point may be moved; how many points are attacked."""

    data: str | Dataset = "digits"
    ball: Ball = Ball(0.15, "linf")
    points: int = 500
    train: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.ball, Ball):
            raise InvalidValue(
                f"ball must be a Ball, as in Ball(0.15, 'linf') or --radius and --norm; got {self.ball!r}"
            )
        if not isinstance(self.data, str | Dataset):
            raise InvalidValue(f"data must be a name, the path of an .npz as text, or a Dataset; got {self.data!r}")
        whole("points", self.points)
        if self.train is not None:
            whole("train", self.train)
        share("shadow", self.shadow)

    lineup: ClassVar[Mapping[str, Sequence[str]]] = {}  # who plays unless told otherwise, by group; else all at home

    @property
    def rounds(self) -> int:
        """How many fields are played."""
        return 1

    @property
    def shadow(self) -> float:
        """The share of the training rows that only the attacker holds; 0: it sees the defender's."""
        return 0.0

    @cached_property
    def dataset(self) -> Dataset:
        """The data, loaded once."""
        return self.data if isinstance(self.data, Dataset) else roster.dataset(self.data)

    @cached_property
    def deal(self) -> Deal:
        """Training rows, fields and shadow rows."""
        return deal(self.dataset, points=self.points, rounds=self.rounds, train=self.train, shadow=self.shadow)

    def __getstate__(self) -> dict[str, Any]:
        """What travels to another process: the parameters and the data; what follows from them is made again there."""
        travels = {*(f.name for f in fields(self)), "dataset"}
        return {key: value for key, value in vars(self).items() if key in travels}

    def content(self) -> str:
        """A digest of the rules and of the data's rows."""
        return self._content

    @cached_property
    def _content(self) -> str:
        rows = self.dataset.rows
        return digest(spec(self), rows.x.tobytes(), rows.y.tobytes())


class BallTask(EvasionTask):
    """A task whose attacker moves the test points, within the ball: it has a white-box twin, and gradients to be hidden."""

    def in_sight(self, ball: Ball) -> WhiteBox:
        """The white-box game on the same fields, in another ball: what probes of a deployed model play."""
        from scenarios.white_box import WhiteBox

        twin = WhiteBox(data=self.data, ball=ball, points=self.points, train=self.train, rounds=self.rounds)
        vars(twin)["dataset"] = self.dataset  # loaded once, also where it came from another process
        return twin
