"""Who sits on the other side: one player by its spec, a mixture of several, or the equilibrium of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.random import Generator

from arena import roster
from arena.errors import ArenaError, InvalidValue

if TYPE_CHECKING:
    from results import Payoff

Opponent: TypeAlias = str | Mapping[str, float]


@dataclass(frozen=True)
class Mixture:
    """Players and the probability of each."""

    names: tuple[str, ...]
    players: tuple[Any, ...]
    p: tuple[float, ...]

    @classmethod
    def of(cls, group: str, opponent: Opponent) -> Mixture:
        """The mixture that `opponent` describes: "plain(epochs=20)", {"plain": 0.6, "dropout": 0.4} or the path of a run.

        InvalidValue for weights that are no distribution, a run that has no equilibrium, or a spec that builds nobody.
        """
        if isinstance(opponent, str):
            opponent = equilibrium(group, Path(opponent)) if is_path(opponent) else {opponent: 1.0}
        if not isinstance(opponent, Mapping):
            raise InvalidValue(
                f"an opponent is a spec, a mixture {{spec: probability}} or the path of a run; got {opponent!r}"
            )
        weights = np.array(list(opponent.values()), np.float64)
        if not (len(weights) and (weights >= 0).all() and np.isclose(weights.sum(), 1)):  # NaN fails
            raise InvalidValue(f"a mixture maps specs to probabilities that sum to 1; got {dict(opponent)!r}")
        players = tuple(roster.build(group, text) for text in opponent)
        return cls(tuple(opponent), players, tuple((weights / weights.sum()).tolist()))

    def draw(self, rng: Generator) -> Any:
        """A player, drawn for one match."""
        return self.players[int(rng.choice(len(self.p), p=self.p))]


def is_path(text: str) -> bool:
    """Whether the text names a run, or its records, and no player."""
    return "(" not in text and ("/" in text or text.endswith(".csv") or Path(text).is_dir())


def equilibrium(group: str, run: Path) -> Mapping[str, float]:
    """The mixture over a run's attackers or defenders that its equilibrium plays, players of no weight left out."""
    from results import solve

    solved = solve(payoff(run))
    names, p = (solved.attackers, solved.attacker) if group == "attackers" else (solved.defenders, solved.defender)
    weighed = {name: float(weight) for name, weight in zip(names, p, strict=True) if weight > 1e-12}
    for name in weighed:
        try:
            roster.build(group, name)
        except ArenaError as error:
            raise InvalidValue(
                f"{run}: the equilibrium plays '{name}', which is a label and no spec ({error}); play the run without"
                f" labels, or give the mixture as {{spec: probability}}"
            ) from error
    return weighed


def payoff(run: Path) -> Payoff:
    """The payoff table of a run folder, or of a CSV file of records."""
    from results import ResultsTable, Store, StoreError

    if not run.exists():
        raise InvalidValue(f"{run} does not exist: give the folder of a run, or a .csv of its records")
    try:
        if not run.is_dir():
            return ResultsTable.from_csv(run).payoff()
        with Store.open(run) as store:
            return store.table().payoff()
    except (ValueError, StoreError) as error:
        raise InvalidValue(f"{run}: {error}") from error
