import re

import pytest

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client, Exchange

from .test_bodies import MEGABYTE, in_bytes
from .test_reading import MISSING

pytestmark = pytest.mark.where("errors")

# What the inside of a program looks like: stack traces of several languages, SQL, file paths.
INSIDE = re.compile(
    r"Traceback|\bFile \"|, line \d+|\bat \S+\(\S*:\d+|\.(py|js|java|php)\b|Exception\b|\w+Error:"
    r"|\bSELECT\b.+\bFROM\b|\bINSERT INTO\b|\bUPDATE\b.+\bSET\b|\bDELETE FROM\b|sqlalchemy|sqlite"
    r"|psycopg|/(home|usr|var|tmp|opt|root|Users|site-packages)/|[A-Z]:\\{1,2}(Users|Program|Python)",
    re.IGNORECASE,
)


def test_unknown_path(api: Client) -> None:
    """GET /no-such-path answers 404 as application/problem+json"""
    for path in ("/no-such-path", "/no/such/path", "/tracks/1/no-such-path"):
        api.get(path).must_be(404).problem()


def test_method_not_allowed(api: Client, catalogue: Catalogue) -> None:
    """DELETE /tracks answers 405 as application/problem+json, and Allow says what is possible"""
    track = f"/tracks/{api.create(catalogue.track())['id']}"
    for method, path, allowed in (
        ("DELETE", "/tracks", {"GET", "POST"}),
        ("PUT", track, {"GET", "PATCH", "DELETE"}),
        ("POST", "/health", {"GET"}),
    ):
        check_allow(api, method, path, allowed)


def check_allow(api: Client, method: str, path: str, allowed: set[str]) -> None:
    """Check that a method is answered with 405, and that Allow names others, these among them."""
    answer = api.send(method, path, b"{}" if method != "DELETE" else None)
    answer.must_be(405).problem()
    allow = answer.headers.get("Allow", "")
    listed = {name.strip() for name in allow.split(",")}
    if not allowed <= listed or method in listed:
        expected = f"405 with Allow: {', '.join(sorted(allowed))}"
        answer.fail(expected, f"405 with {f'Allow: {allow}' if allow else 'no Allow'}")


def test_not_found(api: Client) -> None:
    """GET /tracks/{id} answers 404 as application/problem+json"""
    for text in (MISSING, "abc", 10**29):
        api.get(f"/tracks/{text}").problem()
    api.patch(f"/tracks/{MISSING}", {}).problem()
    api.delete(f"/tracks/{MISSING}").problem()


def test_bad_bodies(api: Client) -> None:
    """POST /tracks answers 400, 413 and 415 as application/problem+json"""
    api.send("POST", "/tracks", b'{"title": ').problem()
    api.send("POST", "/tracks", in_bytes({}, MEGABYTE + 1)).problem()
    api.send("POST", "/tracks", b"{}", content_type="text/plain").problem()


def test_invalid(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks answers 422 as application/problem+json with errors of field and message"""
    created = api.create(catalogue.track())
    answers = (
        api.post("/tracks", {"seconds": 0}),
        api.post("/tracks", []),
        api.patch(f"/tracks/{created['id']}", {"seconds": 0}),
        api.get("/tracks", limit=0),
    )
    for answer in answers:
        check_errors(answer)


def check_errors(answer: Exchange) -> None:
    """Check that an answer is a problem document whose errors have field and message."""
    errors = answer.problem().get("errors")
    entries = errors if isinstance(errors, list) else [None]
    if not all(map(is_entry, entries)):
        answer.fail('422 and "errors": a list of {"field": …, "message": …}, both strings')


def with_status(status: int, answers: list[Exchange]) -> list[Exchange]:
    """Return the answers with a status, of which there must be one; that all have it is a rule."""
    found = [answer for answer in answers if answer.status == status]
    return found or answers[0].fail(str(status))


def is_entry(error: object) -> bool:
    """Tell whether this is an entry of `errors`: a field, and a message in words."""
    match error:
        case {"field": str(), "message": str(message)}:
            return bool(message.strip())
    return False


def test_inside_not_shown(api: Client, catalogue: Catalogue) -> None:
    """GET /tracks shows no stack trace, SQL or file path whatever is sent, nor does another path"""
    quotes = "'\"`;--"
    answers = [
        api.get("/tracks", q=quotes, artist=quotes, limit=quotes, offset=10**29),
        api.get("/tracks", q="\0%", artist="\0"),
        api.get(f"/tracks/{10**29}"),
        api.get("/tracks/%FF%00'"),
        api.get("/no-such-path"),
        api.send("PUT", "/tracks"),
        api.post("/tracks", {quotes: quotes, "seconds": 10**29}),
        api.post("/tracks", {"title": "\ud83c\0", "\ud83c\0": 1}),
        api.post("/tracks", [catalogue.track()]),
        api.send("POST", "/tracks", b'{"title": \xff'),
        api.send("POST", "/tracks", b"[" * 90_000),
        api.send("POST", "/tracks", b"1" * 9_000),
        api.send("POST", "/tracks", b"{}", content_type="text/plain"),
    ]
    for answer in answers:
        check_inside(answer)


def check_inside(answer: Exchange) -> None:
    """Check that an answer is no failure of the program, and shows nothing of its inside."""
    if answer.status >= 500:
        answer.fail("a status below 500")
    found = INSIDE.search(answer.body.decode("utf-8", "replace"))
    if found:
        answer.fail(
            "an answer without stack trace, SQL or file path",
            f"{answer.got} (it shows {found[0]!r})",
        )
