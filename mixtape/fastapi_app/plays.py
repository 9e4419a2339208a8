"""Plays, and the chart that is made of them."""

from fastapi import APIRouter
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from .bodies import StrictJSONRoute
from .dependencies import ReadSession, WriteSession
from .models import Play, Track
from .problems import invalid, problems
from .schemas import Chart, Limit, PlayCreate, PlayPublic

router = APIRouter(tags=["plays"], route_class=StrictJSONRoute)


@router.post(
    "/plays",
    status_code=201,
    response_model=PlayPublic,
    responses=problems(400, 413, 415, 422),
)
def create_play(fields: PlayCreate, session: WriteSession) -> Play:
    """Note that a track was played; refused when there is no such track."""
    play = Play(**fields.model_dump())
    session.add(play)
    try:
        session.commit()
    except IntegrityError:
        # The foreign key knows whether there is such a track; asking first could be out of date.
        raise invalid("track_id", "There is no track with this id") from None
    return play


@router.get("/charts", response_model=Chart, responses=problems(422))
def read_charts(session: ReadSession, limit: Limit = 10) -> dict[str, object]:
    """List the tracks that were played: most played first, ties by id."""
    plays = func.count(Play.id)
    chart = (
        select(Track, plays)
        .join(Play, Play.track_id == Track.id)
        .group_by(Track.id)
        .order_by(plays.desc(), Track.id)
        .limit(limit)
    )
    return {"items": [{"track": track, "plays": count} for track, count in session.execute(chart)]}
