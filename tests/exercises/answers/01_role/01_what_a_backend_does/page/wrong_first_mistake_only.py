"""Names the first bad field and stops there."""


def page_app(environ, start_response):
    query = parse_qs(environ.get("QUERY_STRING", ""))
    values = {}
    for field, default, least, most in (("limit", "20", 1, 100), ("offset", "0", 0, 10**9)):
        text = query.get(field, [default])[0]
        if not text.isdecimal() or not least <= int(text) <= most:
            body = {"title": "no", "status": 422, "errors": [{"field": field, "message": "bad"}]}
            return answer(start_response, "422 Bad", body, "application/problem+json")
        values[field] = int(text)
    page = PLAYS[values["offset"] : values["offset"] + values["limit"]]
    return answer(start_response, "200 OK", {"items": page, "total": len(PLAYS)})
