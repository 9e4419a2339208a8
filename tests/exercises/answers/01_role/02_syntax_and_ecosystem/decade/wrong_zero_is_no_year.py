"""Asks whether the year counts as true, so the year 0 has no decade."""


def decade(year: int | None) -> str | None:
    if not year:
        return None
    return f"{year // 10 * 10}s"


def answer_decade(document):
    return 200, {"decade": decade(document["year"])}


decade_app = as_app(answer_decade)
