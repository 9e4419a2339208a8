"""Guesses beside measurements: a picture, and the same in words."""

import math
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from workbench import compare

GUESSES = {"Flask": 100, "FastAPI": 300.5}
MEASURED = {"Flask": 812.34, "FastAPI": 2412}
WORDS = (
    "How many? (requests a second): Flask: guess 100, measured 812; "
    "FastAPI: guess 300, measured 2,412"
)


@pytest.fixture(scope="module")
def output(kernel: Any) -> dict[str, Any]:
    request = kernel.start(
        f"from workbench import compare\n"
        f"compare({GUESSES}, {MEASURED}, unit='requests a second', title='How many?')"
    )
    found: dict[str, Any] = {"text": ""}
    while True:
        message = kernel.client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != request:
            continue
        content = message["content"]
        if message["msg_type"] == "display_data":
            found.update(content)
        elif message["msg_type"] == "stream":
            found["text"] += content["text"]
        elif message["msg_type"] == "error":
            raise AssertionError(content["evalue"])
        elif content.get("execution_state") == "idle":
            return found


def test_the_words_are_below_the_picture_and_part_of_it(output: dict[str, Any]) -> None:
    assert output["text"] == f"{WORDS}\n"
    assert output["data"]["text/plain"] == WORDS
    assert output["metadata"]["image/svg+xml"]["alt"] == WORDS
    svg = ET.fromstring(output["data"]["image/svg+xml"])
    assert (svg.get("role"), svg.get("aria-label")) == ("img", WORDS)


def test_the_picture_has_text_hatching_and_no_background(output: dict[str, Any]) -> None:
    source = output["data"]["image/svg+xml"]
    svg = ET.fromstring(source)
    texts = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    for text in (
        "How many?",
        "requests a second",
        "your guess",
        "measured",
        "Flask",
        "812",
        "2,412",
    ):
        assert text in texts
    assert len(list(svg.iter("{http://www.w3.org/2000/svg}pattern"))) == 1
    assert "#ffffff" not in source
    assert "#000000" not in source
    assert "fill: #767676" in source


def test_outside_a_notebook_the_words_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    compare(GUESSES, MEASURED, unit="requests a second", title="How many?")
    assert capsys.readouterr().out == f"{WORDS}\n"


@pytest.mark.parametrize(
    ("guesses", "measured", "words"),
    [
        ({"Flask": 1}, MEASURED, "these differ: 'FastAPI'"),
        ({}, {}, "nothing to compare"),
        ({"Flask": None}, {"Flask": 1}, "the guess for 'Flask' is None; write a number"),
        ({"Flask": ...}, {"Flask": 1}, "the guess for 'Flask' is Ellipsis; write a number"),
        ({"Flask": 1}, {"Flask": math.nan}, "the measurement for 'Flask' is nan"),
        ({"Flask": -1}, {"Flask": 1}, "0 or more"),
    ],
)
def test_numbers_that_are_missing_or_wrong(guesses: Any, measured: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        compare(guesses, measured, unit="s", title="How long?")
