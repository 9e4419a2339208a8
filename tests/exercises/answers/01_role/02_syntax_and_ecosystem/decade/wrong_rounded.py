"""Rounds to the nearest ten, so 1999 is in the 2000s."""


def decade(year: int | None) -> str | None:
    return None if year is None else f"{round(year, -1)}s"


def answer_decade(document):
    return 200, {"decade": decade(document["year"])}


decade_app = as_app(answer_decade)
