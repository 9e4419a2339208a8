"""Django's commands: ``python -m mixtape.django_app.manage migrate``, ``… createsuperuser``."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run the command that the command line names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mixtape.django_app.config.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
