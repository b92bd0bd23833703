import keyword

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena import InvalidValue, roster, specs

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True)
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda key: not keyword.iskeyword(key))
SCALARS = st.one_of(
    st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none(), st.text(max_size=12)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.tuples(inner, inner)), max_leaves=5
)


ARGUMENTS = st.dictionaries(KEYS, VALUES, max_size=4)


def written(name: str, arguments: dict) -> str:
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"


@given(NAMES, ARGUMENTS)
def test_what_is_written_as_a_spec_is_read_back(name, arguments):
    assert specs.parse(written(name, arguments)) == (name, arguments)
    assert specs.parse(f"  {name}  ") == (name, {})


@given(st.lists(st.tuples(NAMES, ARGUMENTS), max_size=4))
def test_a_list_of_specs_splits_where_specs_end(players):
    texts = [written(*player) for player in players]
    quoted = [text for text in texts if "\\" not in text]
    assert specs.split(", ".join(quoted)) == quoted


@given(st.text(max_size=40))
def test_any_other_text_is_refused_by_name_and_never_with_another_error(text):
    try:
        name, arguments = specs.parse(text)
    except InvalidValue:
        return
    assert name
    assert isinstance(arguments, dict)


EVIL = [
    "pgd(steps=__import__('os'))",
    "pgd(steps=__import__('os').system('exit 1'))",
    "pgd(steps=open('/etc/passwd').read())",
    "pgd(steps=(lambda: 40)())",
    "pgd(steps=[x for x in (1, 2)])",
    "pgd(steps=steps)",
    "pgd(steps=2**3)",
    "pgd(steps=f'{1}')",
    "pgd(steps=40) or exit(1)",
    "pgd(*[40])",
    "pgd(**{'steps': 40})",
    "pgd(40)",
    "pgd(steps=)",
    "pgd(steps=40",
    "pgd(steps=40))",
    "pgd steps=40",
    "pgd(steps=40 if True else 1)",
    "pgd(steps=(yield))",
    "pgd(steps:=40)",
]


@pytest.mark.parametrize("text", EVIL)
def test_nothing_but_literals_is_taken_and_nothing_is_evaluated(text):
    with pytest.raises(InvalidValue):
        specs.parse(text)


@pytest.mark.parametrize("text", ["", "()", "3pgd", "PGD", "agents.PGD", "pgd\\", "-pgd", "pgd!", "../pgd"])
def test_what_has_no_name_is_no_spec(text):
    with pytest.raises(InvalidValue, match=r"is no spec: write name or name\(key=value, …\), as in pgd\(steps=40\)"):
        specs.parse(text)


@pytest.mark.parametrize("text", ["pgd(steps=1)(restarts=2)", "pgd(steps=1).now(restarts=2)"])
def test_a_call_of_a_call_is_refused(text):
    with pytest.raises(InvalidValue):
        specs.parse(text)


def test_a_parameter_given_twice_is_refused():
    with pytest.raises(InvalidValue):
        specs.parse("pgd(steps=1, steps=2)")


def test_endless_nesting_is_refused():
    with pytest.raises(InvalidValue):
        specs.parse(f"pgd(steps={'-' * 5000}1)")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" noise ,, pgd ", ["noise", "pgd"]),
        ("pgd(steps=1, loss='a,b'), fgsm", ["pgd(steps=1, loss='a,b')", "fgsm"]),
        ("ensemble(members=['a', \"b(r=0.5)\"]), plain", ["ensemble(members=['a', \"b(r=0.5)\"])", "plain"]),
        ("noise, pgd(loss='(')", ["noise", "pgd(loss='(')"]),
    ],
)
def test_commas_in_brackets_and_quotes_belong_to_the_spec(text, parts):
    assert specs.split(text) == parts


def test_a_spec_builds_the_player_it_describes():
    player = roster.build("attackers", 'pgd(steps=7, restarts=2, loss="margin", step_size=0.1, target=None)')
    assert (player.steps, player.restarts, player.loss, player.step_size, player.target) == (7, 2, "margin", 0.1, None)
    np.testing.assert_equal(roster.build("defenders", "plain(hidden=(8, 4))").hidden, (8, 4))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pgd(step=3)", "pgd has no parameter 'step'; did you mean 'steps'"),
        ("pgd(steps=0)", "pgd: steps must be a whole number of at least 1; got 0"),
        ("pgd(steps=1.5)", "pgd: steps must be a whole number of at least 1; got 1.5"),
        ("pgd(steps=True)", "pgd: steps must be a whole number"),
        ("pgd(loss='hinge')", "pgd: loss must be one of cross-entropy, margin, dlr; got 'hinge'"),
        ("pgd(step_size=-1)", "pgd: step_size must be a finite number above 0; got -1"),
        ("momentum-pgd(momentum=-0.1)", "momentum-pgd: momentum must be a finite number of at least 0; got -0.1"),
    ],
)
def test_a_bad_parameter_is_named_with_player_and_rule(text, message):
    with pytest.raises(InvalidValue, match=message):
        roster.build("attackers", text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("plain(epochs=0)", "plain: epochs must be a whole number of at least 1; got 0"),
        ("plain(hidden=(8, 0))", "plain: each width in hidden must be a whole number of at least 1; got 0"),
        ("plain(learning_rate=1e999)", "plain: learning_rate must be a finite number above 0; got inf"),
        ("dropout(rate=1)", r"dropout: rate must be a share in \[0, 1\); got 1"),
        ("noise-augmentation(kind='salt')", "noise-augmentation: kind must be one of uniform, gaussian; got 'salt'"),
        ("spectral-normalisation(kappa=0)", "spectral-normalisation: kappa must be a finite number above 0; got 0"),
        ("ensemble(members=[])", "ensemble: members must name at least one defender"),
        ("ensemble(members=['plane'])", "ensemble: no defender is called 'plane'; did you mean 'plain'"),
        ("adversarial-training(sparring='pdg')", "no attacker is called 'pdg'; did you mean 'pgd'"),
        ("adversarial-training(sparring=3)", "a player needs a method move"),
    ],
)
def test_a_bad_parameter_of_a_defender_is_named_too(text, message):
    with pytest.raises(InvalidValue, match=message):
        roster.build("defenders", text)
