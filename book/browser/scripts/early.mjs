// Start Python as soon as a worker of the kernel exists, instead of when JupyterLab, which takes
// as long to start as Python does, asks for it.
//
// The kernel is told that this is Pyodide (`pyodideUrl`). What it asks for then is on its way.

import { loadPyodide as load } from "./pyodide.mjs";

const PLUGIN = "@jupyterlite/pyodide-kernel-extension:kernel";
// Imported before the kernel, or the first cells, do.
const IMPORTS = "import piplite.piplite, pyodide_kernel, requests, workbench.session";

async function start() {
  const root = new URL("../../", import.meta.url);
  const answer = await fetch(new URL("jupyter-lite.json", root));
  const settings = (await answer.json())["jupyter-config-data"].litePluginSettings[PLUGIN];
  const options = settings.loadPyodideOptions;
  const pyodide = await load({
    ...options,
    indexURL: new URL(".", import.meta.url).href,
    lockFileURL: new URL(options.lockFileURL, root).href,
  });
  pyodide.runPython(IMPORTS);
  return pyodide;
}

const started = start().catch((error) => {
  console.warn("Python did not start early:", error);
});

/** Return the Pyodide that is being started; if that fails, one as the kernel asks for it. */
export async function loadPyodide(options) {
  const pyodide = await started;
  if (!pyodide) return load(options);
  pyodide.setStdout({ batched: options.stdout });
  pyodide.setStderr({ batched: options.stderr });
  return pyodide;
}
