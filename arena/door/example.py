"""One example of a run: a point that was read right, the noise, and what the model reads in it now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from arena.data import Dataset
from arena.engine.arrays import Array
from arena.errors import InvalidValue, did_you_mean
from arena.keeping.book import Row
from arena.match import Opening, play
from arena.referee import Round
from results import ResultsTable, example


def draw_example(
    path: Path,
    table: ResultsTable,
    scenario: Any,
    attackers: Mapping[str, Any],
    defenders: Mapping[str, Any],
    openings: Mapping[Row, Opening],
) -> bool:
    """Replay the match that the first defender lost most, draw the point it was surest of; False if it made no mistake."""
    payoff = table.payoff()
    if not payoff.matrix.size:
        return False
    attacker, defender = payoff.attackers[int(payoff.matrix[:, 0].argmax())], payoff.defenders[0]
    seed = table.seeds[0]
    replay = play(scenario, attackers[attacker], defenders[defender], seed=seed, opening=openings.get((defender, seed)))
    return draw_surest(path, replay.rounds[-1], scenario, f"{defender} under {attacker}")


def draw_surest(path: Path, scored: Round, scenario: Any, title: str, label: str | None = None) -> bool:
    """Draw the point that the model was surest of, right before and wrong after, among those of that label if one is given."""
    lost, data = scored.clean & ~scored.attacked, scenario.dataset
    if label is not None:
        lost = lost & (scored.field.y == _number(data, label))
    fooled, shape = np.flatnonzero(lost), data.shape
    untouched = np.array_equal(scored.field.x, scored.answer.x)
    if untouched or not fooled.size or len(shape) not in (2, 3) or shape[2:] not in ((), (3,)):
        return False
    surest = [_confidence(scored, batch.x[fooled]) for batch in (scored.field, scored.answer)]
    row = fooled[np.minimum(*surest).argmax()]
    before, after = (_reading(scored, data, batch.x[row : row + 1]) for batch in (scored.field, scored.answer))
    ball = scenario.threat.ball
    title = f"{title}, {ball.norm} ball of radius {ball.radius:.3g}"
    example(path, scored.field.x[row], scored.answer.x[row], shape, before, after, ball.radius, title)
    return True


def _number(data: Dataset, label: str) -> int:
    known = [data.label(y) for y in range(data.classes)]
    if label not in known:
        raise InvalidValue(f"no label of {data.name} is called '{label}'; {did_you_mean(label, known)}")
    return known.index(label)


def _reading(scored: Round, data: Dataset, x: Array) -> tuple[str, float]:
    return data.label(int(scored.model.logits(x).argmax())), float(_confidence(scored, x)[0])


def _confidence(scored: Round, x: Array) -> Array:
    z = scored.model.logits(x).astype(np.float64)
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return (p / p.sum(axis=1, keepdims=True)).max(axis=1)
