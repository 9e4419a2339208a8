"""Leaves the types to isinstance, for which true is an integer."""


def wrong_fields(document: dict[str, object], kind: type) -> list[str]:
    hints = get_type_hints(kind)
    wrong = set(document) - set(hints)
    for name, hint in hints.items():
        if name in document:
            if not isinstance(document[name], hint):
                wrong.add(name)
        elif not hasattr(kind, name):
            wrong.add(name)
    return sorted(wrong)


def check_document(document):
    wrong = wrong_fields(document["fields"], KINDS[document["kind"]])
    return (422 if wrong else 200), {"wrong": wrong}


hints_app = as_app(check_document)
