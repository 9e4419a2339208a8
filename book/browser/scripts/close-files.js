// Where the window is narrow, close the list of files: the notebook would have no room.
(function closeFiles() {
  if (!matchMedia("(max-width: 760px)").matches) return;
  const shell = window.jupyterapp?.shell;
  if (!shell?.currentWidget?.context?.isReady) return setTimeout(closeFiles, 100);
  // Opening the notebook shows the list once more, a moment later.
  window.jupyterapp.restored.then(() => setTimeout(() => shell.collapseLeft(), 1000));
})();
