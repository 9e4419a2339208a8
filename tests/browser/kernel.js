// Run the cells of a notebook in a new kernel of the page's JupyterLite, as its notebook view does,
// and leave what they print in window.ran[path].
async ([path, cells]) => {
  window.ran = window.ran ?? {};
  const { sessions } = window.jupyterapp.serviceManager;
  const session = await sessions.startNew({
    path,
    name: path,
    type: "notebook",
    kernel: { name: "python" },
  });
  const found = [];
  for (const [number, cell] of cells.entries()) {
    const outputs = [];
    const request = { code: cell.source, store_history: true, stop_on_error: false };
    const future = session.kernel.requestExecute(request, false, {
      ...cell.metadata,
      cellId: `cell-${number}`,
    });
    future.onIOPub = ({ header, content }) => {
      if (["stream", "display_data", "execute_result", "error"].includes(header.msg_type)) {
        outputs.push({ output_type: header.msg_type, ...content });
      }
    };
    await future.done;
    found.push(outputs);
    window.progress = `${path}: cell ${number + 1} of ${cells.length}`;
  }
  await session.shutdown();
  session.dispose();
  window.ran[path] = found;
}
