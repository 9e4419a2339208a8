// Copy wheels with the bytecode of their modules beside the source, compiled by Pyodide's own
// Python, and without the files that match a pattern. Otherwise each visit would compile them.
//
//     node compile.mjs PYODIDE_FOLDER PATTERNS PAIRS
//
// PATTERNS is a JSON list of patterns of paths inside wheels, PAIRS a JSON object that says for
// each wheel where its copy goes.

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
PLACE = site.getsitepackages()[0]
TAG = sys.implementation.cache_tag


def compiled(name, source):
    """Return the bytecode file of a module, which is taken without looking at its source."""
    try:
        code = compile(source, f"{PLACE}/{name}", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None  # a template, or a test of bad syntax
    return bytes(_code_to_hash_pyc(code, importlib.util.source_hash(source), False))


def copy(wheel, archive):
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive.to_bytes())) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for name in sorted(old.namelist()):
            if name.endswith("/") or any(fnmatch.fnmatch(name, p) for p in PATTERNS):
                continue
            content = old.read(name)
            # ZipInfo has the same time always: the same wheel gives the same copy.
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)
            if name.endswith(".py") and ".data/" not in name:
                folder, _, file = name.rpartition("/")
                cache = f"{folder}/__pycache__/" if folder else "__pycache__/"
                bytecode = compiled(name, content)
                if bytecode is not None:
                    entry = zipfile.ZipInfo(f"{cache}{file[:-3]}.{TAG}.pyc")
                    new.writestr(entry, bytecode, zipfile.ZIP_DEFLATED, 9)
    return made.getvalue()
`);
const copy = pyodide.globals.get("copy");
for (const [wheel, target] of Object.entries(JSON.parse(pairs))) {
  const made = copy(wheel, new Uint8Array(fs.readFileSync(wheel)));
  // Renamed at the end, so that a build that is stopped leaves no half a wheel.
  fs.writeFileSync(`${target}.new`, made.toJs());
  fs.renameSync(`${target}.new`, target);
  made.destroy();
}
