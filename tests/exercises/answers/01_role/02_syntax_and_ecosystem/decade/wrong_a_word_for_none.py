"""Answers a word where the type promises None."""


def decade(year: int | None) -> str | None:
    return "unknown" if year is None else f"{year // 10 * 10}s"


def answer_decade(document):
    return 200, {"decade": decade(document["year"])}


decade_app = as_app(answer_decade)
