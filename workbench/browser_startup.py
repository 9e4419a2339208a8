# The kernel of the browser edition runs this once in the notebook's namespace, before any cell.
# ruff: noqa: D100
__import__("workbench.browser").browser.activate()
