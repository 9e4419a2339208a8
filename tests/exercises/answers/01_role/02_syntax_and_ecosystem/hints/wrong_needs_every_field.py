"""Calls a field wrong that is missing, also when it has a default."""


def wrong_fields(document: dict[str, object], kind: type) -> list[str]:
    hints = get_type_hints(kind)
    wrong = set(document) ^ set(hints)
    for name in set(document) & set(hints):
        value, hint = document[name], hints[name]
        if (isinstance(value, bool) and hint is not bool) or not isinstance(value, hint):
            wrong.add(name)
    return sorted(wrong)


def check_document(document):
    wrong = wrong_fields(document["fields"], KINDS[document["kind"]])
    return (422 if wrong else 200), {"wrong": wrong}


hints_app = as_app(check_document)
