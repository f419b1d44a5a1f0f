"""WSGI entry point of the reference site."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.refsite.settings")
application = get_wsgi_application()
