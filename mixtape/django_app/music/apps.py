"""What Django sets up when it starts."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models import CharField
from django.urls import register_converter


class MusicConfig(AppConfig):
    """The app `music`."""

    name = "mixtape.django_app.music"
    label = "music"

    def ready(self) -> None:
        """Teach the database letter case, and the addresses what an id is."""
        from .casefold import Casefold, add_casefold
        from .converters import IdConverter

        CharField.register_lookup(Casefold)
        connection_created.connect(add_casefold, dispatch_uid="mixtape.casefold")
        register_converter(IdConverter, "id")
