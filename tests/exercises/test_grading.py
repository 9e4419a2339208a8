"""What grading gives for no answer, for worked ones, for wrong ones and for other right ones."""

from pathlib import Path

ANSWERS = Path(__file__).parent / "answers"


def test_untouched_scores_nothing(task, points_of) -> None:
    assert points_of(task, "untouched") == 0


def test_worked_answer_scores_in_full_although_it_writes_to_stderr(task, points_of) -> None:
    assert points_of(task, "worked_and_noisy") == task.points


def test_wrong_answer_loses_points(wrong_answer, points_of) -> None:
    task, number = wrong_answer
    assert points_of(task, f"answer_{number}") < task.points


def test_another_right_answer_scores_in_full(right_answer, points_of) -> None:
    task, number = right_answer
    assert points_of(task, f"answer_{number}") == task.points


def test_three_wrong_answers_and_a_right_one_are_kept(task) -> None:
    kinds = [path.stem.partition("_")[0] for path in task.answers]
    assert kinds.count("wrong") >= 3
    assert kinds.count("right") >= 1
    assert set(kinds) == {"wrong", "right"}


def test_every_kept_answer_says_what_is_different(task) -> None:
    for path in task.answers:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith('"""'), path
        assert first.endswith('."""'), path


def test_every_kept_answer_belongs_to_a_task(exercises) -> None:
    tasks = {str(task) for exercise in exercises for task in exercise.tasks}
    for path in ANSWERS.rglob("*.py"):
        assert path.parent.relative_to(ANSWERS).as_posix() in tasks, path
