"""The build takes pinned versions only, and fails where a reader would be let down."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from book.browser import lock, wheels
from book.browser.site import ForeignAddress, build, check
from book.browser.wheels import Wheel, WheelMissing

SETTINGS = {
    "pyodideUrl": "./pyodide.mjs",
    "loadPyodideOptions": {"lockFileURL": "./pyodide-lock.json"},
}


def recipe(**changes: Any) -> dict[str, Any]:
    return {"roots": [], "pure": [], "pins": {}, "absent": {}} | changes


def test_versions_are_those_of_the_learner() -> None:
    pinned = wheels.pins()
    assert all(name in pinned for name in wheels.recipe()["roots"] if name != "micropip")


def test_a_package_without_a_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "recipe", lambda: recipe(roots=["a-package-that-is-not-locked"]))
    with pytest.raises(WheelMissing, match="has no version"):
        wheels.collect(tmp_path, print)


def test_a_package_that_no_browser_can_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "recipe", lambda: recipe(roots=["granian"]))
    with pytest.raises(WheelMissing, match="no wheel that runs in the browser"):
        wheels.collect(tmp_path, print)


def test_a_need_that_is_not_met(tmp_path: Path) -> None:
    path = tmp_path / "a-1.0-py3-none-any.whl"
    path.write_bytes(b"")
    wheel = Wheel("a", "1.0", path, needs=("b",), imports=("a",))
    with pytest.raises(WheelMissing, match="a needs b"):
        lock.write(tmp_path, [wheel], {})
    lock.write(tmp_path, [wheel], {}, absent=["b"])
    entry = json.loads((tmp_path / lock.FILE).read_text("utf-8"))["packages"]["a"]
    assert (entry["imports"], entry["depends"]) == (["a"], [])


@pytest.fixture
def small_site(tmp_path: Path) -> Path:
    plugin = {"@jupyterlite/pyodide-kernel-extension:kernel": SETTINGS}
    content = {"jupyter-config-data": {"litePluginSettings": plugin}}
    (tmp_path / "jupyter-lite.json").write_text(json.dumps(content), "utf-8")
    for name in ("pyodide.mjs", "pyodide-lock.json"):
        (tmp_path / name).write_text("{}", "utf-8")
    return tmp_path


def test_a_site_of_its_own_is_accepted(small_site: Path) -> None:
    check(small_site)


def test_an_address_of_another_host_is_not(small_site: Path) -> None:
    (small_site / "kernel.js").write_text('load("https://cdn.example.net/pyodide.mjs")', "utf-8")
    with pytest.raises(ForeignAddress, match=r"kernel.js names https://cdn\.example\.net"):
        check(small_site)


def test_settings_that_name_no_file_are_not(small_site: Path) -> None:
    (small_site / "pyodide.mjs").unlink()
    with pytest.raises(RuntimeError, match=r"pyodide\.mjs, which is not in the site"):
        check(small_site)


def test_a_site_that_is_up_to_date_is_left_alone(site: Path) -> None:
    told: list[str] = []
    assert build(site, told.append) is False
    assert not told


def test_nothing_is_compiled_in_the_browser(site: Path) -> None:
    folder = site / "static" / "pyodide"
    for archive in (*folder.glob("*.whl"), folder / "python_stdlib.zip"):
        with zipfile.ZipFile(archive) as opened:
            names = opened.namelist()
        modules = [name for name in names if name.endswith(".py")]
        bytecode = [name for name in names if name.endswith(".pyc")]
        assert len(bytecode) == len(modules), archive.name


def test_the_site_has_the_kernels_packages_and_no_foreign_address(site: Path) -> None:
    check(site)
    entries = json.loads((site / "static/pyodide/pyodide-lock.json").read_text("utf-8"))["packages"]
    assert set(wheels.recipe()["at_start"]) <= set(entries)
    for entry in entries.values():
        assert (site / "static/pyodide" / entry["file_name"]).is_file()
