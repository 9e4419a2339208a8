"""What the grading commands say when they cannot go on."""

OPEN = "--run-learners-code-with-my-rights"  # the option that gives the sandbox up


class CannotGradeError(Exception):
    """Nobody can be graded. The message says why and what to do."""
