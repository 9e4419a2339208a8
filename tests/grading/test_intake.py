"""What is handed in is taken in, learner by learner, whatever else lies beside it."""

import io
import os
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from grading import intake
from grading.intake import RefusedError, Submission, safe_name, take_in

SECTION = "02_advantages"
WORK = b'{"cells": []}'


def archive(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return stream.getvalue()


def tarball(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as made:
        for member, data in members:
            member.size = len(data)
            made.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def taken(tmp_path: Path):
    def take(source: Path) -> dict[str, Submission]:
        found = take_in(source, tmp_path / "taken", SECTION)
        return {submission.learner.key: submission for submission in found}

    return take


def names(submission: Submission) -> list[str]:
    folder = submission.folder
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_folders_archives_and_kept_sections(inbox: Path, taken) -> None:
    fill(
        inbox,
        {
            "ada/01_flask.ipynb": WORK,
            "ada/helpers/data.csv": b"1",
            "grace/02_advantages/01_flask.ipynb": WORK,
            "李 明/work/01_flask.ipynb": WORK,
            "zoe.zip": archive({"zoe/01_flask.ipynb": WORK, "__MACOSX/._x": b""}),
            "yan.tar.gz": tarball((tarfile.TarInfo("./01_flask.ipynb"), WORK)),
            ".DS_Store": b"",
        },
    )
    found = taken(inbox)
    assert {key: names(submission) for key, submission in found.items()} == {
        "ada": ["01_flask.ipynb", "helpers/data.csv"],
        "grace": ["01_flask.ipynb"],
        "yan": ["01_flask.ipynb"],
        "zoe": ["01_flask.ipynb"],
        "李 明": ["01_flask.ipynb"],
    }
    assert not any(submission.refused or submission.notes for submission in found.values())


@pytest.mark.parametrize("around", ["", "submissions/"])
def test_an_archive_of_folders_and_of_archives(inbox: Path, taken, around: str) -> None:
    source = inbox / "class.zip"
    files = {
        f"{around}ada/01_flask.ipynb": WORK,
        f"{around}grace.zip": archive({"01_flask.ipynb": WORK}),
    }
    source.write_bytes(archive(files))
    assert {key: names(one) for key, one in taken(source).items()} == {
        "ada": ["01_flask.ipynb"],
        "grace": ["01_flask.ipynb"],
    }


def test_a_class_of_one(inbox: Path, taken) -> None:
    fill(inbox, {"ada/02_advantages/01_flask.ipynb": WORK})
    assert list(taken(inbox)) == ["ada"]


def test_a_download_of_canvas(inbox: Path, taken) -> None:
    source = inbox / "submissions.zip"
    files = {
        "doejane_12345_67890_01_flask.ipynb": WORK,
        "doejane_12345_67891_02_fastapi-1.ipynb": WORK,
        "roerichard_LATE_222_67892_01_flask.ipynb": WORK,
        "smith_333_67893_work.zip": archive({"02_advantages/01_flask.ipynb": WORK}),
    }
    source.write_bytes(archive(files))
    found = taken(source)
    assert names(found["doejane_12345"]) == ["01_flask.ipynb", "02_fastapi.ipynb"]
    assert names(found["smith_333"]) == ["01_flask.ipynb"]
    assert [one.learner.lms_id for one in found.values()] == ["12345", "222", "333"]
    assert [one.late for one in found.values()] == [False, True, False]


def test_a_download_of_moodle(inbox: Path, taken) -> None:
    source = inbox / "course-assignment.zip"
    files = {
        "Jane Doe_12345_assignsubmission_file_/01_flask.ipynb": WORK,
        "Zoë Ünal_222_assignsubmission_file/01_flask.ipynb": WORK,
        "Jo_Lo_333_assignsubmission_file_01_flask.ipynb": WORK,
    }
    source.write_bytes(archive(files))
    found = taken(source)
    assert {key: names(one) for key, one in found.items()} == {
        "Jane Doe_12345": ["01_flask.ipynb"],
        "Jo_Lo_333": ["01_flask.ipynb"],
        "Zoë Ünal_222": ["01_flask.ipynb"],
    }
    assert found["Zoë Ünal_222"].learner.name == "Zoë Ünal"


def test_a_name_that_speaks_for_two_is_nobodys(inbox: Path, taken) -> None:
    """Learners choose the names of their files, and in some systems their own."""
    spoofed = "Mallory_1_assignsubmission_file_Ada_2_assignsubmission_file_a.ipynb"
    fill(
        inbox,
        {
            spoofed: b"of mallory",
            "Ada_2_assignsubmission_file_/a.ipynb": WORK,
            "mallory_1_77_ada_2_78_a.ipynb": WORK,
        },
    )
    found = taken(inbox)
    assert (found["Ada_2"].folder / "a.ipynb").read_bytes() == WORK
    assert found[spoofed].refused
    assert names(found["mallory_1"]) == ["ada_2_78_a.ipynb"]


def test_the_outer_name_says_whose_it_is(inbox: Path, taken) -> None:
    fill(
        inbox,
        {
            "mallory.zip": archive({"ada/01_flask.ipynb": b"of mallory"}),
            "ada/01_flask.ipynb": WORK,
        },
    )
    found = taken(inbox)
    assert (found["ada"].folder / "01_flask.ipynb").read_bytes() == WORK
    assert (found["mallory"].folder / "01_flask.ipynb").read_bytes() == b"of mallory"


def test_names_that_look_the_same_are_both_refused(inbox: Path, taken) -> None:
    source = inbox / "class.zip"
    files = {
        "Ada/01_flask.ipynb": WORK,
        "ada/01_flask.ipynb": WORK,
        "z\N{LATIN SMALL LETTER E WITH ACUTE}/01_flask.ipynb": WORK,
        "ze\N{COMBINING ACUTE ACCENT}/01_flask.ipynb": WORK,
        "grace/01_flask.ipynb": WORK,
    }
    source.write_bytes(archive(files))
    found = taken(source)
    assert len(found) == 5
    assert [key for key, one in found.items() if not one.refused] == ["grace"]
    assert all("same name" in one.refused for key, one in found.items() if key != "grace")


def test_what_leads_out_is_left_out_and_the_rest_is_taken(
    inbox: Path, taken, tmp_path: Path
) -> None:
    names_out = ["../evil.ipynb", "/evil.ipynb", "a/../../evil", "C:/evil", "..\\evil", "a//b"]
    files = {"01_flask.ipynb": WORK} | dict.fromkeys(names_out, b"evil")
    fill(inbox, {"ada.zip": archive(files)})
    submission = taken(inbox)["ada"]
    assert not submission.refused
    assert names(submission) == ["01_flask.ipynb"]
    assert len(submission.notes) == len(names_out)
    assert not list(tmp_path.rglob("*evil*"))


def test_a_name_that_leads_out_of_the_class_is_nobodys(inbox: Path, taken) -> None:
    source = inbox / "class.zip"
    source.write_bytes(archive({"../evil.ipynb": b"", "/etc/x.ipynb": b"", "ada/a.ipynb": WORK}))
    found = taken(source)
    assert [key for key, one in found.items() if not one.refused] == ["ada"]
    assert len(found) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights that Windows does not give")
def test_links_are_left_out(inbox: Path, taken, tmp_path: Path) -> None:
    secret = fill(tmp_path / "secret", {"key.ipynb": b"secret"})
    fill(inbox, {"ada/01_flask.ipynb": WORK})
    (inbox / "ada/key.ipynb").symlink_to(secret / "key.ipynb")
    (inbox / "ada/folder").symlink_to(secret)
    (inbox / "eve").symlink_to(secret)
    os.mkfifo(inbox / "ada/pipe")
    link = tarfile.TarInfo("key.ipynb")
    link.type, link.linkname = tarfile.SYMTYPE, str(secret / "key.ipynb")
    (inbox / "grace.tgz").write_bytes(tarball((link, b""), (tarfile.TarInfo("a.ipynb"), WORK)))
    zipped = zipfile.ZipInfo("key.ipynb")
    zipped.external_attr = 0o120777 << 16
    (inbox / "zoe.zip").write_bytes(archive({zipped: b"/etc/passwd", "a.ipynb": WORK}))
    found = taken(inbox)
    assert names(found["ada"]) == ["01_flask.ipynb"]
    assert len(found["ada"].notes) == 3
    assert names(found["grace"]) == names(found["zoe"]) == ["a.ipynb"]
    assert found["eve"].refused
    assert b"secret" not in b"".join(
        path.read_bytes() for path in (tmp_path / "taken").rglob("*") if path.is_file()
    )


def test_too_much_is_refused_and_the_others_go_on(
    inbox: Path, taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MAX_BYTES", 1_000_000)
    many = {f"{number}.txt": b"" for number in range(intake.MAX_FILES + 1)}
    deep = {"/".join("a" * (intake.MAX_DEPTH + 1)): b"", "01_flask.ipynb": WORK}
    bomb = archive({"01_flask.ipynb": bytes(2_000_000)})
    assert len(bomb) < 10_000
    fill(
        inbox,
        {
            "ada/01_flask.ipynb": WORK,
            "bomb.zip": bomb,
            "bomb in a bomb.zip": archive({"inner.zip": bomb}),
            "tar bomb.tgz": tarball((tarfile.TarInfo("01_flask.ipynb"), bytes(2_000_000))),
            "big/01_flask.ipynb": bytes(2_000_000),
            "deep.zip": archive(deep),
            "many.zip": archive(many),
            "twice.zip": archive({"A.ipynb": WORK, "a.ipynb": WORK}),
            "no archive.zip": b"PK but no more",
            "empty.zip": archive({}),
            "nothing/readme.txt": b"I forgot",
            "01_flask.ipynb": WORK,
        },
    )
    found = taken(inbox)
    reasons = {key: one.refused for key, one in found.items()}
    assert reasons.pop("ada") == ""
    assert reasons.pop("deep") == ""
    assert "deep" in found["deep"].notes[0]
    for key in ("bomb", "big", "tar bomb"):
        assert "larger than" in reasons.pop(key)
    # An archive in an archive stays what it is: a file that is no notebook.
    assert "no notebook" in reasons.pop("bomb in a bomb")
    assert "more than 200 files" in reasons.pop("many")
    assert "name a.ipynb" in reasons.pop("twice")
    assert "not an archive that can be read" in reasons.pop("no archive")
    assert "no notebook" in reasons.pop("empty")
    assert "no notebook" in reasons.pop("nothing")
    assert "whose it is" in reasons.pop("01_flask.ipynb")
    assert reasons == {}


def test_a_damaged_archive_of_the_class_is_an_error(inbox: Path, taken) -> None:
    source = inbox / "class.zip"
    source.write_bytes(archive({"ada/a.ipynb": WORK})[:40])
    with pytest.raises(RefusedError, match=r"class\.zip is not an archive that can be read"):
        taken(source)
    for name, message in (("none", "There is no folder"), ("x.rar", "no archive. Known: .zip")):
        if name == "x.rar":
            (inbox / name).write_bytes(b"")
        with pytest.raises(RefusedError, match=message):
            taken(inbox / name)
    (inbox / "empty").mkdir()
    with pytest.raises(RefusedError, match="holds no submission"):
        taken(inbox / "empty")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Jane Doe", "Jane Doe"),
        ("Zoë O'Neil-李", "Zoë O'Neil-李"),
        ("a/b\\c:d*e?", "a%2Fb%5Cc%3Ad%2Ae%3F"),
        ("[a]", "%5Ba%5D"),
        ("..", "%2E%2E"),
        (".hidden", "%2Ehidden"),
        ("dot.", "dot%2E"),
        ("con", "%63on"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b", "a%E2%80%AEb"),
        ("", "%"),
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_long_names_stay_different() -> None:
    first, second = safe_name("x" * 300 + "1"), safe_name("x" * 300 + "2")
    assert first != second
    assert len(first.encode()) <= 120
