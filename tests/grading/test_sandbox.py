"""A stranger's code can use little, see little and leave nothing."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from grading.candidate import Candidate, LostError
from grading.sandbox import Limits

NAP = f"4321.{os.getpid()}"  # seconds, and no other run's


def value(candidate: Candidate, source: str, seconds: float = 10) -> str:
    """Run a cell; return its last output as text."""
    output = candidate.run(source, seconds)[-1]
    return output.data["text/plain"] if "data" in output else f"{output.ename}: {output.evalue}"


def test_cells_run_as_in_a_kernel(candidate: Candidate) -> None:
    outputs = candidate.run("import sys\nprint('a')\nprint('b', file=sys.stderr)\nx = 3\nx", 10)
    assert [(o.output_type, o.get("text") or o.data["text/plain"]) for o in outputs] == [
        ("stream", "a\n"),
        ("stream", "b\n"),
        ("execute_result", "3"),
    ]
    assert value(candidate, "x + _") == "6"
    assert value(candidate, "%time None\nawait __import__('asyncio').sleep(0, 'waited')")
    (error,) = candidate.run("1 / 0", 10)
    assert (error.output_type, error.ename) == ("error", "ZeroDivisionError")
    (error,) = candidate.run("def", 10)
    assert error.ename == "SyntaxError"


def test_nothing_of_the_machine_is_seen(candidate: Candidate, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    course = Path(__file__).resolve().parents[2]
    for path in (
        secret,
        course / "solutions",
        course / "grading" / "gradebook.db",
        course / "data",
    ):
        assert value(candidate, f"__import__('os').path.exists({str(path)!r})") == "False"
    assert value(candidate, "sorted(__import__('os').environ)").count("TOKEN") == 0
    assert int(value(candidate, "len(__import__('glob').glob('/proc/[0-9]*'))")) < 5
    assert "'grading/sandboxed'" not in value(candidate, "__import__('os').listdir('.')")


def test_the_learners_files_are_there(candidate: Candidate) -> None:
    candidate.put({"data/a.csv": b"1", "b.txt": b""})
    assert value(candidate, "open('data/a.csv').read()") == "'1'"
    assert value(candidate, "import os; sorted(os.listdir('.'))") == "['b.txt', 'data']"


def test_candidates_share_nothing(sandbox_works: None) -> None:
    first, second = Candidate(), Candidate()
    try:
        first.run("import random, json\njson.left = 1\nopen('left', 'w').write('x')", 10)
        second.run("import os, random, json", 10)
        assert value(second, "hasattr(json, 'left'), os.path.exists('left')") == "(False, False)"
        assert value(first, "random.random()") != value(second, "random.random()")
    finally:
        first.stop()
        second.stop()


def test_files_for_which_there_is_no_place_cost_the_candidate(candidate: Candidate) -> None:
    with pytest.raises(LostError, match=r"could not be stored: .*(space|large)"):
        candidate.put({f"part{n}": bytes(2**20) for n in range(70)})


@pytest.mark.parametrize(
    "action",
    [
        "socket.create_connection(('192.0.2.1', 80), 2)",
        "open('/usr/evil', 'w')",
        "open('/evil', 'w')",
        "open('/course/workbench/evil.py', 'w')",
        "os.setuid(0)",
        "os.memfd_create('x')",
        "os.unshare(os.CLONE_NEWUSER) if hasattr(os, 'unshare') else os.setuid(0)",
        "subprocess.run(['mount', '-t', 'tmpfs', 'x', '/mnt'], check=True)",
    ],
)
def test_what_must_not_work_does_not(candidate: Candidate, action: str) -> None:
    (error,) = candidate.run(f"import os, socket, subprocess\n{action}", 10)
    assert error.output_type == "error", error


def test_the_first_process_cannot_be_ended(candidate: Candidate) -> None:
    # Whether that is an error depends on whose process it is.
    candidate.run("import os\ntry:\n    os.kill(1, 9)\nexcept PermissionError:\n    pass", 10)
    assert value(candidate, "1 + 1") == "2"


def test_nobody_has_rights_or_can_get_them(candidate: Candidate) -> None:
    read = "dict(line.split(':\t') for line in open('/proc/self/status').read().splitlines())"
    candidate.run(f"status = {read}", 10)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(value(candidate, f"status['{name}']").strip("'"), 16) == 0
    assert value(candidate, "status['NoNewPrivs'], status['Seccomp']") == "('1', '2')"
    assert value(candidate, "__import__('os').getuid() != 0") == "True"


def test_the_disk_is_small(candidate: Candidate) -> None:
    for place in (".", "/tmp", "/dev/shm"):
        message = value(candidate, f"open('{place}/big', 'wb').write(bytes(65 * 2**20))")
        assert "Error" in message, message
    write = "for n in range(100): open(f'part{n}', 'wb').write(bytes(2**20))"
    assert "No space left" in value(candidate, write)


def test_memory_is_limited_for_all_processes_together(sandbox_works: None) -> None:
    candidate = Candidate(Limits(memory=300 * 2**20))
    share = "import os, time\nfor _ in range(4):\n    if not os.fork():\n        break\n"
    try:
        with pytest.raises(LostError, match="memory"):
            candidate.run(share + "x = b'x' * (100 * 2**20)\ntime.sleep(20)", 25)
    finally:
        candidate.stop()


@pytest.mark.parametrize(
    "bomb",
    [
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
        "import threading, time\n"
        "while True:\n    threading.Thread(target=time.sleep, args=(99,)).start()",
        "import subprocess\nwhile True:\n    subprocess.Popen(['sleep', '99'])",
    ],
)
def test_bombs_of_processes_end(candidate: Candidate, bomb: str) -> None:
    try:
        (error,) = candidate.run(bomb, 8)
        assert error.output_type == "error"
    except LostError:
        pass
    candidate.stop()
    assert psutil.cpu_count()  # the machine still answers


def test_a_loop_is_stopped_and_the_next_cell_runs(candidate: Candidate) -> None:
    swallowing = "while True:\n    try:\n        pass\n    except Exception:\n        pass"
    (error,) = candidate.run(swallowing, 0.5)
    assert "ran for too long" in error.evalue
    assert value(candidate, "1 + 1") == "2"


def test_a_loop_that_swallows_everything_costs_the_candidate(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grading.candidate.GRACE", 1.0)
    deaf = "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n"
    with pytest.raises(LostError, match="could not be stopped"):
        candidate.run(deaf + "while True: pass", 0.5)


@pytest.mark.parametrize(
    "end", ["import os; os._exit(0)", "import os; os.kill(os.getpid(), 9)", "quit_now()"]
)
def test_a_candidate_that_ends_itself_is_lost(candidate: Candidate, end: str) -> None:
    define = "import ctypes\ndef quit_now():\n    ctypes.string_at(0)"
    candidate.run(define, 10)
    with pytest.raises(LostError, match="ended"):
        candidate.run(end, 10)


def test_output_is_cut(candidate: Candidate) -> None:
    outputs = candidate.run("for _ in range(2000): print('x' * 100_000)", 30)
    text = "".join(output.get("text", "") for output in outputs)
    assert len(text) < 1_200_000
    assert text.endswith("[cut: too much output]\n")


@pytest.mark.parametrize(
    "answer",
    [
        b'{"outputs": [{"output_type": "error"}, 7, {"output_type": "stream", "name": "x"}]}\n',
        b'{"outputs": [{"output_type": "display_data", "data": {"text/html": "<script>"}}]}\n',
        b'{"outputs": "all points"}\n',
        b"[" * 100_000 + b"\n",
        b"not JSON\n",
        b"\xff\xfe\n",
        b"x" * 9_000_000,
    ],
)
def test_forged_answers_are_harmless(candidate: Candidate, answer: bytes) -> None:
    """A learner's code finds the socket to the grader, and writes what it likes to it."""
    source = (
        "import os\n"
        "for handle in range(3, 50):\n"
        "    try:\n"
        f"        os.write(handle, {answer[:300]!r} * {max(1, len(answer) // 300)} or b'')\n"
        "    except OSError:\n"
        "        pass\n"
    )
    if len(answer) <= 300:
        source = source.replace(" * 1 or b''", "")
    try:
        outputs = candidate.run(source, 5)
    except LostError:
        return
    assert not any("html" in str(output) for output in outputs)


def test_nothing_is_left_running(sandbox_works: None) -> None:
    candidate = Candidate()
    candidate.run(
        "import os, subprocess\n"
        f"subprocess.Popen(['setsid', 'sleep', '{NAP}'], start_new_session=True)\n"
        "if os.fork() == 0:\n    os.setsid()\n    __import__('time').sleep(4321)",
        5,
    )
    # setsid forks: for a moment the process has one number when they are listed, then another.
    assert becomes(True, sleeping), "the processes have not begun"
    candidate.stop()
    assert becomes(False, sleeping), "a process has outlived its sandbox"


def test_a_sandbox_half_made_does_not_outlive_a_grader_that_is_killed(
    sandbox_works: None, tmp_path: Path
) -> None:
    # bubblewrap killed between two of its steps leaves a process that waits for ever. This one
    # stands for it: it hears of no end.
    stuck = tmp_path / "bwrap"
    stuck.write_text("#!/bin/sh\nwhile :; do sleep 1; done < /dev/null > /dev/null\n")
    stuck.chmod(0o755)
    program = (
        "from grading import sandbox, zygote\n"
        "zygote.warm_up(())\nprint(zygote.mark(), flush=True)\nsandbox.Sandbox('probe')"
    )
    grader = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with grader:
        assert grader.stdout is not None
        mark = grader.stdout.readline().strip()

        def made() -> bool:
            return any(process_line(p)[-1:] == [mark] for p in psutil.process_iter())

        assert becomes(True, made), "nothing was started"
        grader.kill()
    assert becomes(False, made), "a process has outlived the grader"


def sleeping() -> bool:
    return any(NAP in process_line(process) for process in psutil.process_iter())


def becomes(wanted: bool, state: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while state() is not wanted and time.monotonic() < until:
        time.sleep(0.05)
    return state() is wanted


def process_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
