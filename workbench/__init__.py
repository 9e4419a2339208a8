"""The learner's toolbox: start servers, call them, check them, load them and draw the results.

The names are imported when they are first used, so that `import workbench` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.checking import check
    from workbench.comparing import compare
    from workbench.explaining import explain
    from workbench.logs import ServerFailed
    from workbench.measuring import Load, Measurement, load, measure
    from workbench.quizzes import quiz
    from workbench.serving import Server, serve
    from workbench.session import Session, connect
    from workbench.tables import Table, table

__all__ = [
    "Load",
    "Measurement",
    "Server",
    "ServerFailed",
    "Session",
    "Table",
    "check",
    "compare",
    "connect",
    "explain",
    "load",
    "measure",
    "quiz",
    "serve",
    "table",
]

_HOMES = {
    "Load": "measuring",
    "Measurement": "measuring",
    "Server": "serving",
    "ServerFailed": "logs",
    "Session": "session",
    "Table": "tables",
    "check": "checking",
    "compare": "comparing",
    "connect": "session",
    "explain": "explaining",
    "load": "measuring",
    "measure": "measuring",
    "quiz": "quizzes",
    "serve": "serving",
    "table": "tables",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
