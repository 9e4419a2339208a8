"""Takes in what learners have handed in: a folder, an archive, or the download of an LMS.

Whose work it is follows from the outer name, the one that the instructor's folder or the LMS gave,
never from anything inside. Every file is untrusted: what is too large, too deep, a link, or leads
out of its folder is refused, submission by submission, and the others go on.
"""

import hashlib
import io
import lzma
import os
import re
import shutil
import stat
import tarfile
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO
from urllib.parse import quote

MAX_BYTES = 50_000_000  # of one submission, unpacked
MAX_FILES = 200  # in one submission
MAX_DEPTH = 8  # folders inside one another
MAX_CLASS = 20_000  # files in one download
MAX_CLASS_BYTES = 20_000_000_000  # of one download in a tar, unpacked
CHUNK = 1 << 16

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")

# doejane_12345_67890_01_flask.ipynb, doejane_LATE_12345_67890_01_flask-1.ipynb
CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_\d+_(?P<rest>.+)", re.DOTALL)
CANVAS_AGAIN = re.compile(r"-\d{1,2}(?=\.\w+$)")  # how Canvas marks a later try
# Jane Doe_12345_assignsubmission_file_/…, or the same in front of the name of a file
MOODLE = re.compile(
    r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(file|onlinetext)_?(?P<rest>.*)", re.DOTALL
)

# What systems put into folders by themselves.
LITTER = {".DS_Store", "Thumbs.db", "__MACOSX", ".ipynb_checkpoints", "__pycache__"}
WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # no names for files


class RefusedError(Exception):
    """What was handed in cannot be taken. The message says why and what to do."""


@dataclass(frozen=True)
class Learner:
    """Who handed in.

    Attributes:
        key: names the learner in folders and in the gradebook; no two learners share one.
        name: as the outer name has it.
        lms: "canvas", "moodle", or "" when the name is that of a folder or an archive.
        lms_id: the number by which the LMS knows the learner; else empty.
    """

    key: str
    name: str
    lms: str = ""
    lms_id: str = ""


@dataclass
class Submission:
    """What one learner handed in.

    Attributes:
        learner: who.
        folder: where the files are now; empty or missing when it was refused.
        late: whether Canvas marked it as late.
        refused: why it cannot be graded; empty when it can.
        notes: what was left out of it, and why.
    """

    learner: Learner
    folder: Path
    late: bool = False
    refused: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _File:
    """A file in a folder or in an archive, not read yet; `refused` says why it never will be."""

    name: str
    open: Callable[[], IO[bytes] | None]
    refused: str = ""

    def inside(self, name: str) -> "_File":
        """Return the same file by the name that it has further inside."""
        return replace(self, name=name)


@dataclass
class _Parcel:
    """The files under one outer name, or under one number of an LMS."""

    learner: Learner
    late: bool = False
    refused: str = ""
    files: list[_File] = field(default_factory=list)


def take_in(source: Path, into: Path, section: str) -> list[Submission]:
    """Copy each learner's files into a folder of their own, and say whose cannot be graded.

    Args:
        source: a folder with a folder or an archive for each learner, an archive of such, or what
            Canvas or Moodle gives to download. It is not changed.
        into: a new or empty folder; it gets one folder for each learner.
        section: the assignment, for example "02_advantages": learners may have kept its folder.

    Returns:
        One submission for each learner, in the order of their keys.

    Raises:
        RefusedError: `source` is not there, is neither folder nor archive, or holds nothing.
    """
    if source.is_dir():
        files = _limited(_of_folder(source))
        parcels = _by_learner(files, section)
        return _write_all(parcels, source, into, section)
    if not source.is_file():
        raise RefusedError(f"There is no folder and no archive {source}.")
    with source.open("rb") as stream:
        parcels = _by_learner(_limited(_of_archive(stream, source.name, MAX_CLASS_BYTES)), section)
        return _write_all(parcels, source, into, section)


def _write_all(parcels: list[_Parcel], source: Path, into: Path, section: str) -> list[Submission]:
    if not parcels:
        raise RefusedError(
            f"{source.name} holds no submission. It should hold a folder or an archive for each "
            "learner, named after the learner, or be what Canvas or Moodle gives to download."
        )
    into.mkdir(parents=True, exist_ok=True)
    return [_write(parcel, into / parcel.learner.key, section) for parcel in parcels]


# --- what is in a folder or an archive


def _limited(files: Iterable[_File]) -> list[_File]:
    found = list(islice(files, MAX_CLASS + 1))
    if len(found) > MAX_CLASS:
        raise RefusedError(
            f"There are more than {MAX_CLASS:,} files in it. Grade a part at a time."
        )
    return [file for file in found if not LITTER & set(file.name.split("/"))]


def _of_folder(root: Path) -> Iterator[_File]:
    # No link is followed: it could lead to the instructor's own files.
    for folder, folders, names in os.walk(root):
        for name in sorted([*folders, *names]):
            path = Path(folder, name)
            relative = path.relative_to(root).as_posix()
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                continue
            refused = "" if stat.S_ISREG(mode) else "is a link or no ordinary file"
            yield _File(relative, partial(_open, path), refused)


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _of_archive(stream: IO[bytes], name: str, most: int) -> Iterator[_File]:
    try:
        if name.lower().endswith(".zip"):
            yield from _of_zip(zipfile.ZipFile(stream))
        elif name.lower().endswith(ARCHIVES):
            yield from _of_tar(tarfile.open(fileobj=stream), most)  # noqa: SIM115 - its files come later
        else:
            raise RefusedError(f"{name} is no archive. Known: {', '.join(ARCHIVES)}.")
    except _BROKEN as error:
        raise RefusedError(f"{name} is not an archive that can be read: {error}.") from None


def _of_zip(archive: zipfile.ZipFile) -> Iterator[_File]:
    for member in archive.infolist():
        if member.is_dir():
            continue
        # The part of a name before a NUL is what others read; ours is the whole of it.
        refused = "is encrypted" if member.flag_bits & 1 else ""
        if stat.S_ISLNK(member.external_attr >> 16):
            refused = "is a link"
        yield _File(member.orig_filename, partial(archive.open, member), refused)


def _of_tar(archive: tarfile.TarFile, most: int) -> Iterator[_File]:
    # To come to the next member, Python unpacks this one.
    size = 0
    for member in archive:
        size += member.size
        if size > most:
            raise RefusedError(f"It is larger than {most:,} bytes, unpacked.")
        if member.isdir():
            continue
        refused = "" if member.isreg() else "is a link or no ordinary file"
        yield _File(member.name.removeprefix("./"), partial(archive.extractfile, member), refused)


_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,  # a compression that Python does not know
    RuntimeError,  # a file that asks for a password
)


# --- whose it is


def _by_learner(files: list[_File], section: str) -> list[_Parcel]:
    files = _unwrap(files, section)
    parcels: dict[tuple[str, str], _Parcel] = {}
    for file in files:
        outer, slash, inside = file.name.partition("/")
        parcel, rest = _parcel(outer, is_folder=bool(slash))
        whose = (parcel.learner.lms, parcel.learner.lms_id or outer)
        known = parcels.setdefault(whose, parcel)
        known.late |= parcel.late
        known.files.append(file.inside(inside if slash else rest))
    found = sorted(parcels.values(), key=lambda parcel: parcel.learner.key)
    counted = Counter(parcel.learner.key.casefold() for parcel in found)
    for number, parcel in enumerate(found):
        if counted[parcel.learner.key.casefold()] > 1:
            # Nobody but the instructor can say which of the two is whose.
            parcel.refused = "Another submission has the same name, or one that looks like it."
            key = f"{parcel.learner.key} ({number + 1})"
            parcel.learner = replace(parcel.learner, key=key)
    return found


def _unwrap(files: list[_File], section: str) -> list[_File]:
    """Take off a folder around everything, such as an archive of a folder has."""
    tops = {file.name.partition("/")[0] for file in files}
    seconds = {file.name.split("/")[1] for file in files if file.name.count("/") > 1}
    flat = [file.name.split("/")[1] for file in files if file.name.count("/") == 1]
    alone = len(tops) == 1 and all("/" in file.name for file in files)
    if not alone or MOODLE.fullmatch(tops.pop()) or section in seconds:
        return files
    whose = [name for name in flat if name.lower().endswith(ARCHIVES) or _lms(name)]
    if len(whose) < len(flat) or not (whose or seconds):
        return files  # files of one learner's, and no learners
    return [file.inside(file.name.partition("/")[2]) for file in files]


def _lms(outer: str) -> tuple[str, re.Match[str]] | None:
    # Twice in a name, it is not the LMS alone that has written it.
    if outer.count("_assignsubmission_") == 1 and (match := MOODLE.fullmatch(outer)):
        return "moodle", match
    if match := CANVAS.fullmatch(outer):
        return "canvas", match
    return None


def _parcel(outer: str, *, is_folder: bool) -> tuple[_Parcel, str]:
    """Return whose an outer name is, and the name inside when it is that of a file."""
    lms = _lms(outer)
    if lms and not (is_folder and lms[0] == "canvas"):
        kind, match = lms
        name, number = match["name"], match["id"]
        learner = Learner(safe_name(f"{name}_{number}"), name, kind, number)
        late = kind == "canvas" and bool(match["late"])
        rest = CANVAS_AGAIN.sub("", match["rest"]) if kind == "canvas" else match["rest"]
        return _Parcel(learner, late), rest
    if outer in ("", ".", ".."):
        refused = "Its name leads out of the folder, and says nothing of a learner."
        return _Parcel(Learner(safe_name(outer), outer), refused=refused), outer
    ending = next((end for end in ARCHIVES if outer.lower().endswith(end)), "")
    if is_folder or ending:
        name = outer if is_folder else outer[: -len(ending)]
        return _Parcel(Learner(safe_name(name), name)), outer
    refused = "Nothing says whose it is. Put it into a folder that has the learner's name."
    return _Parcel(Learner(safe_name(outer), outer), refused=refused), outer


def safe_name(name: str) -> str:
    """Return a name as a folder can have it on every system; different names stay different.

    Letters and digits of every script stay, as do spaces; other characters are written as in URLs.
    """
    name = unicodedata.normalize("NFC", name)
    kept = "".join(
        char if char.isalnum() or char in " _-.@'" else quote(char, safe="", errors="surrogatepass")
        for char in name
    )
    if not kept:
        return "%"  # no other name becomes this
    if not kept.strip(" .") or WINDOWS.fullmatch(kept) or kept[0] in " .":
        kept = (
            "".join(f"%{byte:02X}" for byte in name[:1].encode(errors="surrogatepass")) + kept[1:]
        )
    if kept[-1:] in (" ", "."):
        kept = kept[:-1] + f"%{ord(kept[-1]):02X}"
    if len(kept.encode()) > 120:
        mark = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:12]
        kept = kept.encode()[:100].decode(errors="ignore") + f"~{mark}"
    return kept


# --- the files of one learner


def _write(parcel: _Parcel, folder: Path, section: str) -> Submission:
    submission = Submission(parcel.learner, folder, parcel.late, parcel.refused)
    if submission.refused:
        return submission
    try:
        with TemporaryDirectory(prefix="handed-in-") as name:
            staged = Path(name)
            _Writer(staged, submission.notes).write(parcel.files)
            root = _root(staged, section)
            shutil.copytree(root, folder)
    except RefusedError as error:
        submission.refused = str(error)
    if not submission.refused and not any(folder.rglob("*.ipynb")):
        submission.refused = "There is no notebook in it."
    return submission


class _Writer:
    """Writes the files of one learner, and counts them."""

    def __init__(self, folder: Path, notes: list[str]) -> None:
        self.folder = folder
        self.notes = notes
        self.bytes = 0
        self.names: set[str] = set()

    def write(self, files: Iterable[_File], *, unpack: bool = True) -> None:
        for number, file in enumerate(files):
            if number >= MAX_FILES or len(self.names) >= MAX_FILES:
                raise RefusedError(f"There are more than {MAX_FILES} files in it.")
            problem = file.refused or _bad_name(file.name)
            if problem:
                self.notes.append(f"{ascii(file.name)[1:-1][:100]} {problem}: left out.")
                continue
            if LITTER & set(file.name.split("/")):
                continue
            if unpack and file.name.lower().endswith(ARCHIVES):
                data = io.BytesIO(self._read(file))
                inside = _of_archive(data, PurePosixPath(file.name).name, MAX_BYTES)
                self.write(inside, unpack=False)
                continue
            self._store(file)

    def _store(self, file: _File) -> None:
        # To some file systems a letter's case makes no difference, nor how an accent is written.
        name = unicodedata.normalize("NFKC", file.name).casefold()
        if name in self.names:
            raise RefusedError(f"Two files in it have the name {file.name}.")
        self.names.add(name)
        path = self.folder / file.name
        data = self._read(file)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise RefusedError(f"{file.name} cannot be stored: {error.strerror}.") from None

    def _read(self, file: _File) -> bytes:
        # What is counted is what comes out, whatever the archive says that it will be.
        data = bytearray()
        try:
            with file.open() or io.BytesIO() as stream:
                while chunk := stream.read(CHUNK):
                    self.bytes += len(chunk)
                    if self.bytes > MAX_BYTES:
                        raise RefusedError(f"It is larger than {MAX_BYTES:,} bytes, unpacked.")
                    data += chunk
        except _BROKEN as error:
            raise RefusedError(f"{file.name} cannot be read: {error}.") from None
        return bytes(data)


def _bad_name(name: str) -> str:
    parts = name.split("/")
    if not name or ".." in parts or "" in parts or "\\" in name or re.match("[A-Za-z]:", name):
        return "leads out of its folder"
    if len(parts) > MAX_DEPTH:
        return f"is more than {MAX_DEPTH} folders deep"
    if not name.isprintable():
        return "has characters in its name that cannot be seen"
    if any(
        WINDOWS.fullmatch(part) or part[-1] in " ." or set(part) & set('<>:"|?*') for part in parts
    ):
        return "has a name that not every system can store"
    return ""


def _root(folder: Path, section: str) -> Path:
    """Return the folder that holds the notebooks: the section's if it was kept, or a lone one."""
    while True:
        entries = list(folder.iterdir())
        if (folder / section).is_dir():
            return folder / section
        if len(entries) != 1 or not entries[0].is_dir():
            return folder
        folder = entries[0]
