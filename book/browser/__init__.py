"""The browser edition: the course's notebooks with Python in the page, and nothing to install.

JupyterLite shows them, Pyodide runs them, and everything comes from the book's own server.
`python -m book.browser` builds it.
"""
