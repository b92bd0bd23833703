import numpy as np

from results import Record, ResultsTable, draw_fractions, draw_poisoned, poison_report, ranking


def record(attacker, defender, right, **extras):
    hits = np.arange(10) < right
    return Record.of(
        scenario="s",
        attacker=attacker,
        defender=defender,
        seed=0,
        clean=np.ones(10, bool),
        attacked=hits,
        extras=extras,
    )


TABLE = ResultsTable(
    (
        record("random", "kNN", 10, poisoned_accuracy=1.0, true_positive_rate=0.5),
        record("random", "plain", 9, poisoned_accuracy=0.9),
        record("worst", "kNN", 4, poisoned_accuracy=0.4),
        record("worst", "plain", 6, poisoned_accuracy=0.6),
    )
)


def test_the_report_shows_a_figure_where_it_was_measured():
    lines = poison_report(TABLE).splitlines()
    assert lines[2].split() == ["attacker", "defender", "poisoned", "caught"]
    assert lines[3].split() == ["random", "kNN", "100.0", "50.0"]
    assert lines[4].split() == ["random", "plain", "90.0", "–"]


def test_the_best_attacker_of_each_ranks_them_otherwise_than_the_control():
    text = ranking(TABLE)
    assert "2 places differ" in text
    assert "1. plain: 60.0 under worst; place 2 with 90.0 under random" in text


def test_the_lowest_panel_of_every_column_has_its_numbers(tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    table = ResultsTable(tuple(record("random", f"d{i}", 9) for i in range(6)))
    draw_fractions({0.1: table}, tmp_path / "f.png")
    below = [axes.xaxis.get_tick_params()["labelbottom"] for axes in drawn[0].axes]
    assert below == [False, False, True, True, True, True]


def test_the_pictures_are_written(tmp_path):
    draw_fractions({0.1: TABLE, 0.2: TABLE}, tmp_path / "f.png")
    x, y = np.zeros((3, 4)), np.arange(3)
    draw_poisoned(tmp_path / "p.png", x, x + 1, y, y + 1, (2, 2), "title")
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in ("f.png", "p.png"))
