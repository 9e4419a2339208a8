"""Fields that take what the contract allows: REST framework makes a number of "215"."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from .models import MAX_TEXT

# What str.strip() takes off, as characters of a class in a regular expression.
_SPACE = r"\t-\r\u001c- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_INNER = rf"[^\u0000{_SPACE}]"
_TEXT = rf"^[{_SPACE}]*{_INNER}([^\u0000]{{0,{MAX_TEXT - 2}}}{_INNER})?[{_SPACE}]*$"


@extend_schema_field({"type": "string", "pattern": _TEXT})
class TextField(serializers.CharField):
    """A string that is trimmed and then not empty, without NUL and lone surrogates."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the text; the parent, which also takes numbers, sees strings alone."""
        if not isinstance(data, str) and data is not None and data is not serializers.empty:
            self.fail("invalid")
        return super().run_validation(data)


class IntegerField(serializers.IntegerField):
    """An integer of JSON, which is a number without a fraction: 215, and 215.0 as well."""

    def to_internal_value(self, data: Any) -> int:
        """Return the number. True and False are integers to Python, and not to JSON."""
        if isinstance(data, bool) or not isinstance(data, int | float) or data % 1:
            self.fail("invalid")
        return int(data)


class QueryIntegerField(serializers.IntegerField):
    """An integer of a query string, written in the digits 0 to 9."""

    def to_internal_value(self, data: Any) -> int:
        """Return the number; int() alone would also take "1_0", " 10 " and foreign digits."""
        if not (isinstance(data, str) and data.isascii() and data.isdigit() and len(data) <= 19):
            self.fail("invalid")
        return int(data)
