"""The project: settings, addresses, and the doors for WSGI and ASGI servers."""
