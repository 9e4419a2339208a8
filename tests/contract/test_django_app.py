"""What is special about the Django backend; that it keeps the contract is tested as for all."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured

from mixtape.django_app.config.environment import database
from workbench import Server, serve

WSGI = "mixtape.django_app.config.wsgi:application"
ASGI = "mixtape.django_app.config.asgi:application"
NAMES = ("DATABASE_URL", "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "MIGRATE", "HTTPS", "STATIC_ROOT")
KEY = "l5Ucd7eMvuQqYJ-0x3nTzKfWbA9gRhSp8iNmEoVtXyC2kLjDqGwZr4sBP"


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what the settings read, and with `more`."""
    return {name: value for name, value in os.environ.items() if name not in NAMES} | more


def manage(cwd: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mixtape.django_app.manage", *command],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_no_migration_is_missing(tmp_path: Path) -> None:
    done = manage(tmp_path, "makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr


def test_check(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr


def test_check_deploy(tmp_path: Path) -> None:
    production = {"SECRET_KEY": KEY, "HTTPS": "1", "ALLOWED_HOSTS": "mixtape.example"}
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **production)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "unsafe",
    [{"DEBUG": "0"}, {"DEBUG": "0", "SECRET_KEY": "django-insecure-" + KEY}],
    ids=["none", "for development"],
)
def test_production_refuses_an_unsafe_key(tmp_path: Path, unsafe: dict[str, str]) -> None:
    done = manage(tmp_path, "check", **unsafe)
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr.splitlines()[-1]


def test_a_key_of_ones_own_turns_development_off(tmp_path: Path) -> None:
    done = manage(tmp_path, "diffsettings", "--all", SECRET_KEY=KEY)
    for line in ("DEBUG = False", "MIGRATE_ON_START = False"):
        assert line in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("value", ["maybe", "2"])
def test_a_flag_that_is_neither_is_refused(tmp_path: Path, value: str) -> None:
    done = manage(tmp_path, "check", DEBUG=value)
    assert f"DEBUG is {value!r}; it can be 1 or 0" in done.stderr


def test_database_urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert database("sqlite:///mix.db")["NAME"] == str(tmp_path / "mix.db")
    absolute = tmp_path / "other folder" / "mix.db"
    assert database(f"sqlite:///{absolute}")["NAME"] == str(absolute)
    postgres = database("postgresql+psycopg://ella:p%40ss@db.example:5433/mix?sslmode=require")
    assert postgres == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "mix",
        "USER": "ella",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }
    assert database("postgres://ella@/mix?host=/run/postgres")["HOST"] == "/run/postgres"
    assert database("mysql+pymysql://ella@localhost/mix")["ENGINE"].endswith("mysql")


@pytest.mark.parametrize(
    "url", ["", "mix.db", "sqlite://", "sqlite:///", "sqlite:///:memory:", "oracle://ella:s3cret@x"]
)
def test_other_database_urls_are_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"sqlite:///file\.db") as caught:
        database(url)
    assert "s3cret" not in str(caught.value)


def test_many_start_at_once_with_no_database(tmp_path: Path) -> None:
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", f"import {door.partition(':')[0]}"],
            cwd=tmp_path,
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        for door in (WSGI, ASGI) * 2
    ]
    for process in starting:
        _, log = process.communicate(timeout=120)
        assert process.returncode == 0, log
    with closing(sqlite3.connect(tmp_path / "mixtape.db")) as connection:
        applied = connection.execute("SELECT app, name FROM django_migrations").fetchall()
    assert ("music", "0001_initial") in applied
    assert len(applied) == len(set(applied))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the site below runs and has its database."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Server]:
    """The backend in development, with a user who may do everything."""
    user = {"DJANGO_SUPERUSER_USERNAME": "ella", "DJANGO_SUPERUSER_PASSWORD": "scat-1917"}
    # serve() hands over this process's environment; empty counts as not set.
    cleared = dict.fromkeys(NAMES, "") | {"ALLOWED_HOSTS": "127.0.0.1"}
    with serve(WSGI, "waitress", cwd=folder, env=cleared, name="mixtape in Django") as server:
        done = manage(folder, "createsuperuser", "--noinput", "--email", "e@x.example", **user)
        assert done.returncode == 0, done.stdout + done.stderr
        yield server


def post(browser: requests.Session, url: str, **fields: str) -> requests.Response:
    """Send a form of the admin, as a browser does: first look at the page, then fill it in."""
    page = browser.get(url, timeout=10)
    assert page.status_code == 200
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token
    form = {"csrfmiddlewaretoken": token[1], **fields}
    return browser.post(url, form, timeout=10, allow_redirects=False)


def test_admin(site: Server) -> None:
    with requests.Session() as browser:
        browser.trust_env = False
        stranger = browser.get(f"{site.url}/admin/", allow_redirects=False, timeout=10)
        assert stranger.status_code == 302
        assert stranger.headers["Location"].startswith("/admin/login/")
        wrong = post(browser, f"{site.url}/admin/login/", username="ella", password="wrong")
        assert wrong.status_code == 200
        right = post(browser, f"{site.url}/admin/login/", username="ella", password="scat-1917")
        assert right.status_code == 302

        music = f"{site.url}/admin/music"
        track = {"title": "Misty", "artist": "Ella Fitzgerald", "seconds": "171", "year": ""}
        bad = post(browser, f"{music}/track/add/", **track | {"seconds": "0"})
        assert bad.status_code == 200
        assert post(browser, f"{music}/track/add/", **track).status_code == 302
        entries = {"entries-TOTAL_FORMS": "1", "entries-INITIAL_FORMS": "0", "entries-0-track": "1"}
        assert post(browser, f"{music}/playlist/add/", name="Mix", **entries).status_code == 302
        assert post(browser, f"{music}/play/add/", track="1").status_code == 302

        for model, found in (("track", "Misty"), ("playlist", "171"), ("play", "Ella Fitzgerald")):
            page = browser.get(f"{music}/{model}/?q=misty", timeout=10)
            assert page.status_code == 200
            assert found in page.text
            assert f"1 {model}" in page.text
        styles = browser.get(f"{site.url}/static/admin/css/base.css", timeout=10)
        assert styles.headers["Content-Type"].startswith("text/css")

        # Whoever looks after the data is nobody special to the API.
        playlist = browser.get(f"{site.url}/playlists/1", timeout=10).json()
        assert [item["title"] for item in playlist["tracks"]] == ["Misty"]
        assert browser.delete(f"{site.url}/tracks/1", timeout=10).status_code == 409


def test_a_failure_is_told_to_the_log_alone(site: Server, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "mixtape.db")) as connection:
        connection.execute("ALTER TABLE music_play RENAME TO gone")
        answer = requests.get(f"{site.url}/charts", timeout=10)
        connection.execute("ALTER TABLE gone RENAME TO music_play")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail"}
    assert "music_play" not in answer.text
    assert "OperationalError: no such table: music_play" in site.log


def test_a_foreign_host_gets_a_problem_document(site: Server) -> None:
    answer = requests.get(f"{site.url}/tracks", headers={"Host": "mixtape.example"}, timeout=10)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "mixtape.example" not in answer.text
