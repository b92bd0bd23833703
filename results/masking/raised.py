"""The masking report's flags, raised from stored outcomes alone: no model, no gradient, no attack run again."""

from __future__ import annotations

from collections.abc import Mapping

from results.masking.checks import Verdicts, above_chance, beaten, flat, shrinking
from results.masking.flags import BLACK_BOX, COVERING, RADIUS, TRANSFER, ZERO, Findings, Flag
from results.tables.rounds import Round, round_of
from results.tables.table import ResultsTable


def masking_flags(
    white_box: ResultsTable,
    *,
    queries: ResultsTable | None = None,
    transfer: ResultsTable | None = None,
    radii: Mapping[float, ResultsTable] | None = None,
    covering: ResultsTable | None = None,
    classes: int | None = None,
    zero_gradients: Mapping[str, float] | None = None,
) -> Findings:
    """Look for signs of gradient masking at every defender, as far as tables are given; each check at the 5 % level.

    `queries` and `transfer` were played under the ball of `white_box`; an attacker that is in one of them does not
    count as a white-box attacker, so that all attackers may sit in every table. `radii` holds a table for each radius;
    `covering` one at a radius no smaller than the box is wide, with `classes` to choose from; `zero_gradients` the share
    of the test points at which a defender's gradient is exactly zero. Of several rounds the last counts, and of the
    seeds those that the tables share. Networks that read exactly the same clean points right pass for the same.
    Raises ValueError where tables share no seed or differ in points, and for `covering` without `classes`.
    """
    blind = {name for table in (queries, transfer) if table is not None for name in table.attackers}
    looked: dict[str, Verdicts] = {}
    for name, table in ((BLACK_BOX, queries), (TRANSFER, transfer)):
        if table is not None:
            white, black = aligned(white_box, table)
            looked[name] = beaten(name, white, black, blind)
    if radii is not None:
        looked[RADIUS] = shrinking(_by_radius(white_box, radii))
    if covering is not None:
        looked[COVERING] = above_chance(aligned(white_box, covering)[1], _chance(classes))
    if zero_gradients is not None:
        looked[ZERO] = flat(_checked(zero_gradients))
    return _gathered(looked)


def _gathered(looked: Mapping[str, Verdicts]) -> Findings:
    """Sort the verdicts into flags, checks that could be made for some defender, and reasons why not for others."""
    flags: list[Flag] = []
    made: list[str] = []
    unjudged: dict[str, list[str]] = {}
    for name, verdicts in looked.items():
        flags += [verdict for verdict in verdicts.values() if isinstance(verdict, Flag)]
        made += [name] * any(not isinstance(verdict, str) for verdict in verdicts.values())
        for defender, verdict in verdicts.items():
            if isinstance(verdict, str):
                unjudged.setdefault(f"{name}: {verdict}", []).append(defender)
    return Findings(flags, made, [f"{reason} ({', '.join(who)})" for reason, who in unjudged.items()])


def aligned(*tables: ResultsTable) -> tuple[Round, ...]:
    """Index the last round of each table, at the seeds that they share; raises ValueError where points or seeds differ."""
    shared = set.intersection(*(set(table.seeds) for table in tables))
    if not shared:
        raise ValueError(f"seeds: tables are compared at the ones they share, not {[table.seeds for table in tables]}")
    rounds = tuple(round_of(record for record in table.records if record.seed in shared) for table in tables)
    points = [played.points for played in rounds if played.points]
    if len(set(points)) > 1:
        raise ValueError(f"points: the tables share them, not {points}; play the same points")
    return rounds


def _by_radius(white_box: ResultsTable, radii: Mapping[float, ResultsTable]) -> dict[float, Round]:
    if len(radii) < 2:
        raise ValueError(f"radii: a table for each of two or more, not {sorted(radii)}")
    aligned(white_box, *radii.values())
    rising = sorted(radii)
    return dict(zip(rising, aligned(*(radii[radius] for radius in rising)), strict=True))


def _chance(classes: int | None) -> float:
    if classes is None or classes < 2:
        raise ValueError(f"classes: chance is one in so many, two or more, not {classes}; give it with `covering`")
    return 1 / classes


def _checked(shares: Mapping[str, float]) -> Mapping[str, float]:
    for defender, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"zero_gradients: a share of the test points from 0 to 1, not {share} for {defender}")
    return shares
