"""Logs become readable, and their last error is found."""

import traceback

import pytest

from workbench.logs import LIMIT, MemoryLog, ServerFailed, last_error, tail, tidy


def test_marks_stay_right_when_old_text_is_dropped() -> None:
    log = MemoryLog()
    log.write("old\n" * (LIMIT // 4))
    mark = log.mark()
    log.write("new\n")
    assert log.text(mark) == "new\n"
    assert len(log.text()) <= LIMIT
    log.write("x" * (2 * LIMIT))
    assert log.text(mark) == "x" * LIMIT
    assert log.mark() == 4 * (LIMIT // 4) + 4 + 2 * LIMIT


def test_notebook_paths_times_and_carets_are_left_out() -> None:
    log = (
        "/tmp/ipykernel_123/456.py:7: UserWarning: careful\n"
        f"{pytest.__file__}:7: DeprecationWarning: old\n"
        "[2026-11-23 07:23:42,123] ERROR in app: Exception on / [GET]\n"
        "Traceback (most recent call last):\n"
        f'  File "{pytest.__file__}", line 1, in outer\n'
        "    outer()\n"
        "    ^^^^^^^\n"
        '  File "/tmp/ipykernel_123/456.py", line 3, in home\n'
        "    return 1 / 0\n"
        "           ~~^~~\n"
        "ZeroDivisionError: division by zero\n"
        "GET / 500\n"
    )
    assert tidy(log) == (
        "Notebook cell, line 7: UserWarning: careful\n"
        "inside pytest: DeprecationWarning: old\n"
        "ERROR in app: Exception on / [GET]\n"
        "Traceback (most recent call last):\n"
        "  ... inside pytest\n"
        "  Notebook cell, line 3, in home\n"
        "    return 1 / 0\n"
        "ZeroDivisionError: division by zero\n"
        "GET / 500\n"
    )


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (KeyError("id"), "KeyError: 'id'"),
        (ValueError("two\nlines"), "ValueError: two"),
        (NotImplementedError(), "NotImplementedError"),
        (ExceptionGroup("all", [OSError(1, "a"), KeyError("id")]), "KeyError: 'id'"),
    ],
)
def test_the_last_error_of_a_log(error: Exception, line: str) -> None:
    try:
        try:
            raise RuntimeError("the first")
        except RuntimeError:
            try:
                raise error
            except ExceptionGroup as group:
                for member in group.exceptions:
                    try:
                        raise member
                    except Exception:  # now it has a traceback
                        continue
                raise
    except Exception:
        log = "GET / 200\n" + traceback.format_exc() + "GET / 500\n"
    assert last_error(log) == line
    assert last_error(tidy(log)) == line


def test_a_log_without_a_traceback_has_no_error() -> None:
    assert last_error("GET / 200\nValueError: printed by somebody\n") is None
    assert last_error("Traceback (most recent call last):\n  cut off") is None


def test_the_end_of_a_log() -> None:
    assert tail("\n".join(map(str, range(100))), 2) == "98\n99"
    assert tail(" \n") == "(the log is empty)"
    assert str(ServerFailed("no", "Traceback (most recent call last):\nOSError: disk")) == (
        "no (OSError: disk). The end of its log:\n\n"
        "Traceback (most recent call last):\nOSError: disk"
    )
