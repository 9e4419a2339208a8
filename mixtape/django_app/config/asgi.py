"""The door for ASGI servers: uvicorn, granian."""

import os
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.asgi import get_asgi_application

from .bodies import ASGIBodies
from .startup import migrate_on_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mixtape.django_app.config.settings")

application = ASGIBodies(get_asgi_application(), settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
# An ASGI server may import this while its event loop runs, where Django refuses to wait for the
# database; in a thread of its own no loop runs.
with ThreadPoolExecutor(max_workers=1) as _pool:
    _pool.submit(migrate_on_start).result()
