"""A backend of the standard library alone that keeps the contract, and breaks it on demand.

Each fault in FAULTS is a plausible mistake that breaks the one rule beside it, and no other.
"""

import html
import json
import re
import threading
import time
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs

LIMIT = 1_000_000  # bytes of a body

# The rule (its test), and the fault that breaks it.
FAULTS = {
    "test_health.py::test_health": "health is a word",
    "test_creating.py::test_location": "no Location",
    "test_creating.py::test_answer": "an extra field in every track",
    "test_creating.py::test_without_year": "a default year",
    "test_creating.py::test_every_character": "markup is escaped before it is stored",
    "test_creating.py::test_charset": "content type compared as a whole",
    "test_validation.py::test_trimmed": "POST does not trim",
    "test_validation.py::test_length": "length counted in bytes",
    "test_validation.py::test_blank": "blank text is taken",
    "test_validation.py::test_missing": "a default artist",
    "test_validation.py::test_no_string": "a list is made a string",
    "test_validation.py::test_seconds": "POST takes 36001 seconds",
    "test_validation.py::test_year": "POST takes the year 1859",
    "test_validation.py::test_no_integer": "true is an integer",
    "test_validation.py::test_unknown_field": "names of fields in any letter case",
    "test_validation.py::test_nul": "NUL is taken",
    "test_validation.py::test_lone_surrogate": "lone surrogates are taken",
    "test_validation.py::test_each_bad_field": "two entries for one field",
    "test_validation.py::test_no_object": "null is no JSON",
    "test_validation.py::test_nothing_stored": "stored before it is checked",
    "test_bodies.py::test_no_json": "an empty body is an empty object",
    "test_bodies.py::test_nan": "Infinity is a number",
    "test_bodies.py::test_bad_utf8": "half a surrogate pair is UTF-8",
    "test_bodies.py::test_nested_too_deep": "too deep is 422",
    "test_bodies.py::test_too_large": "413 too early",
    "test_bodies.py::test_too_large_in_chunks": "chunks are not counted",
    "test_bodies.py::test_content_type": "no content type is taken",
    "test_reading.py::test_read": "a track as text/html",
    "test_reading.py::test_missing": "GET says 410",
    "test_reading.py::test_no_positive_integer": "GET says 422 to 1.5",
    "test_reading.py::test_too_large": "GET says 422 to a large id",
    "test_listing.py::test_page": "lists lack the year",
    "test_listing.py::test_default_limit": "25 by default",
    "test_listing.py::test_limit": "100 is too much",
    "test_listing.py::test_bad_limit": "101 is made 100",
    "test_listing.py::test_offset": "total counts from the offset",
    "test_listing.py::test_bad_offset": "an offset in words is 0",
    "test_listing.py::test_bad_both": "the first error alone",
    "test_listing.py::test_order": "a changed track moves to the end",
    "test_listing.py::test_artist": "artist is only the beginning",
    "test_listing.py::test_artist_letter_case": "artist in any letter case",
    "test_listing.py::test_q": "total of q counts the page",
    "test_listing.py::test_q_letter_case": "letter case counts in the artist",
    "test_listing.py::test_q_beyond_ascii": "letter case of A to Z alone",
    "test_listing.py::test_q_wildcards": "_ is a wildcard",
    "test_listing.py::test_artist_and_q": "an empty q finds nothing",
    "test_changing.py::test_change": "PATCH does not trim",
    "test_changing.py::test_others_kept": "PATCH answers the changes alone",
    "test_changing.py::test_nothing_named": "PATCH wants a change",
    "test_changing.py::test_null": "PATCH takes null for not named",
    "test_changing.py::test_bad_fields": "PATCH takes 36001 seconds",
    "test_changing.py::test_all_or_nothing": "PATCH stores before it has checked all",
    "test_changing.py::test_missing": "PATCH says 410",
    "test_changing.py::test_bad_bodies": "PATCH takes any content type",
    "test_deleting.py::test_delete": "DELETE says 200",
    "test_deleting.py::test_gone": "a deleted track is still listed",
    "test_deleting.py::test_second_time": "the second DELETE says 410",
    "test_deleting.py::test_missing": "DELETE says 422 to abc",
    "test_errors.py::test_unknown_path": "an unknown path gets a page",
    "test_errors.py::test_method_not_allowed": "no Allow",
    "test_errors.py::test_not_found": "a missing track gets a page",
    "test_errors.py::test_bad_bodies": "no detail with 400",
    "test_errors.py::test_invalid": "errors without a message",
    "test_errors.py::test_inside_not_shown": "a stack trace beside the error",
    "test_at_once.py::test_create": "ids are counted without a lock",
    "test_at_once.py::test_change": "a change writes the whole track",
    "test_at_once.py::test_delete": "looked up, then deleted",
}

Document = dict[str, object]
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
        self.lock = threading.Lock()

    def has(self, fault: str) -> bool:
        """Tell whether this fault is on."""
        return fault == self.fault

    def __call__(self, environ: dict, start_response: StartResponse) -> Iterable[bytes]:
        headers: dict[str, str] = {"Content-Type": "application/json"}
        try:
            status, document = self.route(environ, headers)
        except RefusedError as refused:
            status, document = refused.status, self.problem(refused)
            headers["Content-Type"] = "application/problem+json"
        if self.page_instead(status, environ["PATH_INFO"]):
            headers["Content-Type"] = "text/html"
        body = b"" if document is None else json.dumps(document).encode()
        headers["Content-Length"] = str(len(body))
        start_response(f"{status} Whatever", list(headers.items()))
        return [body]

    def problem(self, refused: RefusedError) -> Document:
        problem: Document = {
            "type": "about:blank",
            "title": "Refused",
            "status": refused.status,
            "detail": str(refused),
        }
        if refused.errors is not None:
            names = ("field",) if self.has("errors without a message") else ("field", "message")
            problem["errors"] = [dict(zip(names, entry, strict=False)) for entry in refused.errors]
        if refused.status == 400:
            if self.has("no detail with 400"):
                del problem["detail"]
            if self.has("a stack trace beside the error"):
                problem["trace"] = 'Traceback (most recent call last):\n  File "app.py", line 7'
        return problem

    def page_instead(self, status: int, path: str) -> bool:
        if re.fullmatch("/tracks/[^/]*", path):
            return (status == 404 and self.has("a missing track gets a page")) or (
                status == 200 and self.has("a track as text/html")
            )
        return status == 404 and self.has("an unknown path gets a page")

    def route(self, environ: dict, headers: dict[str, str]) -> tuple[int, Document | None]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        item = re.fullmatch("/tracks/([^/]*)", path)
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
        else:
            raise RefusedError(404, "There is nothing here.")
        if method not in allowed:
            if not self.has("no Allow"):
                headers["Allow"] = ", ".join(allowed)
            raise RefusedError(405, f"Not {method}.")
        return allowed[method]()

    # -- the requests

    def health(self) -> tuple[int, Document]:
        return 200, {"status": "well" if self.has("health is a word") else "ok"}

    def listing(self, environ: dict) -> tuple[int, Document]:
        query = {
            name: values[-1]
            for name, values in parse_qs(environ["QUERY_STRING"], keep_blank_values=True).items()
        }
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
        with self.lock:
            removed = self.tracks.pop(track["id"], None)
            self.deleted[track["id"]] = track
        if removed is None and not self.has("looked up, then deleted"):
            raise RefusedError(404, "It is gone.")
        if self.has("DELETE says 200"):
            return 200, {"deleted": True}
        return 204, None

    # -- reading what was sent

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
        method = environ["REQUEST_METHOD"]
        sent = environ.get("CONTENT_TYPE", "")
        kind = sent.partition(";")[0].strip()
        if self.has("content type compared as a whole"):
            kind = sent
        missing_is_fine = self.has("no content type is taken") and not sent
        patch_is_fine = self.has("PATCH takes any content type") and method == "PATCH"
        if kind != "application/json" and not missing_is_fine and not patch_is_fine:
            raise RefusedError(415, "Send application/json.")
        body = self.body(environ)
        posts = method == "POST"
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
