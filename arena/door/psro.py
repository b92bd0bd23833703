"""The game grown by best responses, from the command line: a run folder that is resumed, a table, a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import typer

from arena import roster
from arena.door.folders import made
from arena.engine.arrays import Array
from arena.errors import InvalidValue
from arena.players import spec
from arena.psro.double_oracle import double_oracle
from arena.psro.judgement import judged
from arena.psro.networks import Networks, suits
from arena.psro.state import keep, network_path, restore
from arena.streams import digest
from results.drawing.turns import draw_exploitability
from results.game.turns import Turn, bracket
from results.tables.turns import loss_table, turn_table

FRESH = ("pgd", "apgd", "adaptive-pgd", "greedy=greedy(restarts=4)", "best-response")
SPARRING = "pgd(steps=7, stop_fooled=False)"


def run(
    scenario: Any,
    first: Mapping[str, Any],
    oracles: tuple[str, str],
    fresh: Mapping[str, Any],
    turns: int,
    seeds: Sequence[int],
    out: Path | None,
) -> None:
    """Grow the game at every seed, go on where a folder holds the same game, print the tables, draw the picture."""
    suits(scenario)
    attacker, defender = roster.build("attackers", oracles[0]), roster.build("defenders", oracles[1])
    if not hasattr(defender, "sparring"):
        raise InvalidValue(f"the defender's oracle trains against a sparring partner; {oracles[1]} has none")
    plan = {
        "scenario": scenario.content(),
        "first": {name: spec(player) for name, player in first.items()},
        "attacker": spec(attacker),
        "defender": spec(defender),
    }
    folder = _folder(out or Path("runs") / f"psro-{digest(json.dumps(plan))[:8]}", plan)
    played: list[list[Turn]] = []
    texts: list[str] = []
    for seed in seeds:
        networks = Networks(scenario, attacker, defender, roster.build("attackers", SPARRING), seed)
        played.append(_grown(networks, first, turns, folder / f"seed-{seed}"))
        texts.append(_told(networks, played[-1], first, fresh, folder / f"seed-{seed}"))
        typer.echo(texts[-1])
    title = f"{scenario.name} on {scenario.dataset.name}: double oracle"
    draw_exploitability(folder / "exploitability.png", played, title)
    (folder / "psro.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
    typer.echo(f"written to {folder}: psro.txt, exploitability.png, networks and turns of every seed")


def _grown(networks: Networks, first: Mapping[str, Any], turns: int, folder: Path) -> list[Turn]:
    kept = restore(folder, networks, len(first))
    played: list[Turn]
    if kept is None:
        _say(f"seed {networks.seed}: training {', '.join(first)}, and attacking them …")
        losses, played = networks.start(dict(first)), []
    else:
        losses, played = kept
        _say(f"seed {networks.seed}: going on after {len(played)} turns in {folder}")
    if played and played[-1].settled:
        return played
    for turn, grown in double_oracle(losses, networks, turns, len(played)):
        played.append(turn)
        keep(folder, networks, grown, played)
        gap = f"{100 * turn.gap.estimate:.1f} % ({100 * turn.gap.low:.1f} to {100 * turn.gap.high:.1f})"
        _say(f"seed {networks.seed}, turn {len(played) - 1}: value {100 * turn.value:.1f} %, exploitability {gap}")
    return played


def _told(
    networks: Networks, turns: Sequence[Turn], first: Mapping[str, Any], fresh: Mapping[str, Any], folder: Path
) -> str:
    low, high = bracket(turns)
    attacks, weights = np.array(turns[low].attacker), np.array(turns[high].defender)
    _say(f"seed {networks.seed}: judging on {len(networks.held_out)} points that were not used …")
    rows = {"mixture": judged(networks, attacks, networks.mixture(weights), fresh)}
    for name, model in zip(first, networks.models, strict=False):
        rows[f"{name} alone"] = judged(networks, attacks, model, fresh)
    own = rows["mixture"]["own attacks"].mean()
    worst = max((losses.mean(), name) for name, losses in rows["mixture"].items() if name != "own attacks")
    end = "its interval contains zero" if turns[-1].settled else "the turns were used up"
    return "\n".join(
        [
            f"seed {networks.seed}, {len(networks.points)} points to grow on; shares of points lost, in %",
            turn_table(turns),
            f"stopped: {end}. Best bracket: {100 * turns[low].lower:.1f} (turn {low}) to {100 * turns[high].upper:.1f}"
            f" (turn {high}), as far as these oracles find responses",
            f"deploy     {_spec(weights, folder)}",
            "",
            f"judged on {len(networks.held_out)} points that were not used; only the mixture's draw is hidden from attackers",
            loss_table(rows),
            f"in the game its own attacks take {100 * own:.1f} %; the best fresh attack, {worst[1]}, takes"
            f" {100 * worst[0]:.1f} %: held-out exploitability {100 * (worst[0] - own):.1f} %, a lower bound",
            "",
        ]
    )


def _spec(weights: Array, folder: Path) -> str:
    """The mixture as a player that any command takes."""
    used = np.flatnonzero(weights >= 0.01)
    members = ", ".join(f"\"stored(path='{network_path(folder, int(k))}')\"" for k in used)
    shares = ", ".join(repr(float(w)) for w in weights[used] / weights[used].sum())
    return f"mixture(members=[{members}], weights=[{shares}])"


def _folder(folder: Path, plan: Mapping[str, Any]) -> Path:
    try:
        path = made(folder) / "plan.json"
        if path.exists() and json.loads(path.read_text(encoding="utf-8")) != plan:
            raise InvalidValue(f"{folder} holds another game: give the same players and scenario, or another --out")
        path.write_text(json.dumps(plan, indent=2) + "\n", encoding="utf-8")
    except (OSError, json.JSONDecodeError) as error:
        raise InvalidValue(f"the run folder {folder} cannot be used ({error}): choose another with --out") from error
    return folder


def _say(text: str) -> None:
    typer.echo(text, err=True)
