"""The tracks that the rules send: believable, and different in every rule of every run."""

import random
import re
from typing import Any

# No vowels, so that a token spells no word and no word looks like a token; no digits, so that
# upper() changes all of it; no x, with which rules fill up long texts.
_LETTERS = "bcdfghjklmnpqrstvwz"
_LENGTH = 10
_TOKEN = re.compile(rf"(\+|%20| )?[{_LETTERS}]{{{_LENGTH}}}", re.IGNORECASE)


def without_tokens(text: str) -> str:
    """Return the text without tokens, which differ from run to run."""
    return _TOKEN.sub("", text)


class Catalogue:
    """Makes tracks that no other rule and no earlier run has made.

    Every artist ends in a random word, the token. A rule lists its own tracks by asking for its own
    artists, so it also works on a database that is not empty.
    """

    def __init__(self) -> None:
        """Draw the token."""
        self.token = "".join(random.SystemRandom().choices(_LETTERS, k=_LENGTH))

    def artist(self, name: str = "Nina Simone") -> str:
        """Return the name of an artist that only this rule uses."""
        return f"{name} {self.token}"

    def track(self, **fields: Any) -> dict[str, Any]:
        """Return a valid track; each keyword replaces one field, or adds one."""
        return {
            "title": "Feeling Good",
            "artist": self.artist(),
            "seconds": 177,
            "year": 1965,
        } | fields
