"""The contract from the command line: pytest mixtape/contract --base-url URL."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

import mixtape.contract
from workbench import Server, serve

CONTRACT = str(Path(mixtape.contract.__file__).parent)

Pytest = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def by_hand(tmp_path: Path) -> Pytest:
    """A function that runs pytest on the contract, in another folder."""

    def run(
        *arguments: str, target: str = CONTRACT, plugins: bool = False, path: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        environ = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        environ["PYTHONUTF8"] = "1"
        if not plugins:  # those that are installed here take seconds to import
            environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        if path is not None:
            environ["PYTHONPATH"] = str(path)
        command = [sys.executable, "-m", "pytest", target, "--color=no", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, encoding="utf-8"
        )

    return run


@pytest.fixture(scope="module")
def good(faulty: ModuleType) -> Iterator[Server]:
    with serve(faulty.Backend(), name="good") as server:
        yield server


def test_a_backend_that_keeps_the_contract_gives_0(good: Server, by_hand: Pytest) -> None:
    done = by_hand("--base-url", good.url + "/", "--level", "core", "-q", plugins=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_a_broken_rule_gives_1_and_a_few_plain_lines(faulty: ModuleType, by_hand: Pytest) -> None:
    with serve(faulty.Backend("no Location"), name="broken") as server:
        done = by_hand("--base-url", server.url)
    assert done.returncode == 1
    for line in (
        "rule      POST /tracks answers 201 and says where the track is",
        "where     chapters/02_advantages/01_flask.ipynb#creating-a-track",
        'sent      POST /tracks {"title": "Feeling Good", "artist": "Nina Simone", ',
        "expected  201 and the header Location: /tracks/{id}, with the id of the track",
        "got       201 and Location: None ",
    ):
        assert f"\n{line}" in done.stdout
    assert "1 failed" in done.stdout
    assert "def test_" not in done.stdout  # no source code, no stack


def test_without_a_base_url_there_is_one_sentence(by_hand: Pytest) -> None:
    done = by_hand()
    assert done.returncode == 4
    assert done.stderr.split("\n", 1)[0] == (
        "ERROR: say which backend to test: --base-url http://127.0.0.1:8000"
    )
    assert done.stderr.count("\n") <= 2
    assert done.stdout == ""


def test_a_server_that_does_not_answer_is_one_sentence(by_hand: Pytest) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        done = by_hand("--base-url", url)
    assert done.returncode == 4
    assert done.stderr.strip() == (
        f"ERROR: {url} gives no answer (the connection was refused or closed):"
        " is the backend running there?"
    )
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--base-url", "localhost:8000"], "'localhost:8000' is not a base URL"),
        (
            ["--base-url", "http://x", "--level", "gold"],
            "there is no level 'gold'; the levels are: ",
        ),
    ],
)
def test_wrong_options_are_one_sentence(
    arguments: list[str], sentence: str, by_hand: Pytest
) -> None:
    done = by_hand(*arguments)
    assert done.returncode == 4
    assert done.stderr.startswith(f"ERROR: {sentence}")


def test_help_and_the_list_of_rules_need_no_server(by_hand: Pytest) -> None:
    done = by_hand("--help")
    assert done.returncode == 0
    assert "--base-url=URL" in done.stdout
    done = by_hand("--collect-only", "-q")
    assert done.returncode == 0
    assert "test_health" in done.stdout


def test_another_plugin_may_have_the_same_option(
    good: Server, by_hand: Pytest, tmp_path: Path
) -> None:
    (tmp_path / "as_pytest_base_url.py").write_text(
        "def pytest_addoption(parser):\n"
        "    parser.addini('base_url', help='')\n"
        "    parser.addoption('--base-url', metavar='url', default=None, help='')\n"
    )
    done = by_hand("-p", "as_pytest_base_url", "--base-url", good.url, "-q", path=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pytest_on_all_folders_leaves_the_contract_out(by_hand: Pytest) -> None:
    done = by_hand("-q", "--import-mode=importlib", target=str(Path(CONTRACT).parent))
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout + done.stderr
