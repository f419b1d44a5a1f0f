"""Our settings, with a plain nested StreamField in the page editor."""

from config.settings import *  # noqa: F403 - all of them, that is the point
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "bench.plain.apps.PlainConfig"]
