"""check() and its report: what a learner sees."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from types import ModuleType

import nbformat
import pytest
from nbclient import NotebookClient

from mixtape.contract.runner import RuleResult
from mixtape.flask_app import create_app
from workbench import Server, check, serve
from workbench.checking import ContractBroken
from workbench.kernels import kernel_settings
from workbench.report import Report

FAULT = "no Location"
RULE = "POST /tracks answers 201 and says where the track is"


@pytest.fixture
def broken(faulty: ModuleType) -> Iterator[Server]:
    """A server with one broken rule."""
    with serve(faulty.Backend(FAULT), name="broken") as server:
        yield server


def test_a_failing_report_can_be_read_by_a_learner(
    broken: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ContractBroken) as caught:
        check(broken, only="POST /tracks answers 201")
    assert str(caught.value) == f"1 of 1 rules broken: {RULE}"
    text = capsys.readouterr().out
    assert text == (
        "Mixtape contract, level core: 0 of 1 rule holds\n"
        "\n"
        f"✘ broken     {RULE}\n"
        '    sent:      POST /tracks {"title": "Feeling Good", "artist": "Nina Simone",'
        ' "seconds": 177, "year": 1965}\n'
        "    expected:  201 and the header Location: /tracks/{id}, with the id of the track\n"
        '    got:       201 and Location: None {"id": {id}, "title": "Feeling Good",'
        ' "artist": "Nina Simone", "seconds": 177, "year": 1965}\n'
        "    read:      chapters/02_advantages/01_flask.ipynb#creating-a-track\n"
    )


def test_reports_are_the_same_every_time(
    faulty: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = []
    for _ in range(2):
        with serve(faulty.Backend("25 by default"), name=f"run {len(seen)}") as server:
            for _ in range(2):
                with pytest.raises(ContractBroken) as caught:
                    check(server)
                html = caught.value.report._repr_html_()
                seen.append((capsys.readouterr().out, str(caught.value), html))
                assert str(server.port) not in "".join(seen[-1])
    assert len(set(seen)) == 1
    text = "".join(seen[0])
    assert not re.search(r"[bcdfghjklmnpqrstvwz]{10}", text)
    assert not re.search(r"127\.0\.0\.1|localhost|0x[0-9a-f]{6}|\d\d:\d\d", text)
    assert text.count("\n✔ holds") == len(caught.value.report.results) - 1


class Table(HTMLParser):
    """Collects tags and words of a page, and notices tags that are not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def result(outcome: str, text: str = "") -> RuleResult:
    return RuleResult(
        "core/x::y", "core", "GET /x answers <b> & $x$", outcome, text, text, text, text
    )


def test_the_table_is_accessible_and_fits_light_and_dark_pages() -> None:
    outcomes = ("passed", "failed", "error", "skipped")
    report = Report("core", [result(outcome, "<script>&") for outcome in outcomes], "a <note>")
    page = report._repr_html_()
    table = Table(page)
    assert table.open == []
    heads = [attributes.get("scope") for tag, attributes in table.tags if tag == "th"]
    assert heads == ["col"] * 2 + ["row"] * 4
    assert [tag for tag, _ in table.tags].count("caption") == 1
    words = [word for word in table.words if word[0] in "✔✘–"]
    assert words == ["✔ holds", "✘ broken", "✘ not tested", "– skipped"]
    assert not re.search(r"color|background|<script|<note", page)
    assert "GET /x answers <b> & $x$" in table.words


def test_the_error_names_three_rules_and_counts_the_others() -> None:
    report = Report("core", [result("failed")] * 5 + [result("passed")])
    rule = report.results[0].rule
    assert (
        str(ContractBroken(report)) == f"5 of 6 rules broken: {'; '.join([rule] * 3)}; and 2 more"
    )


def test_a_report_that_is_all_green_is_printed_and_nothing_raised(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    check(create_app(database_url), only=["GET /health", "DELETE"])
    text = capsys.readouterr().out
    assert re.match(r"Mixtape contract, level core: (\d+) of \1 rules hold\n", text)
    assert "✘" not in text


def test_raises_false_shows_only(broken: Server, capsys: pytest.CaptureFixture[str]) -> None:
    check(broken, only=RULE, raises=False)
    assert "✘ broken" in capsys.readouterr().out
    assert broken.running


def test_a_name_a_url_and_a_server_can_be_checked(
    broken: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "my_app", create_app("sqlite://"))
    monkeypatch.setitem(globals(), "my_server", broken)
    for target in ("my_app", "my_server", broken.url, broken):
        check(target, only="GET /health")
    assert capsys.readouterr().out.count("✔") == 4
    assert broken.running, "checking a server that was there before must not stop it"
    with pytest.raises(NameError, match="there is no object called 'my_ap' yet"):
        check("my_ap")
    with pytest.raises(TypeError, match="is not a web application"):
        check(7)
    with pytest.raises(ValueError, match="there is no level 'gold'"):
        check(broken, "gold")


def test_an_exception_in_the_app_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    def app(environ: object, start_response: object) -> list[bytes]:
        raise OverflowError("too large")

    check(app, only="GET /health", raises=False)
    text = capsys.readouterr().out
    assert "got:       500 " in text
    assert text.endswith(
        "\n\nThe app failed; the last error in its log: OverflowError: too large\n"
    )


def test_a_console_without_the_signs_gets_others(
    broken: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io
    import sys

    console = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", console)
    check(broken, only="GET /health")
    console.seek(0)
    assert "? holds      GET /health" in console.read()


def test_in_a_notebook() -> None:
    """A table, an error of one line, the same when the cell runs again, and nothing else."""
    cells = [
        "from mixtape.flask_app import create_app\nfrom workbench import check\n"
        'app = create_app("sqlite://")\ncheck("app")',
        'check("app")',
        "def empty(environ, start_response):\n"
        '    start_response("200 OK", [])\n'
        '    return [b"{}"]\n\n\ncheck("empty")',
        'check("empty")',
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(
        notebook, kernel_name="python3", timeout=120, allow_errors=True, config=kernel_settings()
    ).execute()
    first, second, third, fourth = (cell.outputs for cell in notebook.cells)
    assert [output.output_type for output in first] == ["display_data"]
    assert first == second
    assert [output.output_type for output in third] == ["display_data", "error"]
    assert third == fourth
    assert "✘ broken" in third[0].data["text/html"]
    assert "✘ broken" in third[0].data["text/plain"]
    assert len(third[1].traceback) == 1
    assert third[1].ename == "ContractBroken"
