"""Has one rule for both integers, and lets strip() fail on what is no text."""


@dataclass
class Play:
    track_id: int
    listener: str
    seconds: int

    def __post_init__(self) -> None:
        for name, least, most in (("track_id", 1, None), ("seconds", 0, 36_000)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"{name} is no integer")
            if value < least or (most is not None and value > most):
                raise ValueError(f"{name} is out of range")
        try:
            self.listener = self.listener.strip()
        except AttributeError:
            raise ValueError("listener is no text") from None
        if not self.listener or len(self.listener) > 100:
            raise ValueError("listener is empty or too long")


def create_play(document):
    try:
        play = Play(**document)
    except (TypeError, ValueError) as error:
        return 422, {"detail": str(error)}
    return 201, asdict(play)


plays_app = as_app(create_play)
