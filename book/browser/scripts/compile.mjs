// Copy wheels, and Python's library, with the bytecode of their modules beside the source, compiled
// by Pyodide's own Python, and without the files that match a pattern. Otherwise each visit would
// compile them.
//
//     node compile.mjs PYODIDE_FOLDER LEAVE_OUT PAIRS
//
// LEAVE_OUT is a JSON list of patterns of paths inside the archives, PAIRS a JSON object that says
// for each archive where its copy goes.

import { pathToFileURL } from "node:url";
import fs from "node:fs";
import path from "node:path";

const [pyodideFolder, patterns, pairs] = process.argv.slice(2);
const { loadPyodide } = await import(
  pathToFileURL(path.resolve(pyodideFolder, "pyodide.mjs")).href
);
const pyodide = await loadPyodide();
pyodide.globals.set("PATTERNS", patterns);
pyodide.runPython(`
import fnmatch, importlib.util, io, json, site, sys, warnings, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc

warnings.simplefilter("ignore")
PATTERNS = json.loads(PATTERNS)
SITE = site.getsitepackages()[0]
(LIBRARY,) = [place for place in sys.path if place.endswith(".zip")]
TAG = sys.implementation.cache_tag


def compiled(path, source):
    """Return the bytecode file of a module, which is taken without looking at its source."""
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None  # a template, or a test of bad syntax
    return bytes(_code_to_hash_pyc(code, importlib.util.source_hash(source), False))


def cached(name):
    """Return where the bytecode of a wheel's module is looked for."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/__pycache__/{file[:-3]}.{TAG}.pyc".lstrip("/")


def copy(archive, is_library):
    made = io.BytesIO()
    place = LIBRARY if is_library else SITE
    with (
        zipfile.ZipFile(io.BytesIO(archive.to_bytes())) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for name in sorted(old.namelist()):
            if name.endswith("/") or any(fnmatch.fnmatch(name, p) for p in PATTERNS):
                continue
            content = old.read(name)
            # ZipInfo has the same time always: the same archive gives the same copy.
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)
            if name.endswith(".py") and ".data/" not in name:
                # The library stays an archive, from which Python takes what is beside the source.
                bytecode = compiled(f"{place}/{name}", content)
                if bytecode is not None:
                    entry = zipfile.ZipInfo(f"{name}c" if is_library else cached(name))
                    new.writestr(entry, bytecode, zipfile.ZIP_DEFLATED, 9)
    return made.getvalue()
`);
const copy = pyodide.globals.get("copy");
for (const [archive, target] of Object.entries(JSON.parse(pairs))) {
  const made = copy(new Uint8Array(fs.readFileSync(archive)), !archive.endsWith(".whl"));
  // Renamed at the end, so that a build that is stopped leaves no half an archive.
  fs.writeFileSync(`${target}.new`, made.toJs());
  fs.renameSync(`${target}.new`, target);
  made.destroy();
}
