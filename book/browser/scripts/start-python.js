// JupyterLab makes the kernel's worker when all else is there. Make it first, where a notebook will
// be opened, and hand it over. With cross-origin isolation the kernel has another worker.
(function startPython() {
  if (crossOriginIsolated || !new URLSearchParams(location.search).get("path")) return;
  const address = new URL("../WORKER", location.href).href;
  const Ordinary = Worker;
  let early = new Ordinary(address, { type: "module" });
  window.Worker = class extends Ordinary {
    constructor(url, options) {
      if (early && String(url) === address) {
        const made = early;
        early = null;
        return made;
      }
      super(url, options);
    }
  };
})();
