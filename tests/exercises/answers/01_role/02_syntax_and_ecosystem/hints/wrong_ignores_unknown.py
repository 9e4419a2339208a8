"""Looks at the fields that the class knows, and at no others."""

from typing import get_args


def wrong_fields(document: dict[str, object], kind: type) -> list[str]:
    wrong = []
    for name, hint in get_type_hints(kind).items():
        if name not in document:
            if not hasattr(kind, name):
                wrong.append(name)
        elif type(document[name]) not in (get_args(hint) or (hint,)):
            wrong.append(name)
    return sorted(wrong)


def check_document(document):
    wrong = wrong_fields(document["fields"], KINDS[document["kind"]])
    return (422 if wrong else 200), {"wrong": wrong}


hints_app = as_app(check_document)
