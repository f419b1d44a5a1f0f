"""Makes one site ready in a process of its own: `python -m bench.prepare CONTENT_MODULE`, settings by environment."""

import sys
from importlib import import_module

import django
from django.conf import settings
from django.core.management import call_command


def main(content: str) -> None:
    """Migrate an empty database, collect the static files if the site has a place for them, and fill it."""
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    if settings.STATIC_ROOT:
        call_command("collectstatic", verbosity=0, interactive=False)
    import_module(content).fill()


if __name__ == "__main__":
    main(sys.argv[1])
