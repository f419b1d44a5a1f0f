"""wagtail.contrib.forms's own export, as its button makes it. Loaded by bench.exports, when Django is set up."""

from collections.abc import Callable
from pathlib import Path

from django.contrib.auth import get_user_model
from django.test import RequestFactory
from wagtail.contrib.forms.models import FormSubmission
from wagtail.models import Page, Site

from bench.exports import COLUMNS, people
from bench.refsite.models import FormField, FormPage


def seed(size: int, _: Path) -> None:
    """A page of twenty items, and so many submissions to it."""
    page = FormPage(title=f"{size}件", slug=f"big{size}")
    page.form_fields = [
        FormField(sort_order=at, clean_name=f"f{at}", label=f"項目{at}", field_type="singleline")
        for at in range(COLUMNS)
    ]
    Page.objects.get(pk=Site.objects.get(is_default_site=True).root_page_id).add_child(instance=page)
    page.save_revision().publish()
    made = (FormSubmission(page_id=page.pk, form_data=answers) for answers in people(size))
    FormSubmission.objects.bulk_create(made, batch_size=2000)
    get_user_model().objects.get_or_create(username="bench", defaults={"is_superuser": True, "is_active": True})


def _theirs(format_: str) -> Callable[[int, Path], None]:
    def write(size: int, file: Path) -> None:
        request = RequestFactory().get("/", {"export": format_})
        request.user = get_user_model().objects.get(username="bench")
        response = FormPage.objects.get(slug=f"big{size}").serve_submissions_list_view(request)
        with file.open("wb") as target:
            target.writelines(response.streaming_content)

    return write


WAYS = {"seed_reference": seed, "wagtail_csv": _theirs("csv"), "wagtail_xlsx": _theirs("xlsx")}
