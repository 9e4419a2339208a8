"""Finds all that is wrong, and leaves it in the order in which it was found."""


def wrong_fields(document: dict[str, object], kind: type) -> list[str]:
    hints = get_type_hints(kind)
    wrong = [name for name in document if name not in hints]
    for name, hint in hints.items():
        value = document.get(name)
        if name not in document:
            bad = not hasattr(kind, name)
        else:
            bad = (isinstance(value, bool) and hint is not bool) or not isinstance(value, hint)
        if bad:
            wrong.append(name)
    return wrong


def check_document(document):
    wrong = wrong_fields(document["fields"], KINDS[document["kind"]])
    return (422 if wrong else 200), {"wrong": wrong}


hints_app = as_app(check_document)
