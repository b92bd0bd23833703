"""Flags: signs that an accuracy under attack owes more to the attack's weakness than to the defence's strength."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from results.tables.columns import paragraph

BLACK_BOX = "black box beats white box"
TRANSFER = "transfer beats white box"
RADIUS = "success does not grow with the radius"
COVERING = "accuracy above chance at a radius that covers the box"
ZERO = "zero gradients at the start"

SAYS = {  # Athalye et al. 2018, arXiv:1802.00420; Carlini et al. 2019, arXiv:1902.06705
    BLACK_BOX: (
        "Attackers that see less took more, so the gradients mislead those that follow them: the white-box accuracy "
        "says how well the defence hides, not how robust it is.",
        "Quote the worst case over all attackers. Then mend the white-box attack until it wins: a margin loss on the "
        "logits, random starts, more steps; gradients averaged over the draws of a randomised defence, and a smooth "
        "stand-in for a step without a useful gradient.",
    ),
    TRANSFER: (
        "Examples made on another network fool points that no white-box attacker fooled here, so they lie within reach "
        "and the gradients of this network do not lead to them.",
        "Quote the worst case over all attackers. Then start the white-box attack at the transferred examples, or lead "
        "it by the gradients of a surrogate, until it does no worse.",
    ),
    RADIUS: (
        "A larger ball holds the smaller one, so whatever fools a point there fools it here: the attack loses its way, "
        "and its accuracy is no bound at any radius.",
        "Let the step grow with the radius, add steps and restarts, try other losses; until then quote for each radius "
        "the lowest accuracy found at any smaller one.",
    ),
    COVERING: (
        "A ball that covers the box holds every input, so any point can be made to look like any class: what stays "
        "above chance is the attack's failure, and it fails at smaller radii too.",
        "Trust no accuracy under this attack. Scale its step to the radius, start at random points or at test points of "
        "other classes, and run it again until it leaves no more than chance.",
    ),
    ZERO: (
        "Where the gradient is exactly zero an attack that follows it stands still and the point counts as robust: "
        "a loss that saturates in floating point, dead units, or a step without a gradient.",
        "Attack the logits with a margin loss instead of the cross-entropy, scale the logits down, start at random "
        "points, and put a smooth stand-in where a step has no gradient.",
    ),
}


@dataclass(frozen=True, slots=True)
class Flag:
    """One sign of masking at one defender: the numbers, what they mean, and what to do."""

    name: str
    defender: str
    evidence: str
    meaning: str
    remedy: str

    @classmethod
    def of(cls, name: str, defender: str, evidence: str) -> Flag:
        """Raise the flag of that name, with its standing explanation."""
        return cls(name, defender, evidence, *SAYS[name])


class Findings(tuple[Flag, ...]):
    """The flags that were raised; `checks` names those that were looked for, `unjudged` says where that was in vain."""

    checks: tuple[str, ...]
    unjudged: tuple[str, ...]

    def __new__(cls, flags: Iterable[Flag] = (), checks: Sequence[str] = (), unjudged: Sequence[str] = ()) -> Findings:
        """Take flags, names of checks, and sentences."""
        findings = super().__new__(cls, flags)
        findings.checks, findings.unjudged = tuple(checks), tuple(unjudged)
        return findings


def findings_to_json(findings: Findings) -> str:
    """Spell findings as JSON: the flags' names, defenders and evidence, the checks made, and what could not be judged."""
    flags = [{"name": flag.name, "defender": flag.defender, "evidence": flag.evidence} for flag in findings]
    return json.dumps({"flags": flags, "checks": findings.checks, "unjudged": findings.unjudged}, indent=2)


def findings_from_json(text: str) -> Findings:
    """Read what `findings_to_json` spelled; raises ValueError for anything else."""
    try:
        told = json.loads(text)
        flags = [Flag.of(str(flag["name"]), str(flag["defender"]), str(flag["evidence"])) for flag in told["flags"]]
        return Findings(flags, list(map(str, told["checks"])), list(map(str, told["unjudged"])))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"findings: not what a tournament keeps of its masking report ({error!r})") from error


def masking_report(flags: Sequence[Flag]) -> str:
    """Print each flag with its evidence, its meaning and the way out, or one line that no flag was raised.

    `Findings`, as `masking_flags` returns them, also name the checks that were made and what could not be judged.
    """
    checks, unjudged = getattr(flags, "checks", ()), getattr(flags, "unjudged", ())
    count = f"{len(flags)} flag{'s' * (len(flags) > 1)}" if flags else "no flag"
    head = [paragraph("", f"{count} raised" + (f"; checked: {', '.join(checks)}" if checks else ""))]
    head += [paragraph("not judged", reason) for reason in unjudged]
    return "\n\n".join(["\n".join(head), *(_section(flags, name) for name in dict.fromkeys(f.name for f in flags))])


def _section(flags: Sequence[Flag], name: str) -> str:
    """Write the evidence of all flags of a name, a defender after the other, then what they have in common."""
    raised = [flag for flag in flags if flag.name == name]
    evidence = [("  evidence", f"{flag.defender}: {flag.evidence}") for flag in raised]
    advice = dict.fromkeys(line for flag in raised for line in (("  meaning", flag.meaning), ("  remedy", flag.remedy)))
    return "\n".join([name, *(paragraph(label, text) for label, text in (*evidence, *advice))])
