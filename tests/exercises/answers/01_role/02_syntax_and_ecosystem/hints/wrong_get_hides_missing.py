"""Reads with get(), so a field that is missing and one that is null are the same."""


def wrong_fields(document: dict[str, object], kind: type) -> list[str]:
    wrong = set(document) - set(get_type_hints(kind))
    for name, hint in get_type_hints(kind).items():
        value = document.get(name, getattr(kind, name, None))
        if (isinstance(value, bool) and hint is not bool) or not isinstance(value, hint):
            wrong.add(name)
    return sorted(wrong)


def check_document(document):
    wrong = wrong_fields(document["fields"], KINDS[document["kind"]])
    return (422 if wrong else 200), {"wrong": wrong}


hints_app = as_app(check_document)
