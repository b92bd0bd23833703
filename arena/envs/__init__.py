"""A seat at the table: gymnasium environments of the namespace `arena/`, registered by importing this package.

`gymnasium.make_vec` gives EvasionAttacker, QueryAttacker and MetaGame as NumPy batches of this package. Poisoner and Defender
train a network in a step, which no batch makes quicker: theirs are gymnasium's own, on several cores with
`vectorization_mode="async"`.
"""

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
