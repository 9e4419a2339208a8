"""Parts of an address."""


class IdConverter:
    """A positive integer. Any other text matches no address, and gives 404."""

    # No database counts further than 18 digits, and more might not fit into its integers.
    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """Return the id as a number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Return the id as it stands in an address."""
        return str(value)
