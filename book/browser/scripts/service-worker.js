// Let JupyterLite's service worker answer for the notebook's folder only. Files that it would fetch
// and hand on unchanged come straight to the page: the browser then keeps WebAssembly compiled from
// one visit to the next.
self.addEventListener("fetch", event => {
  if (!new URL(event.request.url).pathname.includes("/api/")) event.stopImmediatePropagation();
});
self.addEventListener("install", event => {
  if (!event.addRoutes || !self.URLPattern) return;
  const files = { urlPattern: new URLPattern({ pathname: "*/static/*" }) };
  event.waitUntil(event.addRoutes({ condition: files, source: "network" }));
});
