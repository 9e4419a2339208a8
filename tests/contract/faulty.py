"""A backend of the standard library alone that keeps the contract, and breaks it on demand.

Each fault in FAULTS is a plausible mistake that breaks the one rule beside it, and no other.
"""

import html
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

LIMIT = 1_000_000  # bytes of a body

# The rule (its test), and the fault that breaks it.
FAULTS = {
    "core/test_health.py::test_health": "health is a word",
    "core/test_creating.py::test_location": "no Location",
    "core/test_creating.py::test_answer": "an extra field in every track",
    "core/test_creating.py::test_without_year": "a default year",
    "core/test_creating.py::test_every_character": "markup is escaped before it is stored",
    "core/test_creating.py::test_charset": "content type compared as a whole",
    "core/test_validation.py::test_trimmed": "POST does not trim",
    "core/test_validation.py::test_length": "length counted in bytes",
    "core/test_validation.py::test_blank": "blank text is taken",
    "core/test_validation.py::test_missing": "a default artist",
    "core/test_validation.py::test_no_string": "a list is made a string",
    "core/test_validation.py::test_seconds": "POST takes 36001 seconds",
    "core/test_validation.py::test_year": "POST takes the year 1859",
    "core/test_validation.py::test_no_integer": "true is an integer",
    "core/test_validation.py::test_unknown_field": "names of fields in any letter case",
    "core/test_validation.py::test_nul": "NUL is taken",
    "core/test_validation.py::test_lone_surrogate": "lone surrogates are taken",
    "core/test_validation.py::test_each_bad_field": "two entries for one field",
    "core/test_validation.py::test_no_object": "null is no JSON",
    "core/test_validation.py::test_nothing_stored": "stored before it is checked",
    "core/test_bodies.py::test_no_json": "an empty body is an empty object",
    "core/test_bodies.py::test_nan": "Infinity is a number",
    "core/test_bodies.py::test_bad_utf8": "half a surrogate pair is UTF-8",
    "core/test_bodies.py::test_nested_too_deep": "too deep is 422",
    "core/test_bodies.py::test_too_large": "413 too early",
    "core/test_bodies.py::test_too_large_in_chunks": "chunks are not counted",
    "core/test_bodies.py::test_content_type": "no content type is taken",
    "core/test_reading.py::test_read": "a track as text/html",
    "core/test_reading.py::test_missing": "GET says 410",
    "core/test_reading.py::test_no_positive_integer": "GET says 422 to 1.5",
    "core/test_reading.py::test_too_large": "GET says 422 to a large id",
    "core/test_listing.py::test_page": "lists lack the year",
    "core/test_listing.py::test_default_limit": "25 by default",
    "core/test_listing.py::test_limit": "100 is too much",
    "core/test_listing.py::test_bad_limit": "101 is made 100",
    "core/test_listing.py::test_offset": "total counts from the offset",
    "core/test_listing.py::test_bad_offset": "an offset in words is 0",
    "core/test_listing.py::test_bad_both": "the first error alone",
    "core/test_listing.py::test_order": "a changed track moves to the end",
    "core/test_listing.py::test_artist": "artist is only the beginning",
    "core/test_listing.py::test_artist_letter_case": "artist in any letter case",
    "core/test_listing.py::test_q": "total of q counts the page",
    "core/test_listing.py::test_q_letter_case": "letter case counts in the artist",
    "core/test_listing.py::test_q_beyond_ascii": "letter case of A to Z alone",
    "core/test_listing.py::test_q_wildcards": "_ is a wildcard",
    "core/test_listing.py::test_artist_and_q": "an empty q finds nothing",
    "core/test_changing.py::test_change": "PATCH does not trim",
    "core/test_changing.py::test_others_kept": "PATCH answers the changes alone",
    "core/test_changing.py::test_nothing_named": "PATCH wants a change",
    "core/test_changing.py::test_null": "PATCH takes null for not named",
    "core/test_changing.py::test_bad_fields": "PATCH takes 36001 seconds",
    "core/test_changing.py::test_all_or_nothing": "PATCH stores before it has checked all",
    "core/test_changing.py::test_missing": "PATCH says 410",
    "core/test_changing.py::test_bad_bodies": "PATCH takes any content type",
    "core/test_deleting.py::test_delete": "DELETE says 200",
    "core/test_deleting.py::test_gone": "a deleted track is still listed",
    "core/test_deleting.py::test_second_time": "the second DELETE says 410",
    "core/test_deleting.py::test_missing": "DELETE says 422 to abc",
    "core/test_errors.py::test_unknown_path": "an unknown path gets a page",
    "core/test_errors.py::test_method_not_allowed": "no Allow",
    "core/test_errors.py::test_not_found": "a missing track gets a page",
    "core/test_errors.py::test_bad_bodies": "no detail with 400",
    "core/test_errors.py::test_invalid": "errors without a message",
    "core/test_errors.py::test_inside_not_shown": "a stack trace beside the error",
    "core/test_at_once.py::test_create": "ids are counted without a lock",
    "core/test_at_once.py::test_change": "a change writes the whole track",
    "core/test_at_once.py::test_delete": "looked up, then deleted",
    "playlists/test_creating.py::test_answer": "a new playlist is answered without its name",
    "playlists/test_creating.py::test_stored": "a new playlist has null seconds",
    "playlists/test_creating.py::test_every_character": "markup in a name is escaped",
    "playlists/test_names.py::test_trimmed": "a name is not trimmed",
    "playlists/test_names.py::test_length": "a name of 201 characters is taken",
    "playlists/test_names.py::test_blank": "a blank name is taken",
    "playlists/test_names.py::test_missing": "a default name",
    "playlists/test_names.py::test_no_string": "a name is made a string",
    "playlists/test_names.py::test_unknown_field": "unknown fields of a playlist are ignored",
    "playlists/test_names.py::test_nul": "NUL in a name is taken",
    "playlists/test_names.py::test_lone_surrogate": "lone surrogates in a name are taken",
    "playlists/test_names.py::test_no_object": "a list is no JSON for a playlist",
    "playlists/test_reading.py::test_read": "a playlist as text/html",
    "playlists/test_reading.py::test_whole_tracks": "tracks of a playlist lack the year",
    "playlists/test_reading.py::test_seconds": "seconds of different tracks alone",
    "playlists/test_reading.py::test_changed_track": "a playlist keeps copies of its tracks",
    "playlists/test_reading.py::test_missing": "a missing playlist is an empty one",
    "playlists/test_reading.py::test_bad_id": "a bad id of a playlist is 422",
    "playlists/test_putting_in.py::test_put": "PUT says 200",
    "playlists/test_putting_in.py::test_order": "tracks of a playlist by id",
    "playlists/test_putting_in.py::test_again": "a track that is put in again moves to the end",
    "playlists/test_putting_in.py::test_other_playlists": "playlists of one name share tracks",
    "playlists/test_putting_in.py::test_missing_playlist": "PUT makes a playlist that is missing",
    "playlists/test_putting_in.py::test_missing_track": "PUT says 204 to a missing track",
    "playlists/test_taking_out.py::test_delete": "taking out says 200",
    "playlists/test_taking_out.py::test_no_other": "taking out takes the first",
    "playlists/test_taking_out.py::test_track_stays": "taking out deletes the track",
    "playlists/test_taking_out.py::test_not_in_there": "taking out twice is 404",
    "playlists/test_taking_out.py::test_missing_playlist": "taking out of none is 204",
    "playlists/test_taking_out.py::test_held_track": "only the last track of a playlist is held",
    "playlists/test_taking_out.py::test_released_track": "a track once held is never deleted",
    "playlists/test_errors.py::test_bad_bodies": "playlists of any content type",
    "playlists/test_errors.py::test_problems_of_bodies": "no detail with 400 for playlists",
    "playlists/test_errors.py::test_invalid": "errors of a playlist without a message",
    "playlists/test_errors.py::test_not_found": "a missing playlist gets a page",
    "playlists/test_errors.py::test_held_track": "409 is JSON of another type",
    "playlists/test_errors.py::test_method_not_allowed": "Allow of a playlist's track lacks DELETE",
    "playlists/test_errors.py::test_inside_not_shown": "SQL beside a refused name",
    "playlists/test_at_once.py::test_create": "ids of playlists are counted without a lock",
    "playlists/test_at_once.py::test_same_track": "looked up, then put in",
    "playlists/test_at_once.py::test_other_tracks": "PUT writes the whole playlist",
    "playlists/test_at_once.py::test_delete": "held is asked, then deleted",
    "plays/test_playing.py::test_answer": "a play is answered without its track",
    "plays/test_refused_plays.py::test_no_such_track": "a play of no track is 404",
    "plays/test_refused_plays.py::test_out_of_bounds": "a large track_id is 400",
    "plays/test_refused_plays.py::test_missing": "a play without track_id is 400",
    "plays/test_refused_plays.py::test_no_integer": '"1" is a track_id',
    "plays/test_refused_plays.py::test_unknown_field": "unknown fields of a play are ignored",
    "plays/test_refused_plays.py::test_no_object": "a list is no JSON for a play",
    "plays/test_refused_plays.py::test_not_counted": "counted before it is checked",
    "plays/test_charts.py::test_chart": "charts as text/html",
    "plays/test_charts.py::test_whole_tracks": "charts lack the year",
    "plays/test_charts.py::test_counts": "plays are counted from 1",
    "plays/test_charts.py::test_most_played_first": "least played first",
    "plays/test_charts.py::test_ties": "ties by title",
    "plays/test_charts.py::test_only_played": "charts have every track",
    "plays/test_charts.py::test_default_limit": "20 in a chart by default",
    "plays/test_charts.py::test_limit": "100 is too much for a chart",
    "plays/test_charts.py::test_bad_limit": "101 is made 100 in a chart",
    "plays/test_errors.py::test_bad_bodies": "plays of any content type",
    "plays/test_errors.py::test_problems_of_bodies": "no detail with 400 for plays",
    "plays/test_errors.py::test_invalid": "errors of a play without a message",
    "plays/test_errors.py::test_method_not_allowed": "no Allow for charts",
    "plays/test_errors.py::test_inside_not_shown": "a file path beside a refused play",
    "plays/test_at_once.py::test_play": "plays are counted without a lock",
}

Document = dict[str, object]


@dataclass
class Playlist:
    """A playlist, with copies of its tracks as they were when they were put in."""

    id: int
    name: object
    tracks: dict[int, Document] = field(default_factory=dict)


StartResponse = Callable[..., object]


class RefusedError(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, detail: str, errors: list[tuple[str, str]] | None = None):
        super().__init__(detail)
        self.status = status
        self.errors = errors


class Backend:
    """A WSGI application that keeps tracks in memory; `fault` names what is broken."""

    def __init__(self, fault: str = "") -> None:
        assert not fault or fault in FAULTS.values(), fault
        self.fault = fault
        self.tracks: dict[int, Document] = {}
        self.deleted: dict[int, Document] = {}
        self.last_id = 0
        self.playlists: dict[int, Playlist] = {}
        self.released: set[int] = set()  # tracks that were taken out of a playlist
        self.last_playlist_id = 0
        self.plays: list[int] = []  # the ids of tracks, in the order in which they were played
        self.lock = threading.Lock()

    def has(self, fault: str) -> bool:
        """Tell whether this fault is on."""
        return fault == self.fault

    def __call__(self, environ: dict, start_response: StartResponse) -> Iterable[bytes]:
        headers: dict[str, str] = {"Content-Type": "application/json"}
        try:
            status, document = self.route(environ, headers)
        except RefusedError as refused:
            status, document = refused.status, self.problem(refused, environ["PATH_INFO"])
            headers["Content-Type"] = "application/problem+json"
            if status == 409 and self.has("409 is JSON of another type"):
                headers["Content-Type"] = "application/json"
        if self.page_instead(status, environ["PATH_INFO"]):
            headers["Content-Type"] = "text/html"
        body = b"" if document is None else json.dumps(document).encode()
        headers["Content-Length"] = str(len(body))
        start_response(f"{status} Whatever", list(headers.items()))
        return [body]

    def problem(self, refused: RefusedError, path: str) -> Document:
        of = {"/playlists": "a playlist", "/plays": "a play", "/charts": "a play"}.get(path, "")
        problem: Document = {
            "type": "about:blank",
            "title": "Refused",
            "status": refused.status,
            "detail": str(refused),
        }
        if refused.errors is not None:
            silent = self.has(
                f"errors of {of} without a message" if of else "errors without a message"
            )
            names = ("field",) if silent else ("field", "message")
            problem["errors"] = [dict(zip(names, entry, strict=False)) for entry in refused.errors]
            if of == "a playlist" and self.has("SQL beside a refused name"):
                problem["query"] = "INSERT INTO playlists (name) VALUES (?)"
            if of == "a play" and self.has("a file path beside a refused play"):
                problem["file"] = "/home/mixtape/plays.txt"
        if refused.status == 400:
            if self.has(f"no detail with 400 for {path[1:]}" if of else "no detail with 400"):
                del problem["detail"]
            if not of and self.has("a stack trace beside the error"):
                problem["trace"] = 'Traceback (most recent call last):\n  File "app.py", line 7'
        return problem

    def page_instead(self, status: int, path: str) -> bool:
        if re.fullmatch("/tracks/[^/]*", path):
            return (status == 404 and self.has("a missing track gets a page")) or (
                status == 200 and self.has("a track as text/html")
            )
        if path.startswith("/playlists/"):
            return (status == 404 and self.has("a missing playlist gets a page")) or (
                status == 200 and self.has("a playlist as text/html")
            )
        if path == "/charts":
            return status == 200 and self.has("charts as text/html")
        return status == 404 and self.has("an unknown path gets a page")

    def route(self, environ: dict, headers: dict[str, str]) -> tuple[int, Document | None]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        item = re.fullmatch("/tracks/([^/]*)", path)
        playlist = re.fullmatch("/playlists/([^/]*)", path)
        entry = re.fullmatch("/playlists/([^/]*)/tracks/([^/]*)", path)
        if path == "/health":
            allowed = {"GET": lambda: self.health()}
        elif path == "/tracks":
            allowed = {
                "GET": lambda: self.listing(environ),
                "POST": lambda: self.add(environ, headers),
            }
        elif item:
            allowed = {
                "GET": lambda: self.read(item[1]),
                "PATCH": lambda: self.change(item[1], environ),
                "DELETE": lambda: self.delete(item[1]),
            }
        elif path == "/playlists":
            allowed = {"POST": lambda: self.add_playlist(environ)}
        elif playlist:
            allowed = {"GET": lambda: self.read_playlist(playlist[1])}
        elif entry:
            allowed = {
                "PUT": lambda: self.put_in(entry[1], entry[2]),
                "DELETE": lambda: self.take_out(entry[1], entry[2]),
            }
        elif path == "/plays":
            allowed = {"POST": lambda: self.play(environ)}
        elif path == "/charts":
            allowed = {"GET": lambda: self.chart(environ)}
        else:
            raise RefusedError(404, "There is nothing here.")
        if method not in allowed:
            if entry and self.has("Allow of a playlist's track lacks DELETE"):
                headers["Allow"] = "PUT"
            elif path == "/charts" and self.has("no Allow for charts"):
                pass
            elif not (self.has("no Allow") and path.startswith(("/tracks", "/health"))):
                headers["Allow"] = ", ".join(allowed)
            raise RefusedError(405, f"Not {method}.")
        return allowed[method]()

    # -- the requests

    def health(self) -> tuple[int, Document]:
        return 200, {"status": "well" if self.has("health is a word") else "ok"}

    def listing(self, environ: dict) -> tuple[int, Document]:
        query = self.query(environ)
        limit, offset = self.page(query)
        with self.lock:
            everything = self.tracks
            if self.has("a deleted track is still listed"):
                everything = self.tracks | self.deleted
            tracks = list(everything.values())
            if not self.has("a changed track moves to the end"):
                tracks.sort(key=lambda track: track["id"])
        tracks = [track for track in tracks if self.matches(track, query)]
        items = [self.shown(track) for track in tracks[offset : offset + limit]]
        total = len(tracks)
        if self.has("total counts from the offset"):
            total = max(total - offset, 0)
        if self.has("total of q counts the page") and query.get("q"):
            total = len(items)
        if self.has("lists lack the year"):
            for item in items:
                del item["year"]
        return 200, {"items": items, "total": total}

    def add(self, environ: dict, headers: dict[str, str]) -> tuple[int, Document]:
        document = self.document(environ)
        try:
            fields = self.fields(document, "POST")
        except RefusedError:
            if self.has("stored before it is checked") and isinstance(document, dict):
                with self.lock:
                    self.last_id += 1
                    blank = dict.fromkeys(("title", "artist", "seconds", "year"))
                    self.tracks[self.last_id] = {**blank, **document, "id": self.last_id}
            raise
        if self.has("ids are counted without a lock"):
            number = self.last_id + 1
            time.sleep(0.005)
        else:
            with self.lock:
                number = self.last_id + 1
                self.last_id = number
        with self.lock:
            self.last_id = max(self.last_id, number)
            track = {"id": number, **fields}
            self.tracks[number] = track
        if not self.has("no Location"):
            headers["Location"] = f"/tracks/{number}"
        return 201, self.shown(track)

    def read(self, text: str) -> tuple[int, Document]:
        if self.has("GET says 422 to 1.5") and text == "1.5":
            raise RefusedError(422, "Not an id.", [("id", "is no integer")])
        if self.has("GET says 422 to a large id") and text.isdigit() and int(text) >= 2**63:
            raise RefusedError(422, "Not an id.", [("id", "is too large")])
        gone = 410 if self.has("GET says 410") and len(text) < 10 else 404
        return 200, self.shown(self.find(text, gone))

    def change(self, text: str, environ: dict) -> tuple[int, Document]:
        number = self.find(text, gone=410 if self.has("PATCH says 410") else 404)["id"]
        document = self.document(environ)
        if self.has("PATCH stores before it has checked all") and isinstance(document, dict):
            with self.lock:
                good = {"title", "artist"} & set(document)
                self.tracks[number] |= {name: document[name] for name in good}
        if self.has("PATCH wants a change") and document == {}:
            raise RefusedError(422, "There is nothing to change.", [])
        if self.has("PATCH takes null for not named") and isinstance(document, dict):
            document = {k: v for k, v in document.items() if (k, v) != ("year", None)}
        changes = self.fields(document, "PATCH")
        if self.has("a change writes the whole track"):
            track = self.tracks[number] | changes
            time.sleep(0.03)
            self.tracks[number] = track
            return 200, self.shown(track)
        with self.lock:
            track = self.tracks.pop(number) | changes
            self.tracks[number] = track
        if self.has("PATCH answers the changes alone") and changes:
            return 200, changes
        return 200, self.shown(track)

    def delete(self, text: str) -> tuple[int, Document | None]:
        if self.has("DELETE says 422 to abc") and text == "abc":
            raise RefusedError(422, "Not an id.", [("id", "is no integer")])
        track = self.find(text, gone=404)
        if self.has("looked up, then deleted"):
            time.sleep(0.03)
        if self.has("held is asked, then deleted"):
            if self.held(track["id"]):
                raise RefusedError(409, "A playlist holds it.")
            time.sleep(0.03)
        with self.lock:
            if self.held(track["id"]) and not self.has("held is asked, then deleted"):
                raise RefusedError(409, "A playlist holds it.")
            removed = self.tracks.pop(track["id"], None)
            self.deleted[track["id"]] = track
        if removed is None and not self.has("looked up, then deleted"):
            raise RefusedError(404, "It is gone.")
        if self.has("DELETE says 200"):
            return 200, {"deleted": True}
        return 204, None

    def add_playlist(self, environ: dict) -> tuple[int, Document]:
        document = self.document(environ)
        if not isinstance(document, dict):
            if document == [] and self.has("a list is no JSON for a playlist"):
                raise RefusedError(400, "a list is no JSON")
            raise RefusedError(422, "Send an object.", [])
        if self.has("a default name"):
            document = {"name": "My playlist", **document}
        errors = []
        if "name" not in document:
            errors.append(("name", "is missing"))
        if not self.has("unknown fields of a playlist are ignored"):
            errors += [(name, "is unknown") for name in document if name != "name"]
        name = None
        if "name" in document:
            wrong, name = self.name(document["name"])
            errors += [("name", message) for message in wrong[:1]]
        if errors:
            raise RefusedError(422, "Bad fields.", errors)
        number = self.last_playlist_id + 1
        if self.has("ids of playlists are counted without a lock"):
            time.sleep(0.005)
        else:
            with self.lock:
                number = self.last_playlist_id + 1
                self.last_playlist_id = number
        with self.lock:
            self.last_playlist_id = max(self.last_playlist_id, number)
            self.playlists[number] = playlist = Playlist(number, name)
        created = self.shown_playlist(playlist)
        if self.has("a new playlist is answered without its name"):
            del created["name"]
        return 201, created

    def read_playlist(self, text: str) -> tuple[int, Document]:
        if self.has("a bad id of a playlist is 422") and text == "abc":
            raise RefusedError(422, "Not an id.", [("id", "is no integer")])
        if self.has("a missing playlist is an empty one") and re.fullmatch("[0-9]{9}", text):
            return 200, self.shown_playlist(Playlist(int(text), "Empty"))
        return 200, self.shown_playlist(self.find_playlist(text))

    def put_in(self, text: str, track_text: str) -> tuple[int, Document | None]:
        if self.has("PUT makes a playlist that is missing") and re.fullmatch("[0-9]{9}", text):
            return 204, None
        playlist = self.find_playlist(text)
        with self.lock:
            track = self.tracks.get(self.number(track_text))
            if track is None:
                if self.has("PUT says 204 to a missing track") and len(track_text) == 9:
                    return 204, None
                raise RefusedError(404, "There is no such track.")
            before = dict(playlist.tracks)
        number = track["id"]
        if self.has("PUT writes the whole playlist"):
            time.sleep(0.03)
            with self.lock:
                self.check_track(number)
                playlist.tracks = before | {number: track}
            return 204, None
        if self.has("looked up, then put in") and number not in before:
            time.sleep(0.03)
            with self.lock:
                self.check_track(number)
                while number in playlist.tracks:  # a second row with the same track
                    number = -abs(number) if number > 0 else number - 1_000_000
                playlist.tracks[number] = track
            return 204, None
        if self.has("held is asked, then deleted"):
            time.sleep(0.015)  # after the question, before the deletion
        with self.lock:
            if not self.has("held is asked, then deleted"):
                self.check_track(number)
            for one in self.same_playlists(playlist):
                if self.has("a track that is put in again moves to the end"):
                    one.tracks.pop(number, None)
                one.tracks.setdefault(number, dict(track))
        if self.has("PUT says 200"):
            return 200, {"added": True}
        return 204, None

    def check_track(self, number: int) -> None:
        if number not in self.tracks:
            raise RefusedError(404, "There is no such track.")

    def same_playlists(self, playlist: Playlist) -> list[Playlist]:
        if self.has("playlists of one name share tracks") and playlist.name == "Second":
            return [one for one in self.playlists.values() if one.name == playlist.name]
        return [playlist]

    def take_out(self, text: str, track_text: str) -> tuple[int, Document | None]:
        if self.has("taking out of none is 204") and re.fullmatch("[0-9]{9}", text):
            return 204, None
        playlist = self.find_playlist(text)
        number = self.number(track_text)
        with self.lock:
            if self.has("taking out takes the first") and number in playlist.tracks:
                number = next(iter(playlist.tracks))
            removed = playlist.tracks.pop(number, None)
            self.released.add(number)
            if removed and self.has("taking out deletes the track"):
                self.tracks.pop(number, None)
        if removed is None and self.has("taking out twice is 404"):
            raise RefusedError(404, "It is not in there.")
        if self.has("taking out says 200"):
            return 200, {"removed": True}
        return 204, None

    def held(self, number: object) -> bool:
        """Tell whether a playlist holds the track."""
        if self.has("only the last track of a playlist is held"):
            return any([*one.tracks, 0][-2:][0] == number for one in self.playlists.values())
        if self.has("a track once held is never deleted") and number in self.released:
            return True
        return any(number in playlist.tracks for playlist in self.playlists.values())

    def play(self, environ: dict) -> tuple[int, Document]:
        document = self.document(environ)
        if not isinstance(document, dict):
            if document == [] and self.has("a list is no JSON for a play"):
                raise RefusedError(400, "a list is no JSON")
            raise RefusedError(422, "Send an object.", [])
        number = document.get("track_id")
        if self.has('"1" is a track_id') and isinstance(number, str) and number.isdigit():
            number = int(number)
        if self.has("a play without track_id is 400") and document == {}:
            raise RefusedError(400, "There is no track_id.")
        if self.has("a large track_id is 400") and number == 2**63:
            raise RefusedError(400, "That is too large.")
        if self.has("a play of no track is 404") and number == 999_999_999:
            raise RefusedError(404, "There is no such track.")
        if self.has("counted before it is checked") and type(number) is int:
            self.plays.append(number)
        errors = []
        if type(number) is not int or number not in self.tracks:
            errors.append(("track_id", "is the id of no track"))
        if not self.has("unknown fields of a play are ignored"):
            errors += [(name, "is unknown") for name in document if name != "track_id"]
        if errors:
            raise RefusedError(422, "Bad fields.", errors)
        if self.has("plays are counted without a lock"):
            plays = [*self.plays, number]
            time.sleep(0.005)
            self.plays = plays
        elif not self.has("counted before it is checked"):
            with self.lock:
                self.plays.append(number)
        created = {"id": len(self.plays), "track_id": number}
        if self.has("a play is answered without its track"):
            del created["track_id"]
        return 201, created

    def chart(self, environ: dict) -> tuple[int, Document]:
        text = self.query(environ).get("limit")
        if text is None:
            text = "20" if self.has("20 in a chart by default") else "10"
        if text == "101" and self.has("101 is made 100 in a chart"):
            text = "100"
        most = 99 if self.has("100 is too much for a chart") else 100
        if not re.fullmatch("[0-9]{1,40}", text) or not 1 <= int(text) <= most:
            raise RefusedError(422, "Bad limit.", [("limit", "is out of bounds")])
        with self.lock:
            plays = Counter(self.plays)
            if self.has("plays are counted from 1"):
                plays = Counter({number: count + 1 for number, count in plays.items()})
            tracks = [track for track in self.tracks.values() if track["id"] in plays]
            if self.has("charts have every track"):
                tracks = list(self.tracks.values())
        by_title = self.has("ties by title")
        sign = 1 if self.has("least played first") else -1
        tracks.sort(key=lambda t: (sign * plays[t["id"]], t["title" if by_title else "id"]))
        items = []
        for track in tracks[: int(text)]:
            shown = self.shown(track)
            if self.has("charts lack the year"):
                del shown["year"]
            items.append({"track": shown, "plays": plays[track["id"]]})
        return 200, {"items": items}

    # -- reading what was sent

    def query(self, environ: dict) -> dict[str, str]:
        found = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
        return {name: values[-1] for name, values in found.items()}

    def number(self, text: str) -> int:
        return int(text) if re.fullmatch("[1-9][0-9]*", text) else 0  # which nothing has

    def find_playlist(self, text: str) -> Playlist:
        with self.lock:
            playlist = self.playlists.get(self.number(text))
        if playlist is None:
            raise RefusedError(404, "There is no such playlist.")
        return playlist

    def name(self, value: object) -> tuple[list[str], object]:
        if self.has("a name is made a string") and isinstance(value, int):
            value = str(value)
        if not isinstance(value, str):
            return ["is no string"], None
        wrong = []
        if "\0" in value and not self.has("NUL in a name is taken"):
            wrong.append("has a NUL")
        surrogates = any("\ud800" <= character <= "\udfff" for character in value)
        if surrogates and not self.has("lone surrogates in a name are taken"):
            wrong.append("has a lone surrogate")
        text = value.strip()
        longest = 201 if self.has("a name of 201 characters is taken") else 200
        if len(text) > longest or (not text and not self.has("a blank name is taken")):
            wrong.append("is too short or too long")
        stored = value if self.has("a name is not trimmed") else text
        if self.has("markup in a name is escaped"):
            stored = html.escape(stored, quote=False)
        return wrong, stored

    def find(self, text: str, gone: int) -> Document:
        if not re.fullmatch("[1-9][0-9]*", text):
            raise RefusedError(404, "An id is a positive integer.")
        with self.lock:
            track = self.tracks.get(int(text))
        if track is None:
            if self.has("the second DELETE says 410") and int(text) in self.deleted:
                gone = 410
            raise RefusedError(gone, "There is no such track.")
        return track

    def document(self, environ: dict) -> object:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        sent = environ.get("CONTENT_TYPE", "")
        kind = sent.partition(";")[0].strip()
        if self.has("content type compared as a whole"):
            kind = sent
        missing_is_fine = self.has("no content type is taken") and not sent
        patch_is_fine = self.has("PATCH takes any content type") and method == "PATCH"
        any_is_fine = self.has(f"{path[1:]} of any content type") and path in (
            "/playlists",
            "/plays",
        )
        is_fine = missing_is_fine or patch_is_fine or any_is_fine
        if kind != "application/json" and not is_fine:
            raise RefusedError(415, "Send application/json.")
        body = self.body(environ)
        posts = (method, path) == ("POST", "/tracks")
        errors = (
            "surrogatepass" if posts and self.has("half a surrogate pair is UTF-8") else "strict"
        )
        if not body.strip() and posts and self.has("an empty body is an empty object"):
            return {}
        try:
            return json.loads(body.decode("utf-8", errors), parse_constant=self.constant)
        except RecursionError:
            raise RefusedError(
                422 if posts and self.has("too deep is 422") else 400, "deep", []
            ) from None
        except ValueError:
            raise RefusedError(400, "This is not JSON.") from None

    def constant(self, name: str) -> float:
        if self.has("Infinity is a number") and name != "NaN":
            return float(name)
        raise ValueError(name)

    def body(self, environ: dict) -> bytes:
        limit = 900_000 if self.has("413 too early") else LIMIT
        length = environ.get("CONTENT_LENGTH")
        if length:
            if int(length) > limit:
                raise RefusedError(413, "That is too much.")
            return environ["wsgi.input"].read(int(length))
        if "wsgi.input_terminated" not in environ:
            return b""
        if self.has("chunks are not counted"):
            return environ["wsgi.input"].read()
        body = b""
        while piece := environ["wsgi.input"].read(65536):
            body += piece
            if len(body) > limit:
                raise RefusedError(413, "That is too much.")
        return body

    def page(self, query: dict[str, str]) -> tuple[int, int]:
        values, errors = {"limit": 20, "offset": 0}, []
        if self.has("25 by default"):
            values["limit"] = 25
        highest = {"limit": 99 if self.has("100 is too much") else 100, "offset": 2**63 - 1}
        for name, lowest in (("limit", 1), ("offset", 0)):
            text = query.get(name)
            if text is None:
                continue
            if self.has("101 is made 100") and name == "limit" and text == "101":
                text = "100"
            if self.has("an offset in words is 0") and name == "offset" and text == "ten":
                text = "0"
            if re.fullmatch("[0-9]{1,40}", text) and lowest <= int(text) <= highest[name]:
                values[name] = int(text)
            else:
                errors.append((name, "is out of bounds"))
        if errors:
            raise RefusedError(
                422, "Bad page.", errors[:1] if self.has("the first error alone") else errors
            )
        return values["limit"], values["offset"]

    def matches(self, track: Document, query: dict[str, str]) -> bool:
        artist, q = query.get("artist", ""), query.get("q", "")
        own = str(track["artist"])
        if artist and own != artist:
            same = own.casefold() == artist.casefold() and self.has("artist in any letter case")
            begins = own.startswith(artist) and self.has("artist is only the beginning")
            if not same and not begins:
                return False
        if not q:
            return "q" not in query or not self.has("an empty q finds nothing")
        fold = str.casefold
        if self.has("letter case of A to Z alone"):
            fold = lambda text: re.sub("[A-Z]", lambda found: found[0].lower(), text)  # noqa: E731
        title = fold(str(track["title"]))
        if self.has("letter case counts in the artist"):
            return fold(q) in title or q in own
        if self.has("_ is a wildcard"):
            pattern = re.escape(fold(q)).replace("_", ".")
            return bool(re.search(pattern, title) or re.search(pattern, fold(own)))
        return fold(q) in title or fold(q) in fold(own)

    def fields(self, document: object, method: str) -> Document:
        if not isinstance(document, dict):
            if self.has("null is no JSON") and document is None:
                raise RefusedError(400, "null is no JSON")
            raise RefusedError(422, "Send an object.", [])
        posts = method == "POST"
        document = dict(document)
        values: Document = {}
        errors: list[tuple[str, str]] = []
        if posts and self.has("a default artist"):
            document.setdefault("artist", "Unknown")
        if posts and self.has("a default year"):
            document.setdefault("year", 1900)
        if self.has("names of fields in any letter case"):
            document = {name: document[name] for name in document if name != "Title"}
        if posts:
            needed = ("title", "artist", "seconds")
            errors += [(name, "is missing") for name in needed if name not in document]
        for name, value in document.items():
            if name in ("title", "artist"):
                wrong, values[name] = self.text(value, posts)
            elif name == "seconds":
                most = 36000
                if self.has(f"{method} takes 36001 seconds"):
                    most = 36001
                wrong, values[name] = self.integer(value, 1, most, posts), value
            elif name == "year":
                least = 1859 if posts and self.has("POST takes the year 1859") else 1860
                bad_year = value is not None and self.integer(value, least, 2100, posts=False)
                wrong, values[name] = bad_year or [], value
            else:
                wrong = ["is unknown"]
            errors += [(name, message) for message in wrong]
        if posts:
            values.setdefault("year", None)
        if errors:
            if not self.has("two entries for one field"):
                errors = list(dict(errors).items())
            raise RefusedError(422, "Bad fields.", errors)
        return values

    def text(self, value: object, posts: bool) -> tuple[list[str], object]:
        if posts and self.has("a list is made a string") and isinstance(value, list):
            value = str(value)
        if not isinstance(value, str):
            return ["is no string"], None
        wrong = []
        surrogates = any("\ud800" <= character <= "\udfff" for character in value)
        if "\0" in value and not (posts and self.has("NUL is taken")):
            wrong.append("has a NUL")
        if surrogates and not (posts and self.has("lone surrogates are taken")):
            wrong.append("has a lone surrogate")
        text = value.strip()
        in_bytes = self.has("length counted in bytes")
        length = len(text.encode("utf-8", "surrogatepass")) if in_bytes else len(text)
        if length > 200 or (length < 1 and not (posts and self.has("blank text is taken"))):
            wrong.append("is too short or too long")
        trims = not self.has("POST does not trim" if posts else "PATCH does not trim")
        stored = text if trims else value
        if posts and self.has("markup is escaped before it is stored"):
            stored = html.escape(stored, quote=False)
        return wrong, stored

    def integer(self, value: object, lowest: int, highest: int, posts: bool) -> list[str]:
        if value is True and posts and self.has("true is an integer"):
            return []
        fits = type(value) is int and lowest <= value <= highest
        return [] if fits else ["is no integer within the bounds"]

    def shown(self, track: Document) -> Document:
        if self.has("an extra field in every track"):
            return {**track, "url": f"/tracks/{track['id']}"}
        return dict(track)

    def shown_playlist(self, playlist: Playlist) -> Document:
        with self.lock:
            held = list(playlist.tracks.values())
            tracks = held
            if not self.has("a playlist keeps copies of its tracks"):
                tracks = [self.tracks.get(track["id"], track) for track in held]
        if self.has("tracks of a playlist by id"):
            tracks.sort(key=lambda track: track["id"])
        lengths = [track["seconds"] for track in tracks]
        if self.has("seconds of different tracks alone"):
            lengths = list(set(lengths))  # as a DISTINCT in the wrong place does
        seconds = sum(lengths)
        if self.has("a new playlist has null seconds") and not tracks:
            seconds = None  # as SUM() does in SQL
        shown = [self.shown(track) for track in tracks]
        if self.has("tracks of a playlist lack the year"):
            for track in shown:
                del track["year"]
        return {"id": playlist.id, "name": playlist.name, "tracks": shown, "seconds": seconds}
