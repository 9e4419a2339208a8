"""Bring the database up to date when a server starts, if the settings say so."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor


def migrate_on_start() -> None:
    """Apply the migrations that an SQLite database lacks, if MIGRATE_ON_START says so.

    Several workers may call this at the same moment: one migrates and the others wait for it.

    Raises:
        ImproperlyConfigured: the database is another one, where nothing makes the others wait.
    """
    if not settings.MIGRATE_ON_START:
        return
    try:
        if _is_up_to_date():
            return
        if connection.vendor != "sqlite":
            raise ImproperlyConfigured(
                "the database lacks migrations; only SQLite is migrated on start. Run "
                "`python -m mixtape.django_app.manage migrate` once, before the servers start"
            )
        # One transaction around all migrations. It is IMMEDIATE, so it waits until it is the only
        # one that writes. Tables cannot be changed in a transaction that checks foreign keys.
        with connection.constraint_checks_disabled(), transaction.atomic():
            if not _is_up_to_date():
                call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()  # a server may fork now, and processes must not share a connection


def _is_up_to_date() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
