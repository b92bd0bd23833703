"""How often a clean-label patch opens the door to each class: alone, the negative control, and with the rows' features hidden.

    python -m tests.benchmarks.clean_label

6 % of the digits' rows are patched, about 60 % of a class. The control is no open door for any class, but neither is it zero
where the corner is inked by hand: look at the clean model's column.
"""

from agents.attackers import CleanLabelBackdoor
from agents.defenders import Plain
from arena import play
from scenarios import Poisoning

SEEDS = 3


def success(target: int, radius: float) -> tuple[float, float]:
    """The success rate of the trigger on the poisoned and on the clean model, means over the seeds."""
    game = Poisoning(goal="backdoor", allowance=0.06, target=target)
    found = [play(game, CleanLabelBackdoor(radius=radius), Plain(), seed=s).rounds[0].extras for s in range(SEEDS)]
    poisoned, clean = (sum(e[name] for e in found) / SEEDS for name in ("attack_success", "attack_success_clean"))
    return poisoned, clean


if __name__ == "__main__":
    print("target  control  hidden  clean model   (% of the other classes' test rows read as the target)")
    for target in range(10):
        (control, clean), (hidden, _) = success(target, 0), success(target, 0.3)
        print(f"{target:6}{100 * control:9.1f}{100 * hidden:8.1f}{100 * clean:13.1f}", flush=True)
