"""A seat at the table: gymnasium environments of the namespace `arena/`, registered by importing this package."""

from __future__ import annotations

from gymnasium import register

for _name, _vector in (("EvasionAttacker", True), ("QueryAttacker", True)):
    register(
        f"arena/{_name}-v0",
        entry_point=f"arena.envs.attackers:{_name}",
        vector_entry_point=f"arena.envs.vector:Vector{_name}",
    )
