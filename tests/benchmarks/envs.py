"""How fast the vector environments are: against as many single ones in SyncVectorEnv, and against the bare passes.

python -m tests.benchmarks.envs [--envs 256]

EvasionAttacker with scores in sight, whose bare work is a forward pass a step, and with gradients in sight, whose bare work is
a forward and a backward pass. Ratios are medians over interleaved rounds of one run, in seconds of this thread's own: with one
BLAS thread, as here, those of the clock on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import gymnasium as gym
import numpy as np

import arena.envs  # noqa: F401  # registers the environments
from arena.engine import Margin, passes
from arena.engine.threads import one_blas_thread
from arena.envs.hosts import Host, opened, rules
from tests.benchmarks.timing import ratio, report, rounds

STEPS, FEW = 40, 4


def steps(env, actions: np.ndarray, n: int) -> Callable[[], None]:
    """N steps of a vector environment."""
    env.reset(seed=0)

    def run() -> None:
        for action in actions[:n]:
            env.step(action)

    return run


def bare(scenario: str, n: int, gradients: bool) -> Callable[[], None]:
    """As many passes through the network that the environments attack, and nothing else."""
    host = Host(rules(scenario, "digits"), "plain", (0,))
    network = opened(host.scenario, host.mixture.players[0], 0).move.model
    field = host.scenario.deal.fields[0]
    x, y = np.resize(field.x, (n, field.x.shape[1])), np.resize(field.y, n)
    step, loss = passes(network), Margin()

    def run() -> None:
        for _ in range(STEPS):
            if gradients:
                step.backward(loss.value_and_grad(step.forward(x), y)[1])
            else:
                network.logits(x)

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--envs", type=int, default=256)
    n = parser.parse_args().envs
    for scenario, gradients in (("query(budget=101)", False), ("white-box", True)):
        make = {"scenario": scenario, "steps": 20}
        many = gym.make_vec("arena/EvasionAttacker-v0", num_envs=n, **make)
        single = gym.make_vec("arena/EvasionAttacker-v0", num_envs=n, vectorization_mode="sync", **make)
        rng = np.random.default_rng(0)
        actions = rng.uniform(-1, 1, (STEPS, n, *many.single_action_space.shape)).astype(np.float32)
        seconds = rounds(
            {
                "vector": steps(many, actions, STEPS),
                "SyncVectorEnv": steps(single, actions, FEW),
                "bare passes": bare(scenario, n, gradients),
            },
            clock=time.thread_time,
        )
        seconds["SyncVectorEnv"] = [t * STEPS / FEW for t in seconds["SyncVectorEnv"]]
        report(f"EvasionAttacker, {scenario}, {n} environments, {STEPS} steps", seconds)
        print(f"  vector: {n * STEPS / np.median(seconds['vector']):,.0f} steps/s")
        print(f"  {ratio(seconds, 'SyncVectorEnv', 'vector'):.1f} x the steps of single ones (wanted: 50 or more)")
        print(f"  {ratio(seconds, 'vector', 'bare passes'):.2f} x the time of the bare passes (wanted: 3 or less)")


if __name__ == "__main__":
    with one_blas_thread():
        main()
