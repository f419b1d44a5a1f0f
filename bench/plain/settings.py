"""Our settings, with a plain nested StreamField in the page editor."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "bench.plain.apps.PlainConfig"]
