"""The plays of tracks, and the chart that is made of them."""

from flask import Blueprint, Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from . import validation
from .database import current_database
from .models import Play, Track
from .problems import Invalid

bp = Blueprint("plays", __name__)


def init_app(app: Flask) -> None:
    """Add the routes of plays and charts to the application."""
    app.register_blueprint(bp)


@bp.post("/plays")
def create_play() -> ResponseReturnValue:
    """Note that a track was played.

    ---
    post:
      requestBody: {required: true, content: {application/json: {schema: NewPlay}}}
      responses:
        201: PlayCreated
        400: NotJSON
        413: TooLarge
        415: OtherMediaType
        422: Invalid
    """
    fields = validation.new_play(validation.read_json(request))
    with current_database().writing() as session:
        play = Play(**fields)
        session.add(play)
        try:
            session.flush()  # the database gives the play its id
        except IntegrityError:
            # The foreign key knows whether there is such a track; asked before, the answer could
            # be out of date.
            message = "is not the id of a track"
            raise Invalid(
                "The play is not valid.", [{"field": "track_id", "message": message}]
            ) from None
        document = play.as_dict()
    return document, 201


@bp.get("/charts")
def read_charts() -> ResponseReturnValue:
    """Answer the tracks that were played, most played first, ties by id.

    ---
    get:
      parameters: [chart_limit]
      responses: {200: Chart, 422: Invalid}
    """
    limit = validation.chart_limit(request)
    plays = func.count(Play.id)
    query = (
        select(Track, plays)
        .join(Play, Play.track_id == Track.id)
        .group_by(Track.id)
        .order_by(plays.desc(), Track.id)
        .limit(limit)
    )
    with current_database().reading() as session:
        rows = session.execute(query)
        return {"items": [{"track": track.as_dict(), "plays": count} for track, count in rows]}
