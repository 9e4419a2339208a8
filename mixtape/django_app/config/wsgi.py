"""The door for WSGI servers: gunicorn, waitress, granian."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from .bodies import WSGIBodies
from .startup import migrate_on_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mixtape.django_app.config.settings")

application = WSGIBodies(get_wsgi_application(), settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
migrate_on_start()
