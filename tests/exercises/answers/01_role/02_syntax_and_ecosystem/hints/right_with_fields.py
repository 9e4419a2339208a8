"""Asks the dataclass for its fields, and puts three sets together."""

from dataclasses import MISSING, fields
from typing import get_args


def fits(value, hint):
    return type(value) in (get_args(hint) or (hint,))


def wrong_fields(document: dict[str, object], kind: type) -> list[str]:
    by_name = {field.name: field for field in fields(kind)}
    needed = {name for name, field in by_name.items() if field.default is MISSING}
    known = document.keys() & by_name.keys()
    bad = {name for name in known if not fits(document[name], by_name[name].type)}
    return sorted((needed - document.keys()) | (document.keys() - by_name.keys()) | bad)


def check_document(document):
    wrong = wrong_fields(document["fields"], KINDS[document["kind"]])
    return (422 if wrong else 200), {"wrong": wrong}


hints_app = as_app(check_document)
