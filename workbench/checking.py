"""Check a backend against the Mixtape contract."""

import sys
from collections.abc import Sequence

from mixtape.contract.data import without_tokens
from mixtape.contract.runner import RuleResult, run
from workbench.logs import last_error
from workbench.report import Report
from workbench.serving import Server
from workbench.session import connect_in

_NAMED = 3  # rules that the error names; the report has them all


class ContractBroken(AssertionError):  # noqa: N818 - to Python it is a failed assertion
    """Rules of the contract do not hold. Its report says which."""

    def __init__(self, report: Report) -> None:
        """Name the first rules that `report` found broken."""
        broken = [result.rule for result in report.broken]
        named = "; ".join(broken[:_NAMED])
        more = f"; and {len(broken) - _NAMED} more" if len(broken) > _NAMED else ""
        super().__init__(f"{len(broken)} of {len(report.results)} rules broken: {named}{more}")
        self.report = report

    def _render_traceback_(self) -> list[str]:
        """Return what Jupyter shows: one line, because the table above has said it all."""
        return [f"{type(self).__name__}: {self}"]


def check(
    target: object,
    level: str = "core",
    *,
    only: str | Sequence[str] | None = None,
    raises: bool = True,
) -> None:
    """Test a backend against the contract and show a report, one row for each rule.

    Args:
        target: the name of an app in the notebook, such as "app"; or an app object, a `Server`,
            or the URL of a server that runs already.
        level: the level of the contract, such as "core".
        only: beginnings of rules, in whole words, to test these alone: "POST /tracks".
        raises: whether broken rules end the cell with ContractBroken.

    Raises:
        ContractBroken: rules do not hold. It is an AssertionError.
        ConnectionError: nothing answers at that URL.
        NameError: no object has that name.
        TypeError: the object is not a web application.
        ValueError: there is no such level, or no rule begins with `only`.
    """
    wanted = [only] if isinstance(only, str) else list(only or ())
    session = connect_in(target, sys._getframe(1).f_globals, purpose="check")
    server = session.server
    mark = server.log_mark() if server else 0
    try:
        results = run(session.base_url, [level], wanted)
        report = Report(level, results, _note(server, mark, results))
    finally:
        if server is not None and session.owns_server:
            server.stop()
    _show(report)
    if raises and report.broken:
        raise ContractBroken(report)


def _note(server: Server | None, mark: int, results: Sequence[RuleResult]) -> str:
    """Return the last error in the server's log when an answer was a failure of the app."""
    if server is None or not any(result.got.startswith("500") for result in results):
        return ""
    error = last_error(server.log_since(mark))
    return f"The app failed; the last error in its log: {without_tokens(error)}" if error else ""


def _show(report: Report) -> None:
    """Show the report as a table in a notebook, else as text."""
    ipython = sys.modules.get("IPython")
    if hasattr(ipython.get_ipython() if ipython else None, "kernel"):
        from IPython.display import display

        display(report)  # type: ignore[no-untyped-call]
        return
    # The console of Windows may have no ✔.
    encoding = sys.stdout.encoding or "utf-8"
    print(str(report).encode(encoding, "replace").decode(encoding))
