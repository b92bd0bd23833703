import re
from html.parser import HTMLParser

import numpy as np
import pytest

from results import Findings, Flag, Record, ResultsTable, findings_from_json, findings_to_json
from results.masking.flags import ZERO
from results.report import report_of, to_html, to_latex, to_markdown
from results.report.blocks import Bars, Chart, Sheet
from results.report.markdown import escaped
from results.report.markup import element
from tests.browser import CHROMIUM, complaints

HOSTILE = "<script>alert(1)</script>", 'a"b&c|d', "50%_$x$\\input{y}", "`]](http://elsewhere.example/)"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


@pytest.fixture(scope="module")
def table():
    """Four attackers, and a late one who forfeits, against four defenders with names that would like to be markup."""
    rng = np.random.default_rng(0)
    shares = {"noise": 0.95, "[1cm] fgsm": 0.5, "<b>pgd</b>": 0.3, "*star": 0.4}
    records = [
        Record.of(
            scenario="duel",
            attacker=attacker,
            defender=defender,
            seed=seed,
            clean=rng.random(60) < 0.97,
            attacked=rng.random(60) < share - 0.07 * number,
            queries=rng.integers(1, 50, 60),
        )
        for attacker, share in shares.items()
        for number, defender in enumerate(HOSTILE)
        for seed in range(3)
    ]
    late = Record(scenario="duel", attacker="<late>", defender=HOSTILE[0], seed=0, forfeit="<i>too late</i>")
    return ResultsTable((*records, late))


@pytest.fixture(scope="module")
def report(table):
    findings = Findings([Flag.of(ZERO, HOSTILE[0], "31 % of the points")], [ZERO], ["<u>nothing</u>"])
    pictures = {"example.png": ("an <example>", PNG)}
    commands = ["python -m arena tournament 'duel(x=\"<y>\")'"]
    return report_of(
        table, information="draw", findings=findings, pictures=pictures, commands=commands, rules="<rules>", draws=50
    )


class Outline(HTMLParser):
    """The elements of a page, which must nest, and the addresses it loads."""

    def __init__(self, page):
        super().__init__()
        self.open, self.seen, self.loaded = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        self.loaded += [value for name, value in attributes if name in ("src", "href", "srcset", "action")]
        if tag not in ("meta", "link", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_page_needs_nothing_else_and_names_stay_names(report):
    page = to_html(report)
    outline = Outline(page)
    assert not outline.open and {"table", "svg", "img", "style", "dl"} <= set(outline.seen)
    assert not {"script", "iframe", "object", "form", "u"} & set(outline.seen)
    assert all(address.startswith("data:") for address in outline.loaded)
    assert not re.search(r"@import|url\(", page) and "default-src &#x27;none&#x27;" in page
    assert len(page.encode()) < 2_000_000
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "&lt;i&gt;too late&lt;/i&gt;" in page


def test_every_number_of_a_table_has_its_interval(report):
    blocks = [block for section in report.sections for block in section.blocks]
    sheets = [block for block in blocks if isinstance(block, Sheet)]
    assert len(sheets) == 3
    entries = [entry for sheet in sheets for _, row in sheet.rows for entry in row]
    assert all(entry.around for entry in entries if entry.text not in ("forfeit", "missing"))
    assert all(entry.group for sheet in sheets[1:] for _, row in sheet.rows for entry in row)
    shares = [share for block in blocks if isinstance(block, Bars) for _, share in block.shares]
    assert shares and all(share.low <= share.estimate <= share.high for share in shares)
    (chart,) = (block for block in blocks if isinstance(block, Chart))
    assert len(chart.series) == 4 and all((series.y > 0).all() for series in chart.series)


def test_markdown_says_the_same_and_its_tables_are_tables(report, table):
    text = to_markdown(report)
    prose = re.sub(r"^(`{3,})\n.*?\n\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "<script>" not in prose and not re.search(r"(?<!\\)\]\(http", prose)
    grid = [line for line in text.splitlines() if line.startswith("| clean")]
    assert len(grid) == 1 and len(re.findall(r"(?<!\\)\|", grid[0])) == len(HOSTILE) + 2
    assert f"{100 * table.grid().clean[0].interval.estimate:.1f} (" in grid[0]
    assert "![an \\<example\\>](<example.png>)" in text


def test_latex_escapes_and_closes_what_it_opens(report):
    text = to_latex(report)
    assert text.count(r"\begin{") == text.count(r"\end{") and text.count(r"\toprule") == text.count(r"\bottomrule") > 3
    assert not re.search(
        r"\\\\\s*[\[*]|rule\s*[\[*]", re.sub(r"\\\\\[-3pt\]", "", text)
    )  # no label becomes a line's options
    lines = text.replace(r"\\[-3pt]", "").split("\n")
    assert not [line for line in lines if line.startswith(("[", "*"))]  # after a line's end these would be its options
    assert r"50\,\%" in text and r"\textbackslash{}input\{y\}" in text and r"\input{" not in text
    bare = re.sub(r"\\[\\{}]", "", text)
    depth = np.cumsum([(letter == "{") - (letter == "}") for letter in bare])
    assert depth.min() >= 0 and depth[-1] == 0


def test_the_three_forms_hold_the_same_numbers(report):
    told = [spell(report) for spell in (to_html, to_markdown, to_latex)]
    blocks = [block for section in report.sections for block in section.blocks]
    entries = [entry for block in blocks if isinstance(block, Sheet) for _, row in block.rows for entry in row]
    for entry in entries:
        assert all(entry.text in text and entry.around in text for text in told), entry


def test_a_table_without_a_game_is_told_all_the_same():
    late = Record(scenario="duel", attacker="a", defender="d", seed=0, forfeit="late")
    for spell in (to_html, to_markdown, to_latex):
        assert "no game to solve" in spell(report_of(ResultsTable((late,))))


def test_findings_travel_as_json():
    found = Findings([Flag.of(ZERO, "plain", "a & b")], [ZERO, "other"], ["one"])
    again = findings_from_json(findings_to_json(found))
    assert (tuple(again), again.checks, again.unjudged) == (tuple(found), found.checks, found.unjudged)
    for wrong in ("{", "[]", '{"flags": [{"name": "none"}]}', '{"flags": 3}'):
        with pytest.raises(ValueError, match="findings: not what a tournament keeps"):
            findings_from_json(wrong)


def test_markup_is_escaped_once():
    assert element("p", "<&>", element("b", "x"), class_='"') == '<p class="&quot;">&lt;&amp;&gt;<b>x</b></p>'
    assert escaped("a|b*<c>") == r"a\|b\*\<c\>"


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_has_nothing_to_complain_of(report, tmp_path):
    page = to_html(report)
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    assert complaints(tmp_path / "report.html", tmp_path / "profile") == []
    begging = page.replace("</main>", '<img src="https://elsewhere.example/x.png"><script>nothing()</script></main>')
    (tmp_path / "begging.html").write_text(begging, encoding="utf-8")
    assert len(complaints(tmp_path / "begging.html", tmp_path / "profile")) == 2
