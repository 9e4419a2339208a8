"""Rules for the cells of a task, so that a grader can run its checks apart from the answer."""

import ast
import builtins
import sys

ALLOWED = {"http", "connect", "explain", *dir(builtins)}
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


def defined(tree: ast.AST) -> set[str]:
    """All names that a piece of code gives a meaning to."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
    return names


def made_for_others(tree: ast.Module) -> set[str]:
    """The names that a cell leaves behind for the cells below it."""
    names: set[str] = set()
    for node in tree.body:
        is_named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        names |= {node.name} if is_named else defined(node)
    return names


def used(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_an_exercise_has_three_to_six_tasks(exercise) -> None:
    assert 3 <= len(exercise.tasks) <= 6


def test_cells_of_a_task_have_their_names_and_points(task) -> None:
    assert task.solution.metadata.nbgrader.grade is False
    assert "hide-input" in task.solution.metadata.tags
    for cell in task.checks:
        about = cell.metadata.nbgrader
        assert about.grade
        assert about.locked
        assert not about.solution
        assert about.points > 0
        assert about.schema_version == 3
    assert "remove-cell" in task.checks[1].metadata.tags
    assert BEGIN not in task.checks[0].source


def test_a_task_has_no_cells_but_these(exercise) -> None:
    names = {task.name for task in exercise.tasks}
    expected = {f"{name}{end}" for name in names for end in ("", "_check", "_hidden")}
    assert set(exercise.cells) == expected


def test_a_check_begins_with_connect_and_a_literal(task) -> None:
    for cell in task.checks:
        assert cell.source.startswith(f'http = connect("{task.app}")\n')
        calls = [
            node
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "connect"
        ]
        assert len(calls) == 1


def test_a_check_uses_only_what_it_may(task) -> None:
    for cell in task.checks:
        tree = ast.parse(cell.source)
        assert used(tree) - defined(tree) <= ALLOWED
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert all(alias.name in sys.stdlib_module_names for alias in node.names)
            assert not isinstance(node, ast.ImportFrom)


def test_a_check_ends_in_an_assertion_or_prints_one_line(task) -> None:
    for cell in task.checks:
        last = ast.parse(cell.source).body[-1]
        is_print = isinstance(last, ast.Expr) and getattr(last.value.func, "id", "") == "print"
        assert isinstance(last, ast.Assert) or is_print
        kinds = [output.output_type for output in cell.outputs]
        assert kinds == ["stream"], "execute it anew; nbclient's coalesce_streams joins pieces"
        assert cell.outputs[0].text.count("\n") == 1


def test_an_assertion_explains_itself(task) -> None:
    for cell in task.checks:
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, ast.Assert) or node.msg is not None, ast.unparse(node)


def test_an_assertion_that_the_learner_sees_says_where_to_look(task) -> None:
    for node in ast.walk(ast.parse(task.checks[0].source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "explain":
            assert len(node.args) == 3, ast.unparse(node)


def test_hidden_checks_are_hidden_whole_and_draw_their_data(task) -> None:
    lines = task.checks[1].source.splitlines()
    assert lines.count(BEGIN) == lines.count(END) == 1
    assert lines[-1] == END
    shown = lines[1 : lines.index(BEGIN)]
    assert all(line.startswith("#") for line in shown)
    assert "random.Random(" in task.checks[1].source


def test_tasks_do_not_need_each_other(task) -> None:
    needed = used(ast.parse(task.solution.source)) | {task.app}
    for other in task.exercise.tasks:
        if other is not task:
            made = made_for_others(ast.parse(other.solution.source))
            assert not made & needed, f"{task} uses what {other} makes"
