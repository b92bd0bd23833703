"""A seat at the table: gymnasium environments of the namespace `arena/`, registered by importing this package."""

from __future__ import annotations

from gymnasium import register

_MODULES = {
    "EvasionAttacker": ("attackers", "vector"),
    "QueryAttacker": ("attackers", "vector"),
    "Poisoner": ("poisoner", None),
    "Defender": ("defender", None),
    "MetaGame": ("meta_game", "meta_game"),
}

for _name, (_single, _many) in _MODULES.items():
    register(
        f"arena/{_name}-v0",
        entry_point=f"arena.envs.{_single}:{_name}",
        vector_entry_point=f"arena.envs.{_many}:Vector{_name}" if _many else None,
    )
