"""The peer: the usual PGD loop in PyTorch, one autograd.grad a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from arena.engine import Dense, ReLU, Sequential
from arena.engine.arrays import Array, Labels


def torch_pgd(
    model: Sequential, x: Array, y: Labels, radius: float, steps: int, threads: int
) -> Callable[[], Any] | None:
    """A function that runs PGD on the same network in PyTorch, or None where PyTorch is not installed."""
    try:
        import torch
    except ImportError:
        return None
    modules: list[Any] = []
    for layer in model.layers:
        if isinstance(layer, Dense):
            linear = torch.nn.Linear(*layer.W.shape)
            with torch.no_grad():
                linear.weight.copy_(torch.tensor(layer.W.T.copy()))
                linear.bias.copy_(torch.tensor(layer.b.copy()))
            modules.append(linear)
        elif isinstance(layer, ReLU):
            modules.append(torch.nn.ReLU())
    net, clean, labels = torch.nn.Sequential(*modules), torch.tensor(x.copy()), torch.tensor(y.copy())
    step = 2.5 * radius / steps

    def run() -> Any:
        torch.set_num_threads(threads)
        adversarial = (clean + torch.empty_like(clean).uniform_(-radius, radius)).clamp(0, 1)
        for _ in range(steps):
            adversarial.requires_grad_()
            loss = torch.nn.functional.cross_entropy(net(adversarial), labels)
            (gradient,) = torch.autograd.grad(loss, adversarial)
            adversarial = adversarial.detach() + step * gradient.sign()
            adversarial = torch.min(torch.max(adversarial, clean - radius), clean + radius).clamp(0, 1)
        return adversarial

    return run
