"""Talk to a backend over HTTP; when a rule is broken, say what was sent, expected and got."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any, NoReturn, TypeVar

import requests

from .data import without_tokens

TIMEOUT = 10.0  # seconds of silence after which an answer is given up
SHOWN = 300  # characters of a body that a report shows

JSON = "application/json"
PROBLEM = "application/problem+json"

T = TypeVar("T")


class ContractFailure(AssertionError):  # noqa: N818 - AssertionErrors are failures to pytest
    """A rule of the contract is broken."""

    def __init__(self, sent: str, expected: str, got: str) -> None:
        """Say what happened.

        Args:
            sent: the request, in one line.
            expected: what the contract asks for.
            got: what came back instead.
        """
        super().__init__(f"sent {sent}; expected {expected}; got {got}")
        self.sent = sent
        self.expected = expected
        self.got = got


class Client:
    """Sends requests to one backend and records every exchange."""

    def __init__(self, base_url: str) -> None:
        """Make a client of the backend at a base URL such as ``http://127.0.0.1:8000``."""
        self.base_url = base_url.rstrip("/")
        self.exchanges: list[Exchange] = []
        self._ids: set[int] = set()

    def get(self, path: str, **query: str | int) -> "Exchange":
        """Send a GET request; keywords become the query string."""
        return self.send("GET", path, query=query)

    def post(self, path: str, document: Any) -> "Exchange":
        """Send a POST request with a JSON body."""
        return self.send("POST", path, _encode(document))

    def patch(self, path: str, document: Any) -> "Exchange":
        """Send a PATCH request with a JSON body."""
        return self.send("PATCH", path, _encode(document))

    def put(self, path: str) -> "Exchange":
        """Send a PUT request without a body."""
        return self.send("PUT", path)

    def delete(self, path: str) -> "Exchange":
        """Send a DELETE request."""
        return self.send("DELETE", path)

    def create(self, track: Mapping[str, Any]) -> dict[str, Any]:
        """Create a track that the rule needs, and return it as the backend answered it."""
        return self._create("/tracks", "track", track)

    def create_playlist(self, name: str = "For a rainy Sunday") -> str:
        """Create a playlist that the rule needs, and return its path."""
        return f"/playlists/{self._create('/playlists', 'playlist', {'name': name})['id']}"

    def _create(self, path: str, kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        # That it must be 201 is a rule of its own: 200 should break that one and not all.
        answer = self.post(path, fields).must_be(200, 201)
        created = answer.document(kind)
        if isinstance(created.get("id"), int):
            return created
        answer.fail(f"201 and a {kind} with an integer id")

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        *,
        content_type: str | None = JSON,
        query: Mapping[str, str | int] | None = None,
    ) -> "Exchange":
        """Send any request, also one that no JSON client would send.

        Args:
            method: for example ``POST``.
            path: begins with ``/``.
            body: bytes, or pieces of bytes that are sent in chunks; None for no body.
            content_type: of the body; None sends no Content-Type header.
            query: the parameters of the query string.

        Raises:
            ContractFailure: when no answer comes.
        """
        # Each time a fresh connection: a server may close one from which it did not read all.
        headers = {"Connection": "close"}
        if body is not None and content_type is not None:
            headers["Content-Type"] = content_type
        url = self.base_url + path
        request = requests.Request(method, url, headers, params=query, data=body).prepare()
        shown_path = (request.url or "").removeprefix(self.base_url)
        sent = _request_line(method, shown_path, body, content_type)
        try:
            with requests.Session() as session:
                session.trust_env = False  # no proxy stands between us and 127.0.0.1
                response = session.send(request, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            raise ContractFailure(self.shown(sent), "an answer", _no_answer(error)) from None
        exchange = Exchange(self, sent, response.status_code, response.headers, response.content)
        self.exchanges.append(exchange)
        self._ids.update(_ids_in(exchange.parsed()))
        return exchange

    def shown(self, text: str) -> str:
        """Return a text as reports show it: short, printable, and the same in every run."""
        text = without_tokens(text)
        text = re.sub(
            r'(/tracks/|/playlists/|"(?:track_)?id"\s*:\s*"?|\btrack |\bid[ =])(\d+)\b',
            self._hide_id,
            text,
        )
        text = text.strip()
        if len(text) > SHOWN:
            text = text[:SHOWN] + " …"
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)

    def _hide_id(self, match: re.Match[str]) -> str:
        # The ids that a backend gives depend on what its database held before.
        digits = match[2]
        known = len(digits) < 19 and int(digits) in self._ids
        return match[1] + "{id}" if known else match[0]


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. The methods that check raise ContractFailure."""

    client: Client
    request: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def sent(self) -> str:
        """The request as a report shows it."""
        return self.client.shown(self.request)

    @property
    def got(self) -> str:
        """The answer as a report shows it: status, content type and body."""
        text = self.body.decode("utf-8", "backslashreplace")
        kind = self.headers.get("Content-Type", "no content type")
        return self.client.shown(
            f"{self.status} {kind} {text}" if text else f"{self.status}, no body"
        )

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in small letters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def fail(self, expected: str, got: str | None = None) -> NoReturn:
        """Say that the rule is broken; `got` defaults to the answer itself."""
        shown = self.client.shown
        raise ContractFailure(self.sent, shown(expected), self.got if got is None else shown(got))

    def must_be(self, *statuses: int) -> "Exchange":
        """Check the status code, and return the exchange."""
        if self.status not in statuses:
            self.fail(" or ".join(map(str, statuses)))
        return self

    def parsed(self) -> Any:
        """Return the body read as JSON, or None when it is not JSON."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return None

    def track(self, **expected: Any) -> dict[str, Any]:
        """Check that the body is a JSON object with these values, and return it."""
        return self.document("track", **expected)

    def document(self, kind: str, /, **expected: Any) -> dict[str, Any]:
        """Check that the body is a JSON object with these values, and return it.

        Args:
            kind: what a report calls it, for example ``playlist``.
            expected: fields and their values; others are not looked at.
        """
        document = self.parsed()
        if not isinstance(document, dict):
            self.fail(f"{self.status} and a JSON object")
        for name, value in expected.items():
            if name not in document or not _same(document[name], value):
                self.fail(f"{self.status} and a {kind} with {_encode({name: value}).decode()}")
        return document

    def tracks(self) -> list[dict[str, Any]]:
        """Check that the answer is a playlist, and return its tracks."""
        match self.must_be(200).parsed():
            case {"tracks": list(tracks)} if all(isinstance(track, dict) for track in tracks):
                return tracks
        self.fail('200 and a playlist with "tracks": a list of tracks')

    def holds(self, *titles: str) -> None:
        """Check that the playlist has the tracks with these titles, in this order."""
        got = [track.get("title") for track in self.tracks()]
        if got != list(titles):
            self.fail(
                f"200 and a playlist of the tracks {_encode(titles).decode()}",
                f"{self.status} and a playlist of the tracks {_encode(got).decode()}",
            )

    def chart(self) -> list[tuple[dict[str, Any], int]]:
        """Check that the answer is a chart, and return its tracks with their plays."""
        match self.must_be(200).parsed():
            case {"items": list(items)}:
                chart = [(item["track"], item["plays"]) for item in items if _is_chart_entry(item)]
                if len(chart) == len(items):
                    return chart
        self.fail('200 and {"items": [{"track": a track, "plays": an integer}]}')

    def page(self) -> tuple[list[dict[str, Any]], int]:
        """Check that the answer is a page of tracks; return its items and the total."""
        self.must_be(200)
        document = self.parsed()
        match document:
            case {"items": list(items), "total": int(total)} if all(
                isinstance(item, dict) for item in items
            ):
                return items, total
        self.fail('200 and {"items": [tracks], "total": an integer}')

    def listed(self, *titles: str, total: int | None = None) -> None:
        """Check that the page has the tracks with these titles, in this order, and this total."""
        items, got_total = self.page()
        got_titles = [item.get("title") for item in items]
        total = len(titles) if total is None else total
        if got_titles != list(titles) or got_total != total:
            expected = f"200, the titles {_encode(titles).decode()}, total {total}"
            self.fail(
                expected,
                f"{self.status}, the titles {_encode(got_titles).decode()}, total {got_total}",
            )

    def refused(self, *fields: str) -> None:
        """Check that the answer is 422 and that its errors name these fields, each of them once."""
        wanted = ", ".join(ascii(field)[1:-1] for field in fields)
        expected = f"422 and `errors` with one entry for each bad field: {wanted}"
        if self.status != 422:
            self.fail(expected)
        document = self.parsed()
        errors = document.get("errors") if isinstance(document, dict) else None
        if not isinstance(errors, list):
            self.fail(expected)
        named = [error.get("field") for error in errors if isinstance(error, dict)]
        if sorted(map(str, named)) != sorted(fields):
            self.fail(expected)

    def problem(self) -> dict[str, Any]:
        """Check that the answer is an error told by a problem document (RFC 9457); return it."""
        if self.status < 400:
            self.fail(f"an error, as {PROBLEM}")
        if self.media_type != PROBLEM:
            self.fail(f"{self.status} with the content type {PROBLEM}")
        match self.parsed():
            case {"type": str(), "title": str(), "status": self.status, "detail": str()} as problem:
                return dict(problem)
        self.fail(
            f'{self.status} and {{"type": …, "title": …, "status": {self.status}, "detail": …}}'
        )


def at_once(send: Callable[[T], Exchange], values: Sequence[T]) -> list[Exchange]:
    """Send one request for each value, all at the same moment; return the answers in order.

    Where Python can start no threads, as in a browser, nothing happens at once, neither here nor
    in the backend: they are sent one after another.
    """
    barrier = Barrier(len(values), timeout=TIMEOUT)

    def wait_and_send(value: T) -> Exchange:
        barrier.wait()
        return send(value)

    with ThreadPoolExecutor(len(values)) as pool:
        try:
            futures = [pool.submit(wait_and_send, value) for value in values]
        except RuntimeError:
            barrier.abort()
            return [send(value) for value in values]
        return [future.result() for future in futures]


def reach(base_url: str) -> str | None:
    """Return None when something answers HTTP at the base URL, else what is wrong."""
    if not re.match(r"https?://[^/]", base_url):
        return f"{base_url!r} is not a base URL; it looks like http://127.0.0.1:8000"
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.get(base_url.rstrip("/") + "/health", timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        return f"{base_url} gives {_no_answer(error)}: is the backend running there?"
    return None


def _encode(document: Any) -> bytes:
    # Lone surrogates have no bytes in UTF-8: in JSON they travel as escapes.
    text = json.dumps(document, ensure_ascii=False)
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = json.dumps(document)
    return text.encode()


def _request_line(
    method: str, path: str, body: bytes | Iterable[bytes] | None, content_type: str | None
) -> str:
    if body is None:
        return f"{method} {path}"
    kind = "" if content_type == JSON else f" ({content_type or 'no content type'})"
    if not isinstance(body, bytes):
        return f"{method} {path}{kind} a body in chunks, without its length"
    text = body[: 10 * SHOWN].decode("utf-8", "backslashreplace")
    size = f" [{len(body):,} bytes]" if len(body) > 10 * SHOWN else ""
    return f"{method} {path}{kind}{size} {text or '(an empty body)'}"


def _no_answer(error: requests.RequestException) -> str:
    # The library's own text names ports and memory addresses, which differ from run to run.
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT:.0f} seconds"
    if isinstance(error, requests.ConnectionError):
        return "no answer (the connection was refused or closed)"
    return "no answer that is HTTP"


def _same(got: Any, expected: Any) -> bool:
    # In Python True == 1 and 177.0 == 177, but in JSON they are different things.
    return type(got) is type(expected) and bool(got == expected)


def _is_chart_entry(item: object) -> bool:
    match item:
        case {"track": dict(), "plays": plays}:
            return type(plays) is int
    return False


def _ids_in(document: Any) -> Iterator[int]:
    # The ids of a track, playlist or play, and of those that it lists, but of nothing deeper: an
    # odd answer may be nested without end.
    for entry in (document, *_entries(document)):
        for thing in (entry, entry.get("track")) if isinstance(entry, dict) else ():
            if isinstance(thing, dict) and isinstance(thing.get("id"), int):
                yield thing["id"]


def _entries(document: Any) -> list[Any]:
    if not isinstance(document, dict):
        return []
    lists = (document.get(name) for name in ("items", "tracks"))
    return [entry for found in lists if isinstance(found, list) for entry in found]
