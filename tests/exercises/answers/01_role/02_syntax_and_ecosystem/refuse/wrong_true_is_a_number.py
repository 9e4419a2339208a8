"""Asks isinstance alone, so true passes for 1."""


@dataclass
class Play:
    track_id: int
    listener: str
    seconds: int

    def __post_init__(self) -> None:
        if not isinstance(self.track_id, int) or self.track_id < 1:
            raise ValueError("track_id")
        if not isinstance(self.seconds, int) or not 0 <= self.seconds <= 36_000:
            raise ValueError("seconds")
        if not isinstance(self.listener, str):
            raise ValueError("listener")
        self.listener = self.listener.strip()
        if not 1 <= len(self.listener) <= 100:
            raise ValueError("listener")


def create_play(document):
    try:
        play = Play(**document)
    except (TypeError, ValueError) as error:
        return 422, {"detail": str(error)}
    return 201, asdict(play)


plays_app = as_app(create_play)
