"""Uses a range, makes the number itself and returns a pair for the 404."""

decades_app = Flask("decades")


@decades_app.route("/decades/<start>")
def decade(start: str):
    years = range(int(start), int(start) + 10) if start.isdecimal() else []
    found = list(filter(lambda track: track["year"] in years, TRACKS))
    if len(found) == 0:
        return jsonify(error="none"), 404
    return jsonify(total=len(found), items=found)
