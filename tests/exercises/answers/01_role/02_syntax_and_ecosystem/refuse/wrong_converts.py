"""Makes integers and texts of what comes in, instead of refusing it."""


@dataclass
class Play:
    track_id: int
    listener: str
    seconds: int

    def __post_init__(self) -> None:
        self.track_id = int(self.track_id)
        self.seconds = int(self.seconds)
        self.listener = str(self.listener).strip()
        if self.track_id < 1 or not 0 <= self.seconds <= 36_000:
            raise ValueError("out of range")
        if not 1 <= len(self.listener) <= 100:
            raise ValueError("listener")


def create_play(document):
    try:
        play = Play(**document)
    except (TypeError, ValueError) as error:
        return 422, {"detail": str(error)}
    return 201, asdict(play)


plays_app = as_app(create_play)
