"""Bends a bad value to the nearest good one instead of refusing it."""


def page_app(environ, start_response):
    query = parse_qs(environ.get("QUERY_STRING", ""))
    try:
        limit = max(1, min(100, int(query.get("limit", ["20"])[0])))
        offset = max(0, int(query.get("offset", ["0"])[0]))
    except ValueError:
        limit, offset = 20, 0
    page = PLAYS[offset : offset + limit]
    return answer(start_response, "200 OK", {"items": page, "total": len(PLAYS)})
