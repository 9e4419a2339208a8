"""Leaves early when there is no year, and takes the last digit away."""


def decade(year: int | None) -> str | None:
    if year is None:
        return None
    return str(year - year % 10) + "s"


def answer_decade(document):
    return 200, {"decade": decade(document["year"])}


decade_app = as_app(answer_decade)
