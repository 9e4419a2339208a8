"""Refuses with the right body and the content type of any JSON."""


def page_app(environ, start_response):
    query = parse_qs(environ.get("QUERY_STRING", ""))
    values, errors = {}, []
    for field, default, least, most in (("limit", "20", 1, 100), ("offset", "0", 0, 10**9)):
        text = query.get(field, [default])[0]
        if text.isdecimal() and least <= int(text) <= most:
            values[field] = int(text)
        else:
            errors.append({"field": field, "message": "out of range"})
    if errors:
        body = {"title": "no", "status": 422, "errors": errors}
        return answer(start_response, "422 Bad", body)
    page = PLAYS[values["offset"] : values["offset"] + values["limit"]]
    return answer(start_response, "200 OK", {"items": page, "total": len(PLAYS)})
