import os
import signal

# One BLAS thread a process, before NumPy loads: the tests run side by side on all cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
from hypothesis import settings

from agents.defenders import Plain
from arena import Ball, Batch, GradientView, ThreatModel
from arena.engine import Sequential
from arena.views import DefenderView
from scenarios import WhiteBox

# A shell that starts the tests in the background has them ignore Ctrl-C, and with them all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples every run; a deadline would measure the machine and not the code.
settings.register_profile("house", derandomize=True, max_examples=60, deadline=None)
settings.load_profile("house")


def pytest_collection_modifyitems(items):
    """First the tests that share the longest fixture: side by side, the first chunk of tests goes to one process."""
    items.sort(key=lambda item: "default_run" not in item.fixturenames)


@pytest.fixture(scope="session")
def digits() -> tuple[Batch, Batch]:
    """Training rows and 500 test rows of the handwritten digits."""
    cards = WhiteBox().deal
    train, (test,) = cards.train, cards.fields
    return train, test


@pytest.fixture(scope="session")
def net(digits) -> Sequential:
    """A plain 64-64-32-10 network trained on the digits; nobody may change it."""
    train, _ = digits
    view = DefenderView(train, 10, ThreatModel(ball=Ball(0.15)))
    player = Plain(hidden=(64, 32), epochs=15, learning_rate=4e-3)
    return player.move(view, np.random.default_rng(0)).model


@pytest.fixture
def look(digits, net):
    """Make a white-box view of the first `n` test digits."""

    def make(ball: Ball, n: int = 300, model=None) -> GradientView:
        return GradientView(digits[1][:n], ball, model or net)

    return make
