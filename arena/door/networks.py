"""Where the networks come from that are to be certified: a run, a file, or trainings that a tournament would repeat."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from arena import roster
from arena.engine import Sequential, load
from arena.engine.model import Model
from arena.engine.storage import LAYERS, Unreadable, load_value
from arena.errors import InvalidValue
from arena.keeping.book import judged_points
from arena.match import open_match
from arena.moves import Deployment
from arena.players import Defender, taught
from arena.threat import Ball
from arena.views import DefenderView
from results import Store

_KNOWN = {
    **LAYERS,
    "Deployment": Deployment,
    "Sequential": Sequential,
}  # what a run's file may name: nothing else is made


def trained(defenders: Mapping[str, Defender], scenario: Any, seeds: Sequence[int]) -> dict[str, list[Model]]:
    """Each defender's networks, one a seed, bit for bit those of a tournament of the same rules."""
    _classifies(scenario)
    found: dict[str, list[Model]] = {}
    for name, defender in defenders.items():
        typer.echo(f"training {name} …", err=True)
        openings = [open_match(scenario, defender, seed) for seed in seeds]
        found[name] = [opening.move.model for opening in openings if opening is not None]
    if not all(found.values()):
        raise InvalidValue(f"{scenario.name} deploys nothing before the attack: choose white-box")
    return found


def _classifies(scenario: Any) -> None:
    if taught(scenario) is not DefenderView:
        raise InvalidValue(f"certificates are of labels, and {scenario.name} has none: choose white-box")


def stored(run: Path, seeds: int) -> tuple[dict[str, list[Model]], Any]:
    """The networks of a run's latest plan, at the first seeds, and its scenario; what is no plain network is left out."""
    with Store.open(run) as store:
        plans = store.plans()
        if not plans:
            raise InvalidValue(f"{run} holds no plan yet: play a tournament first")
        about, seats = plans[0].about, store.seats()
    rules = rebuilt(str(about["scenario"]))
    _classifies(rules)
    if judged_points(rules) != about["points"]:
        raise InvalidValue(f"{run} was judged on other points than its scenario deals now: play it again")
    found: dict[str, list[Model]] = {}
    for name, seed, training in dict.fromkeys((seat.defender, seat.seed, seat.training) for seat in seats):
        if seed not in sorted(about["seeds"])[:seeds]:
            continue
        try:
            found.setdefault(name, []).append(load_value(store.network(training), _KNOWN).model)
        except (OSError, ValueError, AttributeError) as error:
            way = "; delete it, and the tournament's command again trains it anew" * isinstance(error, Unreadable)
            typer.echo(f"{name}, seed {seed}, is left out: {error}{way}", err=True)
    return {name: models for name, models in found.items() if models}, rules


def rebuilt(text: str) -> Any:
    """The scenario that a run's plan spells out: registered classes, balls and literals; nothing is evaluated."""
    kinds = [roster.find("scenarios", name) for name in roster.names("scenarios")]
    known = {f"{kind.__module__}.{kind.__qualname__}": kind for kind in [*kinds, Ball]}

    def made(node: ast.expr) -> Any:
        if isinstance(node, ast.Call):
            return known[ast.unparse(node.func)](**{str(word.arg): made(word.value) for word in node.keywords})
        value = ast.literal_eval(node)
        return tuple(value) if isinstance(value, list) else value

    try:
        return made(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, KeyError, TypeError) as error:
        raise InvalidValue(
            f"the scenario {text} cannot be set up again from its plan ({error}): name it instead"
        ) from error


def saved(source: str, scenario: Any) -> Model:
    """The network in an .npz; InvalidValue if it is none, or reads other rows than the scenario's."""
    try:
        model = load(source)
    except (OSError, ValueError) as error:
        raise InvalidValue(
            f"{source} cannot be read as a network ({error}): save one with arena.engine.save"
        ) from error
    wanted = scenario.dataset.rows.x.shape[1]
    if model.features != wanted:
        raise InvalidValue(f"{source} reads {model.features} features; {scenario.dataset.name} has {wanted}: --data")
    return model
