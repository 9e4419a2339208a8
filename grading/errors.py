"""What the grading commands say when they cannot go on."""


class CannotGradeError(Exception):
    """Nobody can be graded. The message says why and what to do."""
