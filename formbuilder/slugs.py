"""The address of a form's guide page among its neighbours. Residents go by the code; nobody has to think of a slug."""

from itertools import chain, count

from django.utils.text import slugify
from wagtail.models import Page


def free_slug(parent: Page, code: str) -> str:
    """The code, with a number where another page below the parent has it."""
    taken = set(parent.get_children().values_list("slug", flat=True))
    base = slugify(code) or "form"
    return next(slug for slug in chain([base], (f"{base}-{number}" for number in count(2))) if slug not in taken)
