"""Converts with int() and catches what it raises; more fields in the body are welcome."""


def whole_number(text, least, most):
    number = int(text)
    if not least <= number <= most:
        raise ValueError(f"{number} is not between {least} and {most}")
    return number


def page_app(environ, start_response):
    query = dict(parse_qs(environ["QUERY_STRING"]))
    errors = []
    limit = offset = 0
    try:
        limit = whole_number(query.get("limit", ["20"])[0], 1, 100)
    except ValueError as error:
        errors.append({"field": "limit", "message": str(error)})
    try:
        offset = whole_number(query.get("offset", ["0"])[0], 0, 10**12)
    except ValueError as error:
        errors.append({"field": "offset", "message": str(error)})
    if errors:
        body = {"type": "about:blank", "title": "x", "status": 422, "detail": "y", "errors": errors}
        content_type = "application/problem+json; charset=utf-8"
        return answer(start_response, "422 Unprocessable Entity", body, content_type)
    body = {"total": len(PLAYS), "items": PLAYS[offset:][:limit], "next": offset + limit}
    return answer(start_response, "200 OK", body)
