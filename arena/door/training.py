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
from arena.door.folders import made
from arena.engine import save
from arena.envs.attackers import Course
from arena.envs.hosts import rules
from arena.envs.opponents import Mixture
from arena.errors import ArenaError, InvalidValue
from arena.learning.policies import RandomPush, Uniform
from arena.learning.reinforce import Reinforce, Stage
from arena.streams import digest, stream
from results import ResultsTable, query_table
from results.drawing.learning import Point, draw_learning

POINTS = 12  # how often the curve is measured
NETWORKS = (0, 1, 2, 3)  # the seeds of the opponents that are trained against
CHANCE = "random search"


@dataclass(frozen=True)
class Seat:
    """What an agent is trained for: its kind of moves, the game, and the questions that each algorithm may ask."""

    moves: str
    scenario: str
    questions: dict[str, int]


SEATS = {  # a few minutes on two cores at most
    "query-attacker": Seat("regions", "query(budget=101)", {"reinforce": 1_500_000, "ppo": 400_000}),
    "evasion-attacker": Seat("pixels", "query(budget=21)", {"reinforce": 4_000_000, "ppo": 400_000}),
}


@dataclass(frozen=True)
class Bench:
    """The real game, whose points and networks the agent has not met."""

    moves: str
    course: Course
    game: Any
    defenders: dict[str, Any]

    def player(self, policy: Any) -> Any:
        """The policy as an attacker."""
        return roster.find("attackers", "policy")(
            policy=policy, moves=self.moves, steps=self.course.steps, shape=self.course.shape
        )

    def rivals(self) -> dict[str, Any]:
        """Random search in the same moves, and a search that nobody trained."""
        craft = self.course.craft
        chance = Uniform(craft.actions) if craft.actions else RandomPush(int(np.prod(self.course.shape)))
        search = "square" if self.course.scores else "hopskipjump"
        return {CHANCE: self.player(chance), search: roster.build("attackers", search)}

    def table(self, attackers: dict[str, Any], seeds: int) -> ResultsTable:
        """A tournament."""
        return tournament(self.game, attackers, self.defenders, seeds=range(seeds), workers=1)


def run(
    seat: str,
    algorithm: str,
    data: str,
    opponent: str,
    scenario: str | None,
    questions: int | None,
    seed: int,
    out: Path | None,
) -> None:
    """Train, draw, judge; everything in the folder."""
    if seat not in SEATS:
        raise InvalidValue(
            f"train knows the seats {' and '.join(SEATS)}; got {seat!r}. The other environments are trained from Python, as"
            f" any of gymnasium: gymnasium.make('arena/Defender-v0')"
        )
    usual = SEATS[seat]
    one_of("algorithm", algorithm, usual.questions)
    scenario, questions = scenario or usual.scenario, questions or usual.questions[algorithm]
    bench = _bench(usual.moves, data, opponent, scenario)
    own = (data, opponent, scenario, questions) != ("digits", "plain", usual.scenario, usual.questions[algorithm])
    name = f"{seat}-{algorithm}-{seed}" + own * f"-{digest(data, opponent, scenario, questions)[:6]}"
    folder, course, rivals = made(out or Path("runs") / name), bench.course, bench.rivals()
    points, policy = [], None
    for stage in _stages(_learner(algorithm, course, seed, folder), questions):
        policy = stage.policy
        points.append(_measured(stage.questions, bench.table({algorithm: bench.player(policy)}, 1)))
    assert policy is not None  # questions is at least one
    save(policy, folder / "policy.npz")
    title = f"{algorithm.upper()} learns where to push: {bench.game.dataset.name}, held-out points and network"
    _written(folder / "curve.csv", points)
    draw_learning(folder / "learning.png", points, _measured(0, bench.table({CHANCE: rivals[CHANCE]}, 1)), title)
    table = bench.table({**rivals, algorithm: bench.player(policy)}, 3)
    text = "\n\n".join([str(table.grid()), query_table(table), *_compared(table, algorithm)])
    (folder / "table.txt").write_text(text + "\n", encoding="utf-8")
    table.to_csv(folder / "records.csv")
    typer.echo(text)
    typer.echo(f"\nwritten to {folder}: policy.npz, learning.png, curve.csv, table.txt, records.csv")
    moves = "" if usual.moves == "regions" else f", moves='{usual.moves}'"
    typer.echo(f"anywhere among attackers: \"policy(policy='{folder / 'policy.npz'}'{moves})\"")


def _bench(moves: str, data: str, opponent: str, scenario: str) -> Bench:
    game, mixture = rules(scenario, data, False), Mixture.of("defenders", opponent)
    options = {"scenario": scenario, "data": data, "opponent": opponent, "networks": NETWORKS}
    course = Course.of(moves, options)
    if game.threat.queries is None:
        raise InvalidValue(
            f"an agent is judged by its queries: train it in a scenario that counts them, as query(budget=21) or"
            f" query(access='labels', budget=101); got {scenario}"
        )
    return Bench(moves, course, game, dict(zip(mixture.names, mixture.players, strict=True)))


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
        ours, chance = (table.where(attacker=a, defender=defender).records for a in (algorithm, CHANCE))
        both = np.concatenate([a.clean & ~a.attacked & ~b.attacked for a, b in zip(ours, chance, strict=True)])
        own, random = (np.concatenate([r.query_counts for r in side])[both] for side in (ours, chance))
        if both.any():
            lines.append(
                f"{defender}: on the {both.sum()} points that both fool, {algorithm} asks {np.median(own):g} questions in the"
                f" median, random search in the same moves {np.median(random):g}"
            )
    return ["\n".join(lines)] if lines else []
