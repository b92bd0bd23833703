"""What a tournament is asked to be, from flags and a TOML file: every mistake is reported at once, with its path."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from arena import roster, specs
from arena.ball import Ball, Norm
from arena.checks import one_of, positive, printable
from arena.errors import ArenaError, InvalidValue


def _checked(check: Callable[[Any], object]) -> AfterValidator:
    """A validator that says what the arena says of a value."""

    def validate(value: Any) -> Any:
        try:
            check(value)
        except ArenaError as error:
            raise ValueError(str(error)) from error
        return value

    return AfterValidator(validate)


def _named(value: Any) -> Any:
    """Players by name: a list of specs, or one text of them, is a table of its own names."""
    listed = specs.split(value) if isinstance(value, str) else value
    if isinstance(listed, list) and all(isinstance(item, str) for item in listed):
        listed = specs.seating(listed)
    if listed is not None and not listed:
        raise ValueError("names nobody; leave it out to play all")
    return listed


def _players(group: str) -> Any:
    one = Annotated[str, _checked(lambda text: roster.build(group, text))]
    return Annotated[dict[str, one] | None, BeforeValidator(_named)]


def _seeds(value: Any) -> Any:
    return list(range(value)) if isinstance(value, int) and not isinstance(value, bool) else value


_Limit = Annotated[float, Field(strict=True, gt=0)]


class Settings(BaseModel):
    """A tournament's settings, as flags and files name them."""

    model_config = ConfigDict(
        extra="forbid", alias_generator=lambda name: name.replace("_", "-"), validate_by_name=True
    )

    scenario: Annotated[str, _checked(lambda text: roster.build("scenarios", text))] = "white-box"
    data: Annotated[str, _checked(roster.dataset)] | None = None
    attackers: _players("attackers") = None  # type: ignore[valid-type]  # made from the group's name
    defenders: _players("defenders") = None  # type: ignore[valid-type]
    seeds: Annotated[list[Annotated[int, Field(ge=0)]], BeforeValidator(_seeds), Field(min_length=1)] = [0, 1, 2]
    radius: Annotated[float, Field(strict=True), _checked(lambda value: positive("radius", value))] | None = None
    norm: Annotated[str, _checked(lambda value: one_of("norm", value, get_args(Norm)))] | None = None
    out: Annotated[Path, _checked(lambda path: printable("out", str(path)))] | None = None
    workers: Annotated[int, Field(ge=1)] | None = None
    cluster: str | None = None
    time_limit: _Limit | None = None
    memory_limit: _Limit | None = None
    examples: bool = True
    retry: bool = False

    def rules(self) -> Any:
        """The scenario."""
        return ruled(self.scenario, self.data, self.radius, self.norm)


def ruled(scenario: str, data: str | None, radius: float | None, norm: str | None) -> Any:
    """A scenario by its spec, on this data, in a ball of this radius and norm where they are given."""
    rules = roster.build("scenarios", scenario, **({} if data is None else {"data": data}))
    if data is not None and not hasattr(rules, "data"):
        raise InvalidValue(f"{scenario} makes its own data and reads no other: leave out --data {data}")
    return in_ball(rules, scenario, radius, norm)


def in_ball(rules: Any, scenario: str, radius: float | None, norm: str | None) -> Any:
    """The scenario in a ball of this radius and norm where they are given."""
    if radius is None and norm is None:
        return rules
    if not isinstance(getattr(rules, "ball", None), Ball):
        raise InvalidValue(f"{scenario} has no ball that --radius and --norm could change: write its own parameters")
    given = {key: value for key, value in (("radius", radius), ("norm", norm)) if value is not None}
    return replace(rules, ball=replace(rules.ball, **given))


def settings(file: Path | None, flags: Mapping[str, Any]) -> Settings:
    """The settings in a file, where flags that are not None go first; InvalidValue lists every mistake with its path."""
    written = _read(file) if file else {}
    mistakes = [f"{key}: is given twice, as {_hyphened(key)} too: keep one" for key in written if _twice(key, written)]
    given = {key: value for key, value in flags.items() if value is not None}
    try:
        wanted = Settings.model_validate({_hyphened(key): value for key, value in (written | given).items()})
    except ValidationError as error:
        mistakes += [_said(mistake) for mistake in error.errors()]
    if mistakes:
        count = f"{len(mistakes)} mistake{'s' * (len(mistakes) != 1)} in {file or 'the flags'}"
        raise InvalidValue("\n  ".join([f"{count}:", *mistakes]))
    return wanted


def _hyphened(key: str) -> str:
    return key.replace("_", "-")


def _twice(key: str, written: Mapping[str, Any]) -> bool:
    return key != _hyphened(key) and _hyphened(key) in written


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidValue(f"{file} cannot be read as TOML: {error}") from error


def _said(mistake: Any) -> str:
    path = ".".join(str(part) for part in mistake["loc"] if not str(part).startswith("function-"))
    return f"{path}: {mistake.get('ctx', {}).get('error') or mistake['msg']}"
