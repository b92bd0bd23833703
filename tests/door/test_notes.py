"""What a defender notes of its training is told to whoever reads the match."""

from dataclasses import dataclass, replace

from agents.attackers import Noise
from agents.defenders import Plain
from arena.door.narration import narrate
from arena.door.settings import Settings
from arena.door.tournament import run
from scenarios import WhiteBox

NOTE = "something [odd] happened in epoch 2"


@dataclass(frozen=True, kw_only=True)
class Frank(Plain):
    epochs: int = 2

    def move(self, view, rng):
        return replace(super().move(view, rng), note=NOTE)


GAME = WhiteBox(points=20, train=100)


def test_a_narrated_match_tells_the_note(capsys):
    narrate(GAME, Noise(), Frank(), 0)
    assert NOTE in capsys.readouterr().out


def test_a_tournament_tells_the_note_and_logs_it(capsys, tmp_path):
    run(Settings(out=tmp_path, seeds=[3], workers=1), GAME, {"noise": Noise()}, {"frank": Frank()})
    assert f"frank, seed 3: {NOTE}" in capsys.readouterr().err
    assert NOTE in (tmp_path / "log.jsonl").read_text()
