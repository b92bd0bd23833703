import pytest

from agents import attackers, defenders
from arena import Dataset, InvalidValue, RosterError, roster
from scenarios import WhiteBox


class Entry:
    """Stands in for an entry point."""

    def __init__(self, name, value, load, owner="their-package"):
        self.name, self.value, self.load = name, value, load
        self.dist = type("Distribution", (), {"name": owner})


@pytest.fixture
def plug_in(monkeypatch):
    """Register a name in a group for one test."""

    def register(group: str, name: str, load, value: str = "theirs.module:Thing"):
        known = dict(roster._entries(group))
        known[name] = [Entry(name, value, load)]
        monkeypatch.setattr(roster, "_entries", lambda asked: known)

    yield register
    roster._registered.cache_clear()


def test_the_house_is_registered():
    assert set(roster.names("attackers")) >= {"noise", "fgsm", "pgd", "momentum-pgd"}
    assert set(roster.names("defenders")) >= {
        "plain", "dropout", "noise-augmentation", "adversarial-augmentation", "adversarial-training", "ensemble",
        "spectral-normalisation",
    }  # fmt: skip
    assert roster.find("attackers", "pgd") is attackers.PGD
    assert roster.find("defenders", "plain") is defenders.Plain
    assert roster.find("scenarios", "white-box") is WhiteBox


@pytest.mark.parametrize(
    ("group", "name", "message"),
    [
        ("attackers", "pdg", "no attacker is called 'pdg'; did you mean 'pgd'"),
        ("attackers", "quantum", "no attacker is called 'quantum'; known: .*fgsm.*noise.*pgd"),
        ("defenders", "adversarial-trainig", "no defender is called .* did you mean 'adversarial-training'"),
        ("scenarios", "whitebox", "no scenario is called 'whitebox'; did you mean 'white-box'"),
        ("datasets", "digit", "no dataset is called 'digit'; did you mean 'digits'"),
        ("players", "pgd", "no group is called 'players'"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_and_all(group, name, message):
    with pytest.raises(RosterError, match=message):
        roster.find(group, name)


@pytest.fixture
def installed(monkeypatch):
    """Let distributions register the names given, each (name, value, owner)."""

    def register(*entries):
        found = [Entry(name, value, lambda value=value: lambda: value, owner) for name, value, owner in entries]
        monkeypatch.setattr(roster, "entry_points", lambda group: found)
        roster._entries.cache_clear()

    yield register
    roster._entries.cache_clear()


def test_a_name_that_two_distributions_want_is_nobodys(installed):
    installed(("pgd", "ours:PGD", "ours"), ("fgsm", "ours:FGSM", "ours"), ("pgd", "theirs:PGD", "theirs"))
    assert roster.names("attackers") == ["fgsm", "pgd"]
    assert roster.find("attackers", "fgsm")() == "ours:FGSM"
    with pytest.raises(RosterError, match=r"attacker is called 'pgd', of ours \(ours:PGD\) and theirs \(theirs:PGD\)"):
        roster.find("attackers", "pgd")


def test_a_distribution_seen_twice_is_one(installed):
    installed(("pgd", "ours:PGD", "ours"), ("pgd", "ours:PGD", "ours"))
    assert roster.find("attackers", "pgd")() == "ours:PGD"


def test_parameters_are_shown_with_their_defaults():
    assert roster.parameters(attackers.PGD)["steps"] == "40"
    assert roster.parameters(attackers.PGD)["loss"] == "'cross-entropy'"
    assert roster.parameters(attackers.Noise) == {}


def test_defaults_fill_in_where_a_player_has_the_parameter_and_a_spec_goes_first():
    assert roster.build("scenarios", "white-box", points=50, unknown=3).points == 50
    assert roster.build("scenarios", "white-box(points=60)", points=50).points == 60


def test_a_strangers_player_is_built_like_our_own(plug_in):
    def player(strength: float = 1.0):
        return ("built", strength)

    plug_in("attackers", "theirs", lambda: player)
    assert roster.build("attackers", "theirs(strength=2.5)") == ("built", 2.5)
    assert roster.parameters(player) == {"strength": "1.0"}
    with pytest.raises(InvalidValue, match="theirs has no parameter 'strenght'; did you mean 'strength'"):
        roster.build("attackers", "theirs(strenght=1)")


def test_a_plug_in_that_cannot_be_imported_names_its_owner(plug_in):
    def load():
        raise ImportError("no module named 'theirs'")

    plug_in("attackers", "theirs", load)
    with pytest.raises(
        RosterError,
        match=r"'theirs' from their-package \(theirs.module:Thing\) cannot be imported: ImportError: no mod",
    ):
        roster.find("attackers", "theirs")


def test_a_plug_in_that_exits_or_is_no_class_names_its_owner(plug_in):
    def load():
        raise SystemExit(5)

    plug_in("attackers", "leaves", load)
    plug_in("attackers", "three", lambda: 3)
    for name, reason in (("leaves", "SystemExit: 5"), ("three", "it is no class or function but 3")):
        with pytest.raises(RosterError, match=f"'{name}' from their-package .* cannot be imported: {reason}"):
            roster.find("attackers", name)


def test_an_import_name_owned_by_two_distributions_is_explained(plug_in, monkeypatch):
    def load():
        raise ImportError("cannot import name 'Thing'")

    monkeypatch.setattr(roster, "packages_distributions", lambda: {"agents": ["openai-agents", "their-package"]})
    plug_in("attackers", "theirs", load, value="agents.module:Thing")
    with pytest.raises(RosterError, match="the import name 'agents' is also installed by openai-agents"):
        roster.find("attackers", "theirs")


def test_a_data_set_is_loaded_once():
    assert roster.dataset("digits") is roster.dataset("digits")
    assert isinstance(roster.dataset("digits"), Dataset)


def test_a_data_set_that_returns_something_else_is_refused(plug_in):
    plug_in("datasets", "odd", lambda: lambda: [1, 2, 3])
    with pytest.raises(RosterError, match="data set 'odd' must be a function returning a Dataset; got list"):
        roster.dataset("odd")
