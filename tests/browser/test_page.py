"""What a reader does: opens a notebook from the book, changes it, runs it, and comes back later."""

import json

import pytest

from .conftest import Watched

PLACES = (
    "chapters/01_role/01_what_a_backend_does.ipynb",
    "exercises/02_advantages/01_flask.ipynb",
)
MODEL = "window.jupyterapp?.shell.currentWidget?.context"


def opened(watched: Watched, path: str) -> None:
    """Open a notebook, and wait until it can be worked with."""
    watched.open(path)
    watched.page.wait_for_function(f"{MODEL}?.isReady && {MODEL}?.path === {json.dumps(path)}")


@pytest.mark.parametrize("path", PLACES)
def test_a_link_of_the_book_opens_the_notebook_and_its_first_cell_runs(
    watched: Watched, path: str
) -> None:
    opened(watched, path)
    watched.page.evaluate(
        """async () => {
            const view = window.jupyterapp.shell.currentWidget;
            await view.sessionContext.ready;
            view.content.activeCellIndex = view.content.widgets.findIndex(
                cell => cell.model.type === "code");
            await window.jupyterapp.commands.execute("notebook:run-cell");
        }"""
    )
    watched.page.wait_for_function(
        f"{MODEL}.model.toJSON().cells.some("
        "cell => cell.cell_type === 'code' && cell.execution_count === 1)"
    )
    # The name is that of a kernel that is here: nobody is asked which one to take.
    assert watched.page.locator(".jp-Dialog").count() == 0
    # Python was started before JupyterLab asked for it, and once.
    assert len(watched.page.workers) == 1
    assert not watched.foreign
    assert not watched.errors


def test_a_restarted_kernel_is_a_new_python(watched: Watched) -> None:
    opened(watched, PLACES[0])
    answers = watched.page.evaluate(
        """async () => {
            const context = window.jupyterapp.shell.currentWidget.sessionContext;
            await context.ready;
            const ask = async code => {
                const request = context.session.kernel.requestExecute({ code });
                const said = [];
                request.onIOPub = ({ content }) => said.push(content.text ?? content.ename ?? "");
                await request.done;
                return said.join("");
            };
            const first = await ask("x = 3; print(x)");
            await context.restartKernel();
            const second = await ask("print('x' in globals())");
            return [first, second, await ask("import flask; print(1)")];
        }"""
    )
    assert answers == ["3\n", "False\n", "1\n"]
    assert not watched.foreign
    assert not watched.errors


def test_an_edit_survives_a_reload(watched: Watched) -> None:
    path = PLACES[1]
    opened(watched, path)
    watched.page.evaluate(
        f"""async () => {{
            const cells = {MODEL}.model.sharedModel.cells;
            cells[cells.length - 1].setSource("# an answer of mine");
            await {MODEL}.save();
        }}"""
    )
    watched.page.goto("about:blank")
    opened(watched, path)
    last = watched.page.evaluate(f"{MODEL}.model.toJSON().cells.at(-1).source")
    assert "".join(last) == "# an answer of mine"
    assert not watched.foreign
    assert not watched.errors
