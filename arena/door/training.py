"""Training from the command line: an agent learns in one seat, its curve is drawn, and a tournament judges it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from arena import roster
from arena.checks import one_of
from arena.contest import tournament
from arena.engine import save
from arena.envs.attackers import DEFAULTS, Course
from arena.envs.hosts import rules
from arena.envs.opponents import Mixture
from arena.errors import ArenaError
from arena.learning.policies import Uniform
from arena.learning.reinforce import Reinforce, Stage
from arena.streams import stream
from results import ResultsTable, query_table
from results.drawing.learning import Point, draw_learning

SEATS = ("query-attacker",)
QUESTIONS = {"reinforce": 1_500_000, "ppo": 400_000}  # each a few minutes on two cores at most
POINTS = 12  # how often the curve is measured


@dataclass(frozen=True)
class Bench:
    """The real game, whose points and networks the agent has not met."""

    course: Course
    game: Any
    defenders: dict[str, Any]

    def player(self, policy: Any) -> Any:
        """The policy as an attacker."""
        return roster.find("attackers", "policy")(policy=policy, steps=self.course.steps, shape=self.course.shape)

    def table(self, attackers: dict[str, Any], seeds: int) -> ResultsTable:
        """A tournament."""
        return tournament(self.game, attackers, self.defenders, seeds=range(seeds), workers=1)


def run(
    seat: str,
    algorithm: str,
    data: str,
    opponent: str,
    scenario: str,
    questions: int | None,
    seed: int,
    out: Path | None,
) -> None:
    """Train, draw, judge; everything in the folder."""
    one_of("seat", seat, SEATS)
    one_of("algorithm", algorithm, QUESTIONS)
    questions = questions or QUESTIONS[algorithm]
    folder = out or Path("runs") / f"{seat}-{algorithm}-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    course = Course("regions", **{**DEFAULTS["regions"], "scenario": scenario, "data": data, "opponent": opponent})
    mixture = Mixture.of("defenders", opponent)
    bench = Bench(course, rules(scenario, data, False), dict(zip(mixture.names, mixture.players, strict=True)))
    chance = {"random search": bench.player(Uniform(course.craft.actions))}
    points, policy = [], None
    for stage in _stages(_learner(algorithm, course, seed, folder), questions):
        policy = stage.policy
        points.append(_measured(stage.questions, bench.table({algorithm: bench.player(policy)}, 1)))
    assert policy is not None  # questions is at least one
    save(policy, folder / "policy.npz")
    title = f"{algorithm.upper()} learns where to push: {bench.game.dataset.name}, held-out points and network"
    _written(folder / "curve.csv", points)
    draw_learning(folder / "learning.png", points, _measured(0, bench.table(chance, 1)), title)
    players = {**chance, "square": roster.build("attackers", "square"), algorithm: bench.player(policy)}
    table = bench.table(players, 3)
    text = "\n\n".join([str(table.grid()), query_table(table), *_compared(table, algorithm)])
    (folder / "table.txt").write_text(text + "\n", encoding="utf-8")
    table.to_csv(folder / "records.csv")
    typer.echo(text)
    typer.echo(f"\nwritten to {folder}: policy.npz, learning.png, curve.csv, table.txt, records.csv")


def _written(path: Path, points: Sequence[Point]) -> None:
    rows = [f"{p.questions},{p.median!r},{p.fooled!r}" for p in points]
    path.write_text("\n".join(["questions,median_queries,share_fooled", *rows]) + "\n", encoding="utf-8")


def _learner(algorithm: str, course: Course, seed: int, folder: Path) -> Iterator[Stage]:
    if algorithm == "reinforce":
        return Reinforce().train(course, stream("train", seed))
    from arena.envs import ppo

    return ppo.train(course, seed, folder / "policy.zip")


def _stages(stages: Iterator[Stage], questions: int) -> Iterator[Stage]:
    """The stages at which the curve is measured, and the last; progress on stderr."""
    console = Console(stderr=True)
    columns = (TextColumn("training, {task.completed:,.0f} questions"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task, due = bar.add_task("", total=questions), 0
        for stage in stages:
            bar.update(task, completed=stage.questions)
            if stage.questions >= due or stage.questions >= questions:
                due = stage.questions + questions // POINTS
                yield stage
            if stage.questions >= questions:
                return


def _measured(questions: int, table: ResultsTable) -> Point:
    """The curve's point: over all records, the median query of the fooled points and the share of points fooled."""
    lost = [r.forfeit for r in table.records if r.forfeit]
    if lost:
        raise ArenaError(f"the agent cannot play the real game: {lost[0]}")
    right = np.concatenate([r.clean for r in table.records])
    fooled = right & ~np.concatenate([r.attacked for r in table.records])
    counts = np.concatenate([r.query_counts for r in table.records])[fooled]
    return Point(questions, float(np.median(counts)) if counts.size else np.nan, float(fooled.sum() / right.sum()))


def _compared(table: ResultsTable, algorithm: str) -> list[str]:
    """What is fair to say: medians over the very points that both fool, defender by defender."""
    lines = []
    for defender in table.defenders:
        ours, chance = (table.where(attacker=a, defender=defender).records for a in (algorithm, "random search"))
        both = np.concatenate([a.clean & ~a.attacked & ~b.attacked for a, b in zip(ours, chance, strict=True)])
        own, random = (np.concatenate([r.query_counts for r in side])[both] for side in (ours, chance))
        if both.any():
            lines.append(
                f"{defender}: on the {both.sum()} points that both fool, {algorithm} asks {np.median(own):g} questions in the"
                f" median, random search in the same moves {np.median(random):g}"
            )
    return ["\n".join(lines)] if lines else []
