import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mixtape.contract.data import Catalogue
from mixtape.contract.exchange import Client, Exchange

pytestmark = pytest.mark.where("errors")

MEGABYTE = 1024 * 1024  # a backend may also draw the line at 1,000,000 bytes
DEEP = 400_000  # levels: more than any parser that calls itself can go down


def in_bytes(track: dict[str, Any], size: int) -> bytes:
    """Return the track as JSON, filled up with white space to a size in bytes."""
    return json.dumps(track).encode().ljust(size)


def post(api: Client) -> Callable[[bytes], Exchange]:
    """Return a function that posts bytes to /tracks."""
    return lambda body: api.send("POST", "/tracks", body)


def test_no_json(api: Client) -> None:
    """POST /tracks answers 400 to a body that is not JSON"""
    for body in (b"", b"a track", b'{"title": ', b"{'title': 'x'}", b'{"title": "x"} {}'):
        api.send("POST", "/tracks", body).must_be(400)


def test_nan(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks answers 400 to NaN and Infinity, which are not JSON"""
    for word in ("NaN", "Infinity", "-Infinity"):
        body = json.dumps(catalogue.track(seconds="?")).replace('"?"', word)
        api.send("POST", "/tracks", body.encode()).must_be(400)


def test_bad_utf8(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks answers 400 to a body that is not UTF-8"""
    body = json.dumps(catalogue.track(title="?"))
    for raw in (b"\xff", b"\xc3", b"\xed\xa0\x80"):
        api.send("POST", "/tracks", body.encode().replace(b"?", raw)).must_be(400)
    api.send("POST", "/tracks", body.replace("?", "é").encode("utf-16")).must_be(400)


def test_nested_too_deep(api: Client) -> None:
    """POST /tracks answers 400 to JSON that is nested too deep"""
    api.send("POST", "/tracks", b"[" * DEEP + b"]" * DEEP).must_be(400)
    api.send("POST", "/tracks", b'{"title": ' + b"[" * DEEP + b"]" * DEEP + b"}").must_be(400)


def test_too_large(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks answers 413 to a body over 1 MB, and reads one that is not"""
    track = catalogue.track()
    api.send("POST", "/tracks", in_bytes(track, 990_000)).must_be(201)
    api.send("POST", "/tracks", in_bytes(track, MEGABYTE + 1)).must_be(413)


def test_too_large_in_chunks(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks answers 413 to a body over 1 MB that does not say its length"""

    def chunks() -> Iterator[bytes]:
        yield json.dumps(catalogue.track()).encode()
        for _ in range(24):
            yield b" " * (MEGABYTE // 16)

    api.send("POST", "/tracks", chunks()).must_be(413)


def test_content_type(api: Client, catalogue: Catalogue) -> None:
    """POST /tracks answers 415 to another content type than application/json, or none"""
    body = json.dumps(catalogue.track()).encode()
    for content_type in ("text/plain", "application/x-www-form-urlencoded", None):
        api.send("POST", "/tracks", body, content_type=content_type).must_be(415)
