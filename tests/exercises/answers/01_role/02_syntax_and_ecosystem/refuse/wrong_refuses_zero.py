"""Takes a value that counts as false for one that is missing, so 0 seconds are refused."""


@dataclass
class Play:
    track_id: int
    listener: str
    seconds: int

    def __post_init__(self) -> None:
        if type(self.track_id) is not int or self.track_id < 1:
            raise ValueError("track_id")
        if not self.seconds or type(self.seconds) is not int or not 0 < self.seconds <= 36_000:
            raise ValueError("seconds")
        if not isinstance(self.listener, str) or not self.listener.strip():
            raise ValueError("listener")
        self.listener = self.listener.strip()
        if len(self.listener) > 100:
            raise ValueError("listener")


def create_play(document):
    try:
        play = Play(**document)
    except (TypeError, ValueError) as error:
        return 422, {"detail": str(error)}
    return 201, asdict(play)


plays_app = as_app(create_play)
